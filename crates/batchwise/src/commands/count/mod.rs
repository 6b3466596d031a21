mod requests;
mod text_counts;
mod texts;
mod totals;

use std::num::NonZero;

use batchwise_findings::Verdict;
use batchwise_planner::{Count, CountContext, CountedRow, Row};
use batchwise_pricing::PriceBook;
use batchwise_tokens::Estimator;
use jiff::civil::Date;

use crate::args::{CountArgs, CountBy, CountFormat};
use crate::error::CliError;
use crate::exact::{Ask, Nobody};
use crate::exit::Exit;
use crate::input::{self, Inputs};
use crate::output::Output;
use crate::progress::Progress;
use crate::stamps::Stamps;
use crate::witness::Witness;
use crate::{exact, sample, screen, settings};

/// `batchwise count`: counts input tokens and nothing else.
pub(crate) fn run(args: &CountArgs, today: Date) -> Result<Exit, CliError> {
    check_format(args)?;
    sample::check(&args.reading)?;
    let counter = Counter {
        args,
        stamps: Stamps::of(&args.reading),
        book: settings::book(args.pricing.as_deref())?,
        estimator: settings::estimator(args.reading.tokenizer),
        threads: settings::threads(&args.reading),
    };
    let inputs = input::open(&args.reading.files)?;
    let out = Output::open(args.output.as_deref(), args.inputs())?;
    let counter = counter.calibrated(today)?;
    match args.by {
        _ if args.text => texts::run(&counter, inputs, out),
        Some(CountBy::CustomId) => requests::run(&counter, inputs, out),
        by => totals::run(&counter, by, inputs, out),
    }
}

/// Rows come one by one and totals at once, so neither has every format.
fn check_format(args: &CountArgs) -> Result<(), CliError> {
    match (args.by, args.format) {
        _ if args.text && args.reading.exact.exact.is_some() => Err(CliError::RequestsOnly("--exact")),
        _ if args.text && args.reading.sample.is_some() => Err(CliError::RequestsOnly("--sample")),
        (Some(CountBy::CustomId), CountFormat::Json) => Err(CliError::JsonOfRequests),
        (Some(CountBy::CustomId), _) => Ok(()),
        (_, CountFormat::Jsonl) => Err(CliError::JsonlOfTotals),
        _ => Ok(()),
    }
}

/// What was asked for, and who counts.
struct Counter<'a> {
    args: &'a CountArgs,
    stamps: Stamps,
    book: PriceBook,
    estimator: Box<dyn Estimator>,
    threads: NonZero<usize>,
}

impl Counter<'_> {
    fn method(&self) -> &str {
        self.estimator.method()
    }

    /// Lets the estimator learn from a sample, if the user asks for that.
    fn calibrated(self, today: Date) -> Result<Self, CliError> {
        let Counter { args, stamps, book, estimator, threads } = self;
        let estimator = sample::sampled(estimator, &args.reading, &book, threads)?;
        let version = args.reading.exact.api_version.unwrap_or_default();
        let ask = Ask { reading: &args.reading, version, betas: &[], today };
        let estimator = exact::calibrated(estimator, &ask, |sources, estimator, surveyor| {
            let context = CountContext { book: &book, estimator, threads };
            batchwise_planner::count(sources, &context, &mut Nobody, &mut |row| surveyor.counted(row))?;
            Ok(())
        })?;
        Ok(Counter { args, stamps, book, estimator, threads })
    }

    /// Counts the requests of the inputs and draws what is found on standard error.
    fn count(&self, inputs: Inputs, on_row: &mut dyn FnMut(&CountedRow<'_>)) -> Result<Count, CliError> {
        let context =
            CountContext { book: &self.book, estimator: self.estimator.as_ref(), threads: self.threads };
        let reading = &self.args.reading;
        let mut no_plan = |_: &Row<'_>| ();
        let mut witness = Witness::new(reading, Progress::new(inputs.bytes, reading.quiet), &mut no_plan);
        let count = batchwise_planner::count(inputs.sources, &context, &mut witness, on_row);
        witness.tell_the_rest();
        let count = count?;
        self.stamps.check(reading)?;
        Ok(count)
    }
}

/// The exit code of a count. Where the data is for a machine, the people are told what it does not cover.
fn conclude(count: &Count, format: CountFormat) -> Exit {
    if count.uncounted_lines > 0 && format != CountFormat::Human {
        screen::error(&screen::uncounted(count.uncounted_lines));
    }
    exit(count.verdict)
}

fn exit(verdict: Verdict) -> Exit {
    Exit::of(verdict)
}
