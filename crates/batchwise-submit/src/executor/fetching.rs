use std::time::Duration;

use batchwise_api::{ApiError, BatchId};
use batchwise_results::RowCounts;
use jiff::SignedDuration;

use super::polling::{MISSING_MAX, row_counts};
use super::{ATTEMPTS_MAX, Done, Executor, Memory, Setback};
use crate::rows::{Fetched, ResultsFile, fetch};
use crate::{Entry, Event, ExecutionError, Outcome, Stage};

/// How often results are fetched that are all there, but not as many of each kind as the API counted.
const MISCOUNTS_MAX: u32 = 3;

/// Results are kept for 29 days after the creation of their batch; this is surely later.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Whether results that are not there will come.
enum Prospect {
    /// Perhaps.
    Open,
    /// No, and why.
    Gone(String),
    /// Nobody can tell.
    Unknown(Setback),
}

impl Executor<'_> {
    /// Fetches the results of a batch that has ended, once.
    pub(super) fn fetch(&mut self, batch: u32, memory: &mut Memory) -> Done {
        let record = &self.journal.execution().records()[batch as usize];
        let Stage::Ended { id, counts } = record.stage.clone() else {
            unreachable!("only ended ones are fetched")
        };
        let ids = record.attempt.as_ref().expect("what has ended was sent").ids;
        let is_certain = record.is_certain();
        let counts = self.counts_now(batch, &id, counts, memory);
        self.watcher.tell(&Event::Fetching { batch, rows: self.batch(batch).requests });
        let fetched = fetch(self.batches, self.vault, self.clock, batch, &id, ids, counts);
        let why = match fetched.map_err(|source| ExecutionError::Results { batch, source })? {
            Fetched::Whole(file) => return self.keep(batch, file),
            Fetched::Miscounted(_, why) if tries(batch, memory) < MISCOUNTS_MAX => why,
            Fetched::Miscounted(file, why) => {
                let message = format!("the results of batch {batch} are all there, but {why}");
                self.watcher.tell(&Event::Doubt { message: &message });
                return self.keep(batch, file);
            }
            Fetched::OfOthers(_) if !is_certain => {
                self.write(Entry::Foreign { batch, id: id.clone() })?;
                self.watcher.tell(&Event::Foreign { batch, id: &id });
                return Ok(None);
            }
            Fetched::OfOthers(why) => return Ok(Some(vain(batch, &id, "", why))),
            Fetched::Interrupted => return Ok(Some(Setback::Stop(Outcome::Interrupted))),
            Fetched::Unavailable(answer) => match self.prospect(batch, &id, &answer, memory) {
                Prospect::Open => answer,
                Prospect::Gone(why) => {
                    self.write(Entry::Lost { batch, why: why.clone() })?;
                    self.watcher.tell(&Event::Lost { batch, why: &why });
                    return Ok(None);
                }
                Prospect::Unknown(setback) => return Ok(Some(setback)),
            },
            Fetched::Failed(why) => match tries(batch, memory) {
                tries if tries >= ATTEMPTS_MAX => {
                    return Ok(Some(vain(batch, &id, &format!(", {tries} times"), why)));
                }
                _ => why,
            },
        };
        let wait = self.terms.poll_wait.min(Duration::from_secs(10));
        self.watcher.tell(&Event::FetchingAgain { batch, why: &why, wait });
        self.clock.sleep(wait);
        Ok(None)
    }

    /// What the API counts. When results did not agree with that, it is asked again: it may not have been done with counting.
    fn counts_now(&mut self, batch: u32, id: &BatchId, counts: RowCounts, memory: &Memory) -> RowCounts {
        if !memory.fetches.contains_key(&batch) {
            return counts;
        }
        self.batches.retrieve(id).map_or(counts, |told| row_counts(&told.value))
    }

    /// What was fetched is all there is.
    fn keep(&mut self, batch: u32, file: ResultsFile) -> Done {
        self.vault.keep_results(batch).map_err(|source| ExecutionError::Results { batch, source })?;
        let ResultsFile { rows, bytes, sha256, counts } = file;
        self.write(Entry::Saved { batch, rows, bytes, sha256, counts })?;
        self.watcher.tell(&Event::Saved { batch });
        Ok(None)
    }

    /// Whether results that are not there will come.
    fn prospect(&mut self, batch: u32, id: &BatchId, answer: &str, memory: &mut Memory) -> Prospect {
        let now = self.clock.uptime();
        let since = *memory.missing.entry(batch).or_insert(now);
        let created = self.journal.execution().records()[batch as usize].created;
        let is_old = created.is_some_and(|(at, _)| self.clock.timestamp().duration_since(at) > KEPT_FOR);
        match self.batches.retrieve(id) {
            Ok(told) if told.value.archived_at.is_some() || is_old => {
                Prospect::Gone("its results are kept for 29 days, and those are over".to_owned())
            }
            Err(ApiError::Interrupted) => Prospect::Unknown(Setback::Stop(Outcome::Interrupted)),
            _ if now - since < MISSING_MAX => Prospect::Open,
            _ => Prospect::Unknown(vain(batch, id, "", answer.to_owned())),
        }
    }
}

fn vain(batch: u32, id: &BatchId, how_often: &str, error: String) -> Setback {
    let doing = format!("fetch the results of batch {batch}, {id}{how_often}");
    Setback::Aside(batch, Outcome::Stuck { doing, error })
}

/// Counts one more attempt to fetch the results of a batch.
fn tries(batch: u32, memory: &mut Memory) -> u32 {
    let tries = memory.fetches.entry(batch).or_default();
    *tries += 1;
    *tries
}
