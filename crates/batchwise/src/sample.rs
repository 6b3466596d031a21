//! Sampling: a sample of the texts is counted, and the others are estimated by it.
//!
//! The inputs are read twice: once for the sample, of which most lines are not even parsed, and once by the command
//! itself.

use std::num::NonZero;

use batchwise_calibration::{SampledEstimator, TextSample};
use batchwise_findings::Severity;
use batchwise_planner::SampleContext;
use batchwise_pricing::PriceBook;
use batchwise_tokens::Estimator;

use crate::args::{ReadingArgs, TokenizerName};
use crate::error::CliError;
use crate::progress::Progress;
use crate::{input, screen};

/// What `--sample` cannot go with. Looked at before anything is opened.
pub(crate) fn check(args: &ReadingArgs) -> Result<(), CliError> {
    if args.sample.is_none() {
        return Ok(());
    }
    if args.tokenizer != TokenizerName::Claude {
        return Err(CliError::SampleTokenizer);
    }
    input::refuse_streams(&args.files, "--sample", "twice")
}

/// Puts an estimator by a sample of the texts in the place of `estimator`, if the user asks for that and there are
/// enough of them.
pub(crate) fn sampled(
    estimator: Box<dyn Estimator>,
    args: &ReadingArgs,
    book: &PriceBook,
    threads: NonZero<usize>,
) -> Result<Box<dyn Estimator>, CliError> {
    let Some(sampling) = args.sample else { return Ok(estimator) };
    let inputs = input::open(&args.files)?;
    let mut sample = TextSample::default();
    let progress = Progress::new(inputs.bytes, args.quiet);
    let context = SampleContext { book, one_in: sampling.one_in, threads };
    let mut on_progress = |bytes| progress.set(bytes, 0);
    batchwise_planner::sample(inputs.sources, &context, &mut on_progress, &mut |window| sample.note(window))?;
    drop(progress);
    match SampledEstimator::new(sample.fit(), sampling.one_in) {
        Some(sampled) => Ok(Box::new(sampled)),
        None => {
            if !args.quiet {
                screen::tell(
                    Severity::Note,
                    "there is too little text for a sample of this rate: all of it is counted, as without --sample",
                );
            }
            Ok(estimator)
        }
    }
}
