mod choices;
mod conditions;
mod matrix;
mod rows;

use std::io;

use batchwise_planner::{CacheScenario, Context, Inspected, Inspector, Price, Region, Row, Variant};
use batchwise_records::Flaw;
use batchwise_rules::{Circumstances, Subject};
use jiff::civil::Date;

use super::unless_closed;
use crate::args::{CompareArgs, CompareFormat, PlanningArgs};
use crate::comparison::Comparison;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::Output;
use crate::progress::Progress;
use crate::scratch_file::ScratchFile;
use crate::settings::Settings;
use crate::witness::Witness;
use crate::{input, screen};
use conditions::Conditions;
use matrix::Matrix;

/// `batchwise compare`: the same workload under other conditions. The exit code is that of the workload as it is.
pub(crate) fn run(args: &CompareArgs, today: Date) -> Result<Exit, CliError> {
    refuse(&args.planning)?;
    let settings = Settings::new(&args.planning, today)?;
    let matrix = Matrix::new(&args.what_if, &settings)?;
    let inputs = input::open(&args.planning.reading.files)?;
    let out = Output::open(args.output.as_deref(), args.planning.inputs())?;

    let guards: Vec<Guard<'_>> =
        matrix.variants.iter().map(|conditions| Guard::new(&settings, conditions)).collect();
    let variants: Vec<Variant<'_>> =
        matrix.variants.iter().map(|conditions| variant(conditions, &guards)).collect();
    let context = Context {
        book: &settings.book,
        estimator: settings.estimator.as_ref(),
        terms: &settings.terms,
        threads: settings.threads,
        inspector: None,
        route: None,
    };
    let progress = Progress::new(inputs.bytes, args.planning.reading.quiet);
    let mut on_row = |_: &Row<'_>| ();
    let mut witness = Witness::new(&args.planning.reading, progress, &mut on_row);
    let mut scratch = ScratchFile::new(args.planning.ids_in_memory);
    let compared =
        batchwise_planner::compare(inputs.sources, &context, &variants, &mut scratch, &mut witness)
            .map_err(|error| scratch.explain(error))?;
    witness.tell_the_rest();
    settings.check_unchanged(&args.planning, &compared.plan)?;

    let exit = Exit::of(compared.plan.verdict);
    let comparison = matrix.comparison(compared);
    unless_closed(out.write_all_with(|out| print(args, &comparison, out)))?;
    Ok(exit)
}

fn print(args: &CompareArgs, comparison: &Comparison, out: &mut dyn io::Write) -> io::Result<()> {
    match args.format {
        CompareFormat::Table => {
            let width = args.width.map_or_else(|| screen::width().max(80), usize::from);
            out.write_all(screen::shown(screen::comparison(comparison, width)).as_bytes())
        }
        CompareFormat::Md => out.write_all(screen::comparison_in_markdown(comparison).as_bytes()),
        CompareFormat::Html => out.write_all(screen::comparison_in_html(comparison).as_bytes()),
        CompareFormat::Csv => rows::write(comparison, out),
        CompareFormat::Json => {
            serde_json::to_writer_pretty(&mut *out, comparison)?;
            out.write_all(b"\n")
        }
    }
}

/// What a comparison cannot do in one pass, or would do for some variants only.
fn refuse(args: &PlanningArgs) -> Result<(), CliError> {
    const TWICE: &str = "reads the inputs twice";
    const OWN: &str = "counts for the models that the requests name";
    let refused = [
        ("--cache primed", TWICE, args.cache == Some(CacheScenario::Primed)),
        ("--group-by-prefix", TWICE, args.group_by_prefix),
        ("--exact", OWN, args.reading.exact.exact.is_some()),
        ("--sample", OWN, args.reading.sample.is_some()),
        ("--max-usd", "cuts other batches at other prices", args.max_usd.is_some()),
    ];
    match refused.into_iter().find(|(.., is_given)| *is_given) {
        Some((option, why, _)) => Err(CliError::NotCompared { option, why }),
        None => Ok(()),
    }
}

fn variant<'v>(conditions: &'v Conditions<'_>, guards: &'v [Guard<'_>]) -> Variant<'v> {
    let guard = guards.iter().find(|guard| guard.is_for(conditions));
    Variant {
        model: conditions.model,
        max_tokens: conditions.max_tokens,
        terms: &conditions.terms,
        inspector: guard.map(|guard| guard as &dyn Inspector),
    }
}

/// Looks at each request as the API will.
struct Guard<'g> {
    circumstances: Circumstances<'g>,
}

impl<'g> Guard<'g> {
    fn new(settings: &'g Settings, Conditions { terms, .. }: &'g Conditions<'_>) -> Guard<'g> {
        let circumstances = Circumstances {
            book: &settings.book,
            day: terms.day,
            api_version: terms.api_version,
            betas: &terms.betas,
        };
        Guard { circumstances }
    }

    /// Whether it looks at requests that are sent so.
    fn is_for(&self, conditions: &Conditions<'_>) -> bool {
        let Circumstances { api_version, betas, .. } = self.circumstances;
        api_version == conditions.terms.api_version && betas == conditions.terms.betas
    }
}

impl Inspector for Guard<'_> {
    fn inspect(&self, inspected: &Inspected<'_>) -> Vec<Flaw> {
        let &Inspected { request, model, input, price } = inspected;
        let is_in_us = matches!(price, Price::Known { region: Region::Us, .. });
        batchwise_rules::inspect(&Subject { request, model, input, is_in_us }, &self.circumstances)
    }
}
