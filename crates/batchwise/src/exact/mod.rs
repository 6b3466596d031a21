//! Exact mode: the API counts a sample of the requests, and all estimates are corrected by it.
//!
//! The inputs are read three times: once to estimate all requests and draw the sample, once to fetch the drawn
//! ones and have them counted, and once more by the command itself. Nothing here runs, and no connection is
//! opened, unless `--exact` is given.

mod count_cache;
mod counting_desk;
mod surveyor;

use std::ops::RangeInclusive;
use std::path::PathBuf;

use batchwise_api::{ApiVersion, count_tokens_body};
use batchwise_calibration::{CalibratedEstimator, Calibration, Content, Counted, Design, Pick, Provenance};
use batchwise_findings::Severity;
use batchwise_planner::Source;
use batchwise_records::{ChunkReader, Request};
use batchwise_tokens::Estimator;
use batchwise_units::Tokens;
use jiff::civil::Date;

use crate::args::ReadingArgs;
use crate::error::CliError;
use crate::progress::Progress;
use crate::screen::grouped;
use crate::{input, screen};
use counting_desk::CountingDesk;
use surveyor::Place;
pub(crate) use surveyor::{Nobody, Surveyor};

/// How many refusals in a row, before anything was counted, mean that something else is wrong.
const REFUSALS_AT_FIRST_MAX: u64 = 20;

/// How many refusals are told one by one, unless all are asked for.
const REFUSALS_TOLD: u64 = 20;

/// Counts by estimates, of a cell: what lies outside is told. No kind of request that was recorded comes near.
const CREDIBLE_RATIOS: RangeInclusive<f64> = 0.5..=2.0;

/// How much of an input is read at once.
const CHUNK_BYTES: usize = 1 << 20;

/// What the user asks for.
pub(crate) struct Ask<'a> {
    pub(crate) reading: &'a ReadingArgs,
    /// The version of the API.
    pub(crate) version: ApiVersion,
    /// The beta headers the requests will be sent with.
    pub(crate) betas: &'a [String],
    pub(crate) today: Date,
}

/// Has a sample counted and corrects the estimator by it, if the user asks for that. `survey` goes over all
/// sources with the estimator as it is, and lets the surveyor see every request.
pub(crate) fn calibrated(
    estimator: Box<dyn Estimator>,
    ask: &Ask<'_>,
    survey: impl FnOnce(Vec<Source<'static>>, &dyn Estimator, &mut Surveyor) -> Result<(), CliError>,
) -> Result<Box<dyn Estimator>, CliError> {
    let Some(sample) = ask.reading.exact.exact else { return Ok(estimator) };
    input::refuse_streams(&ask.reading.files, "--exact", "three times")?;
    let mut desk = CountingDesk::open(ask, sample)?;
    let inputs = input::open(&ask.reading.files)?;
    let mut surveyor = Surveyor::new(&inputs, sample, ask.reading.quiet);
    survey(inputs.sources, estimator.as_ref(), &mut surveyor)?;
    let design = surveyor.design();
    if design.picks().is_empty() {
        return Ok(estimator);
    }
    let counts = count(&design, &mut desk, ask.reading)?;
    if counts.is_empty() {
        return Err(CliError::NothingCounted { asked: desk.tally.refused });
    }
    let provenance = Provenance {
        source: format!("{}, version {}", desk.endpoint(), ask.version),
        days: desk.days(),
        refused: desk.tally.refused,
    };
    let calibration = design.calibrate(counts);
    doubt(&calibration, &desk.endpoint());
    Ok(Box::new(CalibratedEstimator::new(estimator, calibration, &provenance)))
}

/// Warns of counts that no error of the estimates explains.
fn doubt(calibration: &Calibration, endpoint: &str) {
    let ratios = calibration.cells().iter().filter_map(|cell| Some((&cell.name, cell.factor?.ratio)));
    for (cell, ratio) in ratios.filter(|(_, ratio)| !CREDIBLE_RATIOS.contains(ratio)) {
        let message = format!(
            "{cell}: the counts are {ratio:.3} times the offline estimates, which are seldom off by half: \
             is {endpoint} the API?"
        );
        screen::tell(Severity::Warning, &message);
    }
}

/// Has the drawn requests counted, in their order.
fn count(
    design: &Design<Place>,
    desk: &mut CountingDesk,
    args: &ReadingArgs,
) -> Result<Vec<Counted>, CliError> {
    let drawn = design.picks().len() as u64;
    let tell = |message: String| {
        if !args.quiet {
            screen::tell(Severity::Note, &message);
        }
    };
    let (sample, all) = (grouped(drawn), grouped(design.requests()));
    tell(format!("{sample} of {all} requests are counted at {}, which is free", desk.endpoint()));
    let progress = Progress::counting(drawn, args.quiet);
    let told_max = if args.verbose { u64::MAX } else { REFUSALS_TOLD };
    let mut counts = Vec::new();
    fetch(design.picks(), &args.files, |pick, name, line, request| {
        match desk.count(&count_tokens_body(request.params.iter()))? {
            Ok(tokens) => {
                let content = Content::of(&request);
                counts.push(Counted::new(pick, request.custom_id.into_owned(), content, Tokens(tokens)));
            }
            Err(refusal) => {
                if !args.quiet && desk.tally.refused <= told_max {
                    let place = format!("{name}:{line} `{}`", request.custom_id);
                    let message = format!("{place} is left out of the sample: {refusal}");
                    progress.suspend(|| screen::tell(Severity::Warning, &message));
                }
                if counts.is_empty() && desk.tally.refused >= REFUSALS_AT_FIRST_MAX {
                    return Err(CliError::NothingCounted { asked: desk.tally.refused });
                }
            }
        }
        progress.step();
        Ok(())
    })?;
    drop(progress);
    tell(desk.tally.to_string());
    Ok(counts)
}

/// Reads the inputs as far as needed and hands over each pick with its number, its place and its request. Holds
/// one chunk at a time.
fn fetch(
    picks: &[Pick<Place>],
    files: &[PathBuf],
    mut each: impl FnMut(usize, &str, u64, Request<'_>) -> Result<(), CliError>,
) -> Result<(), CliError> {
    let mut picks = picks.iter().enumerate().peekable();
    for (index, Source { name, content }) in input::open(files)?.sources.into_iter().enumerate() {
        let mut chunks = ChunkReader::new(content, CHUNK_BYTES);
        while picks.peek().is_some_and(|(_, pick)| pick.place.0 == index) {
            let changed = || CliError::Changed { name: name.clone() };
            let chunk = chunks.next_chunk().map_err(|_| changed())?.ok_or_else(changed)?;
            for line in chunk.lines() {
                if let Some((pick, _)) = picks.next_if(|(_, pick)| pick.place == (index, line.number)) {
                    let request = Request::parse(line.content).map_err(|_| changed())?;
                    each(pick, &name, line.number, request)?;
                }
            }
        }
    }
    Ok(())
}
