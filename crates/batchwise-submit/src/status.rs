use std::collections::BTreeMap;

use batchwise_api::{MessageBatch, ProcessingStatus};
use batchwise_plan::Plan;
use serde::Serialize;

use crate::{Execution, Stage};

/// The name and version of a status. Within a version, fields are added only.
pub const STATUS_SCHEMA: &str = "batchwise.status/1";

/// How far an execution is, for people and programs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Status {
    /// [`STATUS_SCHEMA`].
    pub schema: &'static str,
    /// Whether nothing is left to do.
    pub finished: bool,
    /// Whether the user has called it off, so that what was not sent is not sent any more.
    pub called_off: bool,
    /// The SHA-256 of the plan file.
    pub plan_sha256: String,
    /// Where the API is.
    pub base_url: String,
    /// How many requests the plan has.
    pub requests: u64,
    /// The batches, in the order of the plan.
    pub batches: Vec<BatchStatus>,
}

/// How far one batch is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BatchStatus {
    /// Its number in the plan, counted from 0.
    pub index: u32,
    /// Its wave.
    pub wave: u32,
    /// Its name on the server; null while none is known.
    pub batch_id: Option<String>,
    /// `waiting`, `unclear`, `in_progress`, `canceling`, `ended`, `saved` or `lost`.
    pub state: State,
    /// How many requests it has.
    pub requests: u64,
    /// How many of them are not processed yet; null where nobody asked the server. Before a batch has ended, this and
    /// the next four are for display only.
    pub processing: Option<u64>,
    /// How many have a reply.
    pub succeeded: Option<u64>,
    /// How many failed.
    pub errored: Option<u64>,
    /// How many were not processed in time.
    pub expired: Option<u64>,
    /// How many were canceled before they were processed.
    pub canceled: Option<u64>,
    /// Since when it exists, on the server's clock.
    pub created_at: Option<String>,
    /// Why it is lost or unclear.
    pub why: Option<String>,
}

/// How far one batch is, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It is not sent, or was surely not created.
    Waiting,
    /// It was sent, and nobody knows whether it was created.
    Unclear,
    /// It is being processed.
    InProgress,
    /// It is being canceled.
    Canceling,
    /// It has ended, and its results are not here.
    Ended,
    /// Its results are here.
    Saved,
    /// Its results cannot be had.
    Lost,
}

impl State {
    /// As in JSON, for people.
    pub fn name(self) -> &'static str {
        match self {
            State::Waiting => "waiting",
            State::Unclear => "unclear",
            State::InProgress => "in progress",
            State::Canceling => "canceling",
            State::Ended => "ended",
            State::Saved => "saved",
            State::Lost => "lost",
        }
    }
}

impl Status {
    /// What the journal says, and the server where it was asked: `shown` has its answers by the number of the batch.
    pub fn of(plan: &Plan, execution: &Execution, shown: &BTreeMap<u32, MessageBatch>) -> Status {
        let batches = plan.batches.iter().zip(execution.records()).map(|(batch, record)| {
            let live = shown.get(&batch.index);
            let counts = match (&record.stage, live) {
                (Stage::Ended { counts, .. } | Stage::Saved { counts, .. }, _) => {
                    Some([0, counts.succeeded, counts.errored, counts.expired, counts.canceled])
                }
                (_, Some(live)) => {
                    let counts = live.counts;
                    Some([
                        counts.processing,
                        counts.succeeded,
                        counts.errored,
                        counts.expired,
                        counts.canceled,
                    ])
                }
                _ => None,
            };
            let count = |index: usize| counts.map(|counts| counts[index]);
            let unclear = || record.attempt.as_ref()?.unclear_because.clone();
            BatchStatus {
                index: batch.index,
                wave: batch.wave,
                batch_id: record.stage.id().map(ToString::to_string),
                state: state(&record.stage, live),
                requests: batch.requests,
                processing: count(0),
                succeeded: count(1),
                errored: count(2),
                expired: count(3),
                canceled: count(4),
                created_at: record.created.map(|(time, _)| time.to_string()),
                why: match &record.stage {
                    Stage::Lost { why, .. } => Some(why.clone()),
                    Stage::Unclear => unclear(),
                    _ => None,
                },
            }
        });
        Status {
            schema: STATUS_SCHEMA,
            finished: execution.is_finished(),
            called_off: execution.is_called_off(),
            plan_sha256: execution.begun().plan_sha256.to_string(),
            base_url: execution.begun().base_url.clone(),
            requests: plan.requests,
            batches: batches.collect(),
        }
    }
}

fn state(stage: &Stage, live: Option<&MessageBatch>) -> State {
    match stage {
        Stage::Waiting => State::Waiting,
        Stage::Unclear => State::Unclear,
        Stage::Running { .. } => match live.map(|live| &live.status) {
            Some(ProcessingStatus::Canceling) => State::Canceling,
            Some(ProcessingStatus::Ended) => State::Ended,
            _ => State::InProgress,
        },
        Stage::Ended { .. } => State::Ended,
        Stage::Saved { .. } => State::Saved,
        Stage::Lost { .. } => State::Lost,
    }
}
