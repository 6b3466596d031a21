//! Executing a plan: what an executor needs of this machine, and what it tells the user.

mod error;
mod planned_inputs;
mod run_clock;
mod teller;

use std::collections::BTreeMap;
use std::io::{self, BufRead, IsTerminal, Write};

use batchwise_api::{ApiError, BatchId, Client, MessageBatch, Pace, Patience, Speaker, UreqTransport};
use batchwise_submit::{Begun, Execution, Stage};

pub(crate) use error::SubmitError;
pub(crate) use planned_inputs::PlannedInputs;
pub(crate) use run_clock::RunClock;
pub(crate) use teller::Teller;

use crate::error::CliError;
use crate::network;

/// The most calls in a minute: far fewer than the least tier may make.
const CALLS_PER_MINUTE: u32 = 300;

/// Speaks to the API as an execution was begun.
pub(crate) fn client(begun: &Begun, clock: RunClock) -> Result<Client<UreqTransport, RunClock>, CliError> {
    let speaker = Speaker {
        base: network::base_url(Some(&begun.base_url))?,
        key: network::api_key()?,
        version: begun.api_version.parse().map_err(CliError::ApiVersion)?,
        betas: begun.betas.clone(),
        workspace: begun.workspace.clone(),
        user_profile: begun.user_profile.clone(),
    };
    let pace = Pace::per_minute(CALLS_PER_MINUTE);
    Ok(Client::new(network::transport()?, clock, speaker, pace, Patience::default()))
}

/// The batches that are being processed, as far as is known here.
pub(crate) fn running(execution: &Execution) -> Vec<(u32, BatchId)> {
    let records = (0..).zip(execution.records());
    let running = records.filter_map(|(batch, record)| match &record.stage {
        Stage::Running { id } => Some((batch, id.clone())),
        _ => None,
    });
    running.collect()
}

/// What the API says about the batches that are being processed, and of which it says nothing. Those are not asked for that
/// come after an error which would meet them too.
pub(crate) fn shown(
    client: &mut Client<UreqTransport, RunClock>,
    execution: &Execution,
) -> (BTreeMap<u32, MessageBatch>, Vec<(u32, ApiError)>) {
    let (mut answers, mut errors) = (BTreeMap::new(), Vec::new());
    for (batch, id) in running(execution) {
        match client.retrieve_batch(&id) {
            Ok(answer) => drop(answers.insert(batch, answer.value)),
            Err(error) => {
                let is_of_this_one = matches!(error, ApiError::Refused(_) | ApiError::NotFound(_));
                errors.push((batch, error));
                if !is_of_this_one {
                    break;
                }
            }
        }
    }
    (answers, errors)
}

/// Whether somebody can be asked.
pub(crate) fn somebody_is_there() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks the user on the terminal. Everything but a yes is a no.
pub(crate) fn agrees(question: &str) -> bool {
    matches!(answer(&format!("{question} [y/N] ")).trim(), "y" | "Y" | "yes")
}

/// What the user answers.
pub(crate) fn answer(question: &str) -> String {
    let mut text = String::new();
    let mut err = anstream::stderr();
    let asked = write!(err, "{question}").and_then(|()| err.flush());
    if asked.is_ok() {
        let _ = io::stdin().lock().read_line(&mut text);
    }
    text
}
