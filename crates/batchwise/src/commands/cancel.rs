use batchwise_api::ApiError;
use batchwise_findings::Severity;
use batchwise_submit::{Entry, Folder, Stage};
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
    let is_certain = |batch: u32| journal.execution().records()[batch as usize].is_certain();
    let (running, spared): (Vec<_>, Vec<_>) =
        running(journal.execution()).into_iter().partition(|(batch, _)| args.adopted || is_certain(*batch));
    let spared: Vec<u32> = spared.into_iter().map(|(batch, _)| batch).collect();
    let stages = journal.execution().records().iter().map(|record| &record.stage);
    let waiting = stages.clone().filter(|stage| **stage == Stage::Waiting).count();
    let unclear: Vec<u32> =
        (0..).zip(stages).filter(|(_, stage)| **stage == Stage::Unclear).map(|(batch, _)| batch).collect();
    let batches =
        |count: usize| if count == 1 { "1 batch is".to_owned() } else { format!("{count} batches are") };
    let question = format!("{} canceled, and {} not sent any more", batches(running.len()), batches(waiting));
    if !args.yes {
        if !somebody_is_there() {
            return Err(SubmitError::NobodyToAskToCancel { what: question }.into());
        }
        if !agrees(&format!("{question}. Go on?")) {
            screen::tell(Severity::Note, "nothing was canceled");
            return Ok(Exit::Refused);
        }
    }
    let mut client = client(journal.execution().begun(), RunClock::start())?;
    if !journal.execution().is_called_off() {
        let written = journal.write(&mut folder, Timestamp::now(), Entry::CalledOff);
        written.map_err(SubmitError::Execution)?;
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
            "nobody knows whether {} was made: run `batchwise submit --no-wait` again, which finds out and sends nothing, and then \
             cancel again",
            named(&unclear)
        );
        screen::tell(Severity::Warning, &message);
    }
    if !spared.is_empty() {
        let message = format!(
            "{} was found in the API's list and may be somebody else's, so it goes on: look at it in the Console, and add --adopted \
             to cancel it too",
            named(&spared)
        );
        screen::tell(Severity::Warning, &message);
    }
    let all_done = failed.is_empty() && unclear.is_empty() && spared.is_empty();
    Ok(if all_done { Exit::Fine } else { Exit::Unfinished })
}
