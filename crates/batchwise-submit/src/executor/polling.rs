use std::time::Duration;

use batchwise_api::{ApiError, BatchId, MessageBatch, ProcessingStatus};
use batchwise_results::RowCounts;

use super::{Done, Executor, Memory, Setback, stuck};
use crate::{Entry, Event, Outcome, Stage};

/// Between two questions for the same batch lies no less,
const POLL_MIN: Duration = Duration::from_secs(1);

/// and no more, whatever the server says.
const POLL_MAX: Duration = Duration::from_secs(300);

/// How long a batch that is known may be unknown to the API: some minutes were seen.
pub(super) const MISSING_MAX: Duration = Duration::from_secs(15 * 60);

impl Executor<'_> {
    /// Asks for the batch whose turn is next, at its time.
    pub(super) fn wait(&mut self, memory: &mut Memory) -> Done {
        let records = (0..).zip(self.journal.execution().records());
        let running = records.filter(|(batch, _)| !memory.aside.contains(batch));
        let running = running.filter_map(|(batch, record)| match &record.stage {
            Stage::Running { id } => Some((batch, id)),
            _ => None,
        });
        let turn = |batch: &u32| memory.polls.get(batch).copied().unwrap_or_default();
        let next = running.min_by_key(|(batch, _)| turn(batch)).map(|(batch, id)| (batch, id.clone()));
        let poll_at = next.as_ref().map(|(batch, _)| turn(batch));
        let now = self.clock.uptime();
        let held = (memory.held_until > now && !memory.is_closed).then_some(memory.held_until);
        let due = [poll_at, held].into_iter().flatten().min().unwrap_or(now);
        if due > now {
            self.clock.sleep(due - now);
            return Ok(None);
        }
        match next {
            Some((batch, id)) => self.poll(batch, &id, memory),
            None => Ok(None),
        }
    }

    fn poll(&mut self, batch: u32, id: &BatchId, memory: &mut Memory) -> Done {
        let shown = match self.batches.retrieve(id) {
            Ok(told) => told,
            Err(ApiError::NotFound(answer)) => {
                return Ok(self.missing(batch, id, &answer.to_string(), memory));
            }
            Err(error) => return Ok(Some(stuck(&format!("ask for batch {batch}, {id}"), &error))),
        };
        memory.missing.remove(&batch);
        let wait = shown.retry_after.unwrap_or(self.terms.poll_wait).clamp(POLL_MIN, POLL_MAX);
        memory.polls.insert(batch, self.clock.uptime() + wait);
        self.watcher.tell(&Event::Polled { batch, shown: &shown.value });
        if has_ended(&shown.value) {
            self.write(Entry::Ended { batch, counts: row_counts(&shown.value) })?;
        }
        Ok(None)
    }

    /// A batch that is known may be unknown to the API for a while, just after it was made or ended.
    fn missing(&mut self, batch: u32, id: &BatchId, answer: &str, memory: &mut Memory) -> Option<Setback> {
        let now = self.clock.uptime();
        let since = *memory.missing.entry(batch).or_insert(now);
        if now - since < MISSING_MAX {
            memory.polls.insert(batch, now + self.terms.poll_wait);
            return None;
        }
        let error = format!("{answer}. Was it deleted, or is the key one of another workspace?");
        let doing = format!("find batch {batch}, {id}, which was created");
        Some(Setback::Aside(batch, Outcome::Stuck { doing, error }))
    }
}

/// Whether it has ended, and its counts say so too.
fn has_ended(batch: &MessageBatch) -> bool {
    batch.status == ProcessingStatus::Ended && batch.counts.processing == 0
}

/// The counts of a batch that has ended.
pub(super) fn row_counts(batch: &MessageBatch) -> RowCounts {
    let counts = batch.counts;
    RowCounts {
        succeeded: counts.succeeded,
        errored: counts.errored,
        canceled: counts.canceled,
        expired: counts.expired,
        other: 0,
    }
}
