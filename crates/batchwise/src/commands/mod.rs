mod check;
mod count;
mod diff;
mod estimate;
mod explain;
mod plan;
mod policy;
mod prices;

use std::error::Error;

use batchwise_plan::Plan;
use batchwise_planner::{Context, Inspector, Row, Watch};
use jiff::civil::Date;

use crate::args::{Cli, Command, PlanningArgs};
use crate::error::CliError;
use crate::exit::Exit;
use crate::input::Inputs;
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
        Command::Prices(args) => prices::run(args, today),
        Command::Policy(args) => policy::run(args),
        Command::Explain(args) => explain::run(args),
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
) -> Result<Plan, CliError> {
    let mut witness = Witness::new(&args.reading, Progress::new(inputs.bytes, args.reading.quiet), on_row);
    let plan = make_plan_watched(args, settings, inputs, None, &mut witness);
    witness.tell_the_rest();
    plan
}

/// Makes a plan of the inputs, which must stay as they are meanwhile.
fn make_plan_watched(
    args: &PlanningArgs,
    settings: &Settings,
    inputs: Inputs,
    inspector: Option<&dyn Inspector>,
    watch: &mut dyn Watch,
) -> Result<Plan, CliError> {
    let context = Context {
        book: &settings.book,
        estimator: settings.estimator.as_ref(),
        terms: &settings.terms,
        threads: settings.threads,
        inspector,
    };
    let mut scratch = ScratchFile::new(args.ids_in_memory);
    let plan = batchwise_planner::plan(inputs.sources, &context, &mut scratch, watch);
    let plan = plan.map_err(|error| scratch.explain(error))?;
    settings.check_unchanged(args, &plan)?;
    Ok(plan)
}

/// That whoever read our output has gone away is no fault: the exit code still tells about the plan.
fn unless_closed(written: Result<(), CliError>) -> Result<(), CliError> {
    written.or_else(|error| if error.is_closed_pipe() { Ok(()) } else { Err(error) })
}
