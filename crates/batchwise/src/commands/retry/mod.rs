mod choice;
mod copies;
mod report;

use std::collections::BTreeMap;
use std::path::Path;

use batchwise_findings::Severity;
use batchwise_results::{Fate, Tally};
use batchwise_submit::Folder;
use batchwise_units::requests;
use jiff::civil::Date;

use super::{make_plan, named, unless_closed};
use crate::args::{self, RetryArgs};
use crate::error::CliError;
use crate::execution::SubmitError;
use crate::exit::Exit;
use crate::output::{self, Output};
use crate::results::{Mark, ResultsError, ResultsFolder, Retried, Roll};
use crate::settings::Settings;
use crate::{input, screen};
use choice::{Choice, Known, State, Taken};
use copies::Copies;
pub(crate) use report::{ErrorLine, RetryReport};

/// `batchwise retry`: a new request file of what is worth sending again.
pub(crate) fn run(args: &RetryArgs, today: Date) -> Result<Exit, CliError> {
    let folder = ResultsFolder::open(&args.folder.folder, &args.folder.input)?;
    // Two retries at once could take the same requests.
    let _held = Folder::hold(&args.folder.folder).map_err(SubmitError::Folder)?;
    let retried = Retried::read(&folder)?;
    let out = Output::file(&args.output, &folder.files())?;
    check_outputs(args, &out)?;
    let rejected = args.rejected.as_deref().map(|path| Output::file(path, &folder.files())).transpose()?;
    let plan = args.plan.as_deref().map(|path| Output::file(path, &folder.files())).transpose()?;

    let target = output::real(out.path().unwrap_or(&args.output));
    let may_be_sent = || ResultsError::RetriedUnder { path: args.output.clone() };
    let choice = Choice::of(known(&folder, &retried, &target)?, args.unsent).ok_or_else(may_be_sent)?;
    let mut roll = Roll::of(&folder)?;
    let tally = judge(&folder, &choice, &mut roll)?;
    let mut copies = Copies { again: out, rejected, taken: BTreeMap::new() };
    copies.write(&folder, &mut roll)?;
    let taken = |batch| (batch, copies.taken.get(&batch).copied().unwrap_or_default());
    if choice.all().map(taken).any(|(batch, ids)| retried.differs(batch, ids)) {
        return Err(may_be_sent().into());
    }
    // Before the files appear: whatever happens now, the same command gives them again, and no other does.
    retried.write(choice.all().map(taken), &target)?;
    copies.finish()?;

    let report = RetryReport::new(args, &folder, &choice, &tally);
    unless_closed(Output::stdout().write_all_with(|out| out.write_all(report.text(args.format).as_bytes())))?;
    let planned = plan.map_or(Ok(Exit::Fine), |plan| make_new_plan(args, &report, plan, today))?;
    Ok(tell(&report, &choice).max(planned))
}

/// That no output takes the place of another.
fn check_outputs(args: &RetryArgs, out: &Output) -> Result<(), CliError> {
    output::refuse_twice(args.outputs())?;
    let is_stdout = |path: &Path| input::is_stdin(path) || path == Path::new("/dev/stdout");
    // Standard output is for the counts.
    if let Some(path) = args.outputs().find(|path| is_stdout(path)) {
        return Err(CliError::OutputTwice { path: path.to_owned() });
    }
    match &args.plan {
        Some(path) if out.is_stdout() || !is_file_to_be(&args.output) => {
            Err(ResultsError::PlanOfStream { path: path.clone() }.into())
        }
        _ => Ok(()),
    }
}

fn is_file_to_be(path: &Path) -> bool {
    path.is_file() || !path.exists()
}

/// What is known of each batch.
fn known(folder: &ResultsFolder, retried: &Retried, target: &Path) -> Result<Vec<Known>, CliError> {
    let never_created = folder.never_created()?;
    let known = |batch| Known {
        batch,
        state: match folder.has_rows(batch) {
            true => State::Settled,
            false if never_created.contains(&batch) => State::NeverCreated,
            false => State::Open,
        },
        taken: retried.file_of(batch).map(|file| match file == target {
            true => Taken::ForThisFile,
            false => Taken::ForAnother,
        }),
    };
    Ok(folder.plan.batches.iter().map(|batch| known(batch.index)).collect())
}

const LEFT_OUT: Mark = [0; 16];
const AGAIN: Mark = [1; 16];
const HOPELESS: Mark = [2; 16];

/// Marks every request by its fate.
fn judge(folder: &ResultsFolder, choice: &Choice, roll: &mut Roll) -> Result<Tally, CliError> {
    let mut tally = Tally::default();
    for batch in &choice.settled {
        roll.settle(folder, *batch, &mut |found| match tally.add(&found.row) {
            Fate::Again => AGAIN,
            Fate::Hopeless => HOPELESS,
            Fate::Done | Fate::Unknown => LEFT_OUT,
        })?;
    }
    for batch in choice.missing.iter().chain(&choice.earlier) {
        roll.settle_all(*batch, LEFT_OUT)?;
    }
    choice.unsent.iter().try_for_each(|batch| roll.settle_all(*batch, AGAIN))?;
    Ok(tally)
}

/// Plans the new file as `plan` does by itself.
fn make_new_plan(
    args: &RetryArgs,
    report: &RetryReport<'_>,
    out: Output,
    today: Date,
) -> Result<Exit, CliError> {
    if report.again.requests == 0 {
        screen::tell(Severity::Note, "nothing is worth sending again, so no plan is written");
        return Ok(Exit::Fine);
    }
    let planning = args::planning_by_default(&args.output);
    let settings = Settings::new(&planning, today)?;
    let inputs = input::open(&planning.reading.files)?;
    let plan = make_plan(&planning, &settings, inputs, &mut |_| ())?.plan;
    out.write_all_with(|out| plan.write_json(out))?;
    Ok(Exit::of(plan.verdict))
}

/// Says what is in no file.
fn tell(report: &RetryReport<'_>, choice: &Choice) -> Exit {
    if !choice.earlier.is_empty() {
        let message = format!(
            "an earlier retry of this folder took what is worth it of {}: left out here (retried.jsonl names its file)",
            named(&choice.earlier)
        );
        screen::tell(Severity::Note, &message);
    }
    if !choice.missing.is_empty() {
        let count = requests(report.without_results.requests);
        let message = format!(
            "the results of {} are not there yet: {count} not looked at, as some may be under way",
            named(&choice.missing)
        );
        screen::tell(Severity::Warning, &message);
    }
    if report.unknown.requests > 0 {
        let message = format!(
            "{}: results or errors of a type that this version does not know; they may be billed, so they are in no file",
            requests(report.unknown.requests)
        );
        screen::tell(Severity::Warning, &message);
    }
    match choice.missing.is_empty() && report.unknown.requests == 0 {
        true => Exit::Fine,
        false => Exit::Unfinished,
    }
}
