use batchwise_api::ApiError;
use batchwise_findings::Severity;
use batchwise_submit::{Entry, Folder, Stage, Vault};
use jiff::Timestamp;

use super::named;
use crate::args::CancelArgs;
use crate::error::CliError;
use crate::execution::{RunClock, SubmitError, agrees, client, running, somebody_is_there};
use crate::exit::Exit;
use crate::screen;

/// `batchwise cancel`: calls an execution off.
pub(crate) fn run(args: &CancelArgs) -> Result<Exit, CliError> {
    let (mut folder, mut journal) = Folder::open(&args.journal).map_err(SubmitError::Folder)?;
    let running = running(journal.execution());
    let stages = journal.execution().records().iter().map(|record| &record.stage);
    let waiting = stages.clone().filter(|stage| **stage == Stage::Waiting).count();
    let unclear: Vec<u32> =
        (0..).zip(stages).filter(|(_, stage)| **stage == Stage::Unclear).map(|(batch, _)| batch).collect();
    let question = format!("{} of it are canceled, and {waiting} are not sent any more", running.len());
    if !args.yes {
        if !somebody_is_there() {
            return Err(SubmitError::NobodyToAsk { what: question }.into());
        }
        if !agrees(&format!("{question}. Go on?")) {
            screen::tell(Severity::Note, "nothing was canceled");
            return Ok(Exit::Refused);
        }
    }
    let mut client = client(journal.execution().begun(), RunClock::start())?;
    if !journal.execution().is_called_off() {
        let at = Timestamp::now();
        let line = journal.line(at, &Entry::CalledOff);
        folder
            .append(&line)
            .map_err(|source| SubmitError::Execution(batchwise_submit::ExecutionError::Journal(source)))?;
        journal.append(at, Entry::CalledOff, &line);
    }
    let mut failed = Vec::new();
    for (batch, id) in running {
        match client.cancel_batch(&id) {
            Ok(told) => {
                let state =
                    if told.value.ended_at.is_some() { "has ended already" } else { "is being canceled" };
                screen::tell(Severity::Note, &format!("batch {batch}, {id}, {state}"));
            }
            Err(error) => {
                failed.push(batch);
                screen::error(&format!("cannot cancel batch {batch}, {id}: {error}"));
                if matches!(error, ApiError::Stopped(_)) {
                    break;
                }
            }
        }
    }
    if !unclear.is_empty() {
        let message = format!(
            "nobody knows whether {} was made: run `batchwise submit` again, which finds out and sends nothing, and then cancel \
             again",
            named(&unclear)
        );
        screen::tell(Severity::Warning, &message);
    }
    let all_done = failed.is_empty() && unclear.is_empty();
    Ok(if all_done { Exit::Fine } else { Exit::Unfinished })
}
