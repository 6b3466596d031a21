//! Exact mode: the API counts a sample of the requests, and all estimates are corrected by it.
//!
//! The inputs are read three times: once to estimate all requests and draw the sample, once to fetch the drawn
//! ones and have them counted, and once more by the command itself. Nothing here runs, and no connection is
//! opened, unless `--exact` is given.

mod count_cache;
mod counting_desk;

use std::path::PathBuf;

use batchwise_api::count_tokens_body;
use batchwise_calibration::{
    CalibratedEstimator, Counted, Design, Pick, Provenance, SizeClass, Stratum, Survey,
};
use batchwise_findings::{Finding, Severity};
use batchwise_plan::{Fingerprint, Plan};
use batchwise_planner::{Context, Row, Source, Watch};
use batchwise_records::{ChunkReader, Request};
use batchwise_units::Tokens;
use jiff::civil::Date;

use crate::args::PlanningArgs;
use crate::error::CliError;
use crate::progress::Progress;
use crate::screen::grouped;
use crate::settings::Settings;
use crate::{input, screen};
use counting_desk::CountingDesk;

/// Which sample is drawn. Any number does, as long as it stays: then the next run finds its counts again.
const SEED: u64 = 20_261_121;

/// How many refusals in a row, before anything was counted, mean that something else is wrong.
const REFUSALS_AT_FIRST_MAX: u64 = 20;

/// How many refusals are told one by one, unless all are asked for.
const REFUSALS_TOLD: u64 = 20;

/// How much of an input is read at once.
const CHUNK_BYTES: usize = 1 << 20;

/// Where a request is: the number of its input, counted from 0, and of its line, counted from 1.
type Place = (usize, u64);

/// Has a sample counted and corrects the estimator of `settings` by it, if the user asks for that.
pub(crate) fn calibrated(settings: Settings, args: &PlanningArgs, today: Date) -> Result<Settings, CliError> {
    let Some(sample) = args.exact.exact else { return Ok(settings) };
    refuse_streams(&args.reading.files)?;
    let mut desk = CountingDesk::open(&args.exact, sample, &args.betas, today)?;
    let (design, inputs) = survey(&settings, args, sample.requests)?;
    if design.picks().is_empty() {
        return Ok(Settings { inputs: Some(inputs), ..settings });
    }
    let counts = count(&design, &mut desk, args)?;
    if counts.is_empty() {
        return Err(CliError::NothingCounted { asked: desk.tally.refused });
    }
    let provenance = Provenance {
        source: format!("{}, version {}", desk.endpoint(), args.exact.api_version),
        days: desk.days(),
        refused: desk.tally.refused,
    };
    let estimator = CalibratedEstimator::new(settings.estimator, design.calibrate(counts), &provenance);
    Ok(Settings { estimator: Box::new(estimator), inputs: Some(inputs), ..settings })
}

/// That the inputs of a plan are those that the sample was drawn from.
pub(crate) fn check_unchanged(before: Option<&[Fingerprint]>, plan: &Plan) -> Result<(), CliError> {
    let Some(before) = before else { return Ok(()) };
    match plan.inputs.iter().zip(before).find(|(input, before)| input.sha256 != **before) {
        Some((input, _)) => Err(CliError::Changed { name: input.path.clone() }),
        None => Ok(()),
    }
}

fn refuse_streams(files: &[PathBuf]) -> Result<(), CliError> {
    // What does not exist has its own error, when it is opened.
    let stream = files.iter().find(|path| input::is_stdin(path) || (path.exists() && !path.is_file()));
    match stream.filter(|path| !path.is_dir()) {
        Some(path) => Err(CliError::NotAFile { path: path.clone() }),
        None => Ok(()),
    }
}

/// Estimates everything once, to see what there is, and draws the sample. Says what the inputs were.
fn survey(
    settings: &Settings,
    args: &PlanningArgs,
    sample: usize,
) -> Result<(Design<Place>, Vec<Fingerprint>), CliError> {
    let inputs = input::open(&args.reading.files)?;
    let names = inputs.sources.iter().map(|source| source.name.clone()).collect();
    let progress = Progress::new(inputs.bytes, args.reading.quiet);
    let mut surveyor = Surveyor { survey: Survey::new(sample, SEED), names, progress };
    let context = Context {
        book: &settings.book,
        estimator: settings.estimator.as_ref(),
        terms: &settings.terms,
        threads: settings.threads,
    };
    let plan = batchwise_planner::plan(inputs.sources, &context, &mut surveyor)?;
    Ok((surveyor.survey.design(), plan.inputs.into_iter().map(|input| input.sha256).collect()))
}

/// Watches a plan that is made for nothing but its rows.
struct Surveyor {
    survey: Survey<Place>,
    names: Vec<String>,
    progress: Progress,
}

impl Watch for Surveyor {
    /// The command tells all findings when it makes its own plan.
    fn finding(&mut self, _: Finding) {}

    fn row(&mut self, row: &Row<'_>) {
        let appraisal = row.appraisal;
        let input = self.names.iter().position(|name| name == row.file);
        let (Some(input), None) = (input, row.left_out) else { return };
        let likely = appraisal.tokens.input.likely().unwrap_or_default();
        let stratum =
            Stratum { model: appraisal.model.clone(), kind: appraisal.kind, size: SizeClass::of(likely) };
        self.survey.note(stratum, &appraisal.custom_id, appraisal.tokens.input, (input, row.line));
    }

    fn progress(&mut self, bytes: u64, requests: u64) {
        self.progress.set(bytes, requests);
    }
}

/// Has the drawn requests counted, in their order.
fn count(
    design: &Design<Place>,
    desk: &mut CountingDesk,
    args: &PlanningArgs,
) -> Result<Vec<Counted>, CliError> {
    let drawn = design.picks().len() as u64;
    let tell = |message: String| {
        if !args.reading.quiet {
            screen::tell(Severity::Note, &message);
        }
    };
    let (sample, all) = (grouped(drawn), grouped(design.requests()));
    tell(format!("{sample} of {all} requests are counted at {}, which is free", desk.endpoint()));
    let progress = Progress::counting(drawn, args.reading.quiet);
    let told_max = if args.reading.verbose { u64::MAX } else { REFUSALS_TOLD };
    let mut counts = Vec::new();
    fetch(design.picks(), &args.reading.files, |pick, name, line, request| {
        match desk.count(&count_tokens_body(request.params.iter()))? {
            Ok(tokens) => counts.push(Counted::new(pick, request.custom_id.into_owned(), Tokens(tokens))),
            Err(refusal) => {
                if !args.reading.quiet && desk.tally.refused <= told_max {
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
