mod cancel;
mod check;
mod compare;
mod count;
mod diff;
mod estimate;
mod explain;
mod plan;
mod policy;
mod prices;
mod report;
mod results;
mod retry;
mod simulate;
mod status;
mod submit;

use std::error::Error;

use batchwise_findings::{Finding, Rule};
use batchwise_planner::{CacheScenario, Context, Inspector, Planned, Route, Row, Watch};
use jiff::civil::Date;

pub(crate) use retry::{ErrorLine, RetryReport};

use crate::args::{Cli, Command, PlanningArgs};
use crate::error::CliError;
use crate::exit::Exit;
use crate::input::{self, Inputs};
use crate::progress::Progress;
use crate::scratch_file::ScratchFile;
use crate::screen;
use crate::settings::Settings;
use crate::witness::Witness;

/// Runs one command and tells what went wrong, if something did.
pub(crate) fn run(cli: &Cli, today: Date) -> Exit {
    let outcome = match &cli.command {
        Command::Plan(args) => plan::run(args, today),
        Command::Check(args) => check::run(args, today),
        Command::Estimate(args) => estimate::run(args, today),
        Command::Count(args) => count::run(args, today),
        Command::Diff(args) => diff::run(args),
        Command::Compare(args) => compare::run(args, today),
        Command::Report(args) => report::run(args),
        Command::Results(args) => results::run(args),
        Command::Retry(args) => retry::run(args, today),
        Command::Prices(args) => prices::run(args, today),
        Command::Policy(args) => policy::run(args),
        Command::Explain(args) => explain::run(args),
        Command::Submit(args) => submit::run(args, today),
        Command::Status(args) => status::run(args),
        Command::Cancel(args) => cancel::run(args),
        Command::Simulate(args) => simulate::run(args),
    };
    match outcome {
        Ok(exit) => exit,
        Err(error) if error.is_closed_pipe() => Exit::Fine,
        Err(error) => {
            complain(&error);
            Exit::Unusable
        }
    }
}

fn complain(error: &CliError) {
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        message.push_str(&format!(": {error}"));
        cause = error.source();
    }
    screen::error(&message);
}

/// Makes a plan of the inputs and draws what is found on standard error.
fn make_plan(
    args: &PlanningArgs,
    settings: &Settings,
    inputs: Inputs,
    on_row: &mut dyn FnMut(&Row<'_>),
) -> Result<Planned, CliError> {
    let mut witness = Witness::new(&args.reading, Progress::new(inputs.bytes, args.reading.quiet), on_row);
    let plan = make_plan_watched(args, settings, inputs, None, &mut witness);
    witness.tell_the_rest();
    plan
}

/// Makes a plan of the inputs, which must stay as they are meanwhile. Where requests are regrouped by what they share,
/// they are read twice.
fn make_plan_watched(
    args: &PlanningArgs,
    settings: &Settings,
    inputs: Inputs,
    inspector: Option<&dyn Inspector>,
    watch: &mut dyn Watch,
) -> Result<Planned, CliError> {
    let regrouped = match settings.terms.cache {
        CacheScenario::Primed => Some("--cache primed"),
        _ => settings.terms.group_by_prefix.then_some("--group-by-prefix"),
    };
    let Some(option) = regrouped else {
        return make_pass(args, settings, inputs, Looking { inspector, route: None, watch });
    };
    input::refuse_streams(&args.reading.files, option, "twice")?;
    let first = Looking { inspector: None, route: None, watch: &mut FirstPass(watch) };
    let first = make_pass(args, settings, inputs, first)?;
    let inputs = input::open(&args.reading.files)?;
    let second = Looking { inspector, route: first.route.as_ref(), watch };
    let planned = make_pass(args, settings, inputs, second)?;
    let changed =
        first.plan.inputs.iter().zip(&planned.plan.inputs).find(|(one, two)| one.sha256 != two.sha256);
    match changed {
        Some((input, _)) => Err(CliError::Changed { name: input.path.clone() }),
        None => Ok(planned),
    }
}

/// Who looks at the requests of a pass, and what the pass before has found.
struct Looking<'l> {
    inspector: Option<&'l dyn Inspector>,
    route: Option<&'l Route>,
    watch: &'l mut dyn Watch,
}

/// Of a first pass nothing is told but how far it is: the second finds the same.
struct FirstPass<'w>(&'w mut dyn Watch);

impl Watch for FirstPass<'_> {
    fn finding(&mut self, _: Finding) {}

    fn wants_spot(&self, _: Rule) -> bool {
        false
    }

    fn progress(&mut self, bytes: u64, requests: u64) {
        self.0.progress(bytes, requests);
    }
}

fn make_pass(
    args: &PlanningArgs,
    settings: &Settings,
    inputs: Inputs,
    looking: Looking<'_>,
) -> Result<Planned, CliError> {
    let context = Context {
        book: &settings.book,
        estimator: settings.estimator.as_ref(),
        terms: &settings.terms,
        threads: settings.threads,
        inspector: looking.inspector,
        route: looking.route,
    };
    let mut scratch = ScratchFile::new(args.ids_in_memory);
    let planned = batchwise_planner::plan(inputs.sources, &context, &mut scratch, looking.watch);
    let planned = planned.map_err(|error| scratch.explain(error))?;
    settings.check_unchanged(args, &planned.plan)?;
    Ok(planned)
}

/// That whoever read our output has gone away is no fault: the exit code still tells about the plan.
fn unless_closed(written: Result<(), CliError>) -> Result<(), CliError> {
    written.or_else(|error| if error.is_closed_pipe() { Ok(()) } else { Err(error) })
}

/// So many batches, for people: `batch 3`, `batches 3, 4 and 7 others`.
fn named(batches: &[u32]) -> String {
    const NAMED: usize = 8;
    let names: Vec<String> = batches.iter().take(NAMED).map(u32::to_string).collect();
    match batches.len() {
        1 => format!("batch {}", names[0]),
        count if count > NAMED => format!("batches {} and {} others", names.join(", "), count - NAMED),
        _ => format!("batches {}", names.join(", ")),
    }
}
