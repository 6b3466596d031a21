use std::collections::BTreeSet;

use batchwise_plan::Plan;

use crate::{Execution, Stage};

/// What an executor does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Find out whether the batch that was sent exists. Nothing is sent before that is known.
    Find(u32),
    /// Send the batch.
    Send(u32),
    /// Fetch the results of the batch.
    Fetch(u32),
    /// Wait: for batches that are processed, or until the server takes more.
    Wait,
    /// Nothing: all is done that can be done.
    Finish,
}

/// What a run has found out that no journal needs to remember.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Circumstances {
    /// Whether the server may take a batch now.
    pub may_send: bool,
    /// Batches with which this run can do nothing more. The others are cared for.
    pub aside: BTreeSet<u32>,
}

impl Default for Circumstances {
    fn default() -> Circumstances {
        Circumstances { may_send: true, aside: BTreeSet::new() }
    }
}

/// The next step of an execution. The same plan, the same journal and the same circumstances give the same step.
///
/// A batch is sent when all batches of the waves before its own have ended, in the order of the plan, one after the other,
/// and never while the fate of another is unclear.
///
/// # Panics
/// When the execution is that of a plan with another number of batches.
pub fn next_step(plan: &Plan, execution: &Execution, circumstances: &Circumstances) -> Step {
    let records = execution.records();
    assert_eq!(plan.batches.len(), records.len(), "the journal is that of another plan");
    let Circumstances { may_send, aside } = circumstances;
    let all = |wanted: fn(&Stage) -> bool| {
        (0..).zip(records).filter(move |(_, record)| wanted(&record.stage)).map(|(batch, _)| batch)
    };
    let first = |wanted| all(wanted).find(|batch| !aside.contains(batch));
    if let Some(batch) = first(|stage| *stage == Stage::Unclear) {
        return Step::Find(batch);
    }
    let is_all_clear = all(|stage| *stage == Stage::Unclear).next().is_none();
    let unsent = all(|stage| *stage == Stage::Waiting).next().filter(|_| !execution.is_called_off());
    let may_send = *may_send && is_all_clear;
    if let Some(batch) = unsent.filter(|&batch| may_send && is_open(plan, execution, batch)) {
        return Step::Send(batch);
    }
    if let Some(batch) = first(|stage| matches!(stage, Stage::Ended { .. })) {
        return Step::Fetch(batch);
    }
    match first(|stage| matches!(stage, Stage::Running { .. })).or(unsent) {
        Some(_) => Step::Wait,
        None => Step::Finish,
    }
}

/// Whether the wave of a batch has begun: all batches of the waves before have ended.
fn is_open(plan: &Plan, execution: &Execution, batch: u32) -> bool {
    let wave = plan.batches[batch as usize].wave;
    let before = plan.batches.iter().zip(execution.records()).filter(|(other, _)| other.wave < wave);
    before.into_iter().all(|(_, record)| record.stage.has_ended())
}

#[cfg(test)]
mod tests;
