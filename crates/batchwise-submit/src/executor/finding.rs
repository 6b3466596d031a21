use std::collections::BTreeSet;
use std::time::Duration;

use batchwise_api::{ApiError, BatchId, MessageBatch};
use jiff::{SignedDuration, Timestamp};

use super::{Done, Executor, Memory, Setback, stuck};
use crate::listing::Listing;
use crate::rows::are_results_of;
use crate::sighting::{Known, Sighting, earliest, sighting};
use crate::{Attempt, Conclusion, Entry, Event, OnAmbiguous, Outcome, Reply};

/// How often the list is looked at, at least, before a batch is said not to be in it.
const LOOKS_MIN: u32 = 3;

/// What a search for a batch has found out.
#[derive(Default)]
struct Search {
    begun: Option<Timestamp>,
    looks: u32,
    /// Batches that have the results of others.
    disproved: BTreeSet<BatchId>,
    /// Whether the results of the one that was found are those of the requests.
    is_proven: bool,
    /// Whether somebody says that the batch does not exist: then nothing but results speaks for one.
    is_denied: bool,
}

impl Search {
    /// Counts a look that found nothing. Whether there is to be another.
    fn goes_on(&mut self, now: Timestamp, patience: Duration) -> bool {
        let begun = *self.begun.get_or_insert(now);
        self.looks += 1;
        let patience = SignedDuration::try_from(patience).unwrap_or(SignedDuration::MAX);
        now.duration_since(begun) < patience || self.looks < LOOKS_MIN
    }
}

impl Executor<'_> {
    /// Looks for a batch that was sent and perhaps made, until that is sure or cannot become so.
    pub(super) fn find(&mut self, batch: u32, memory: &mut Memory) -> Done {
        let attempt = self.journal.execution().records()[batch as usize].attempt.clone();
        let attempt = attempt.expect("what is unclear was sent");
        let why = attempt.unclear_because.as_deref().unwrap_or("the run before ended while it was sent");
        self.watcher.tell(&Event::Looking { batch, why });
        let mut search = Search::default();
        match memory.resolutions.remove(&batch) {
            Some(Reply::Adopt(id)) => return self.adopt(batch, &id, attempt, Vec::new()),
            Some(Reply::SendAgain) => search.is_denied = true,
            Some(Reply::GiveUp | Reply::Stop) | None => (),
        }
        let waits = self.terms.on_ambiguous == OnAmbiguous::Wait;
        loop {
            if self.clock.stop_is_wanted() {
                return Ok(Some(Setback::Stop(Outcome::Interrupted)));
            }
            let listing = match self.look(&attempt) {
                Ok(listing) => listing,
                Err(error) => return Ok(Some(stuck("look for the batch in the list", &error))),
            };
            let patience = self.patience(&search);
            let wait = match self.seen(batch, &attempt, &listing, &mut search) {
                Sighting::One(made) if search.is_proven => return self.proven(batch, &made),
                Sighting::One(made) => return self.created(batch, &made, Conclusion::Listed),
                Sighting::Nothing if search.goes_on(listing.now, patience) => {
                    let wait = (patience / 20).max(Duration::from_secs(1));
                    self.watcher.tell(&Event::NotListed { batch, wait });
                    wait
                }
                Sighting::Nothing if waits || search.is_denied => {
                    let how = if search.is_denied { Conclusion::Told } else { Conclusion::Listed };
                    self.write(Entry::Absent { batch, how })?;
                    return Ok(None);
                }
                Sighting::Doubtful(candidates) if waits => {
                    let wait = self.terms.poll_wait;
                    self.watcher.tell(&Event::Comparing { batch, candidates: &candidates, wait });
                    wait
                }
                found => return self.ask(batch, attempt, found.into_candidates()),
            };
            self.clock.sleep(wait);
        }
    }

    /// How long a batch is looked for that is not listed.
    fn patience(&self, search: &Search) -> Duration {
        match self.terms.on_ambiguous {
            OnAmbiguous::Wait if !search.is_denied => self.terms.settling,
            _ => self.terms.lag,
        }
    }

    /// Which of the listed batches could be the one that was sent. Where that is in doubt, the results of those that have
    /// ended tell which is not, and which is.
    fn seen(&mut self, batch: u32, attempt: &Attempt, listing: &Listing, search: &mut Search) -> Sighting {
        let requests = self.batch(batch).requests;
        let known = self.known(batch, search);
        let is_denied = search.is_denied;
        let seen = |known: &Known| match sighting(attempt, requests, known, &listing.batches) {
            Sighting::One(made) if is_denied => Sighting::Doubtful(vec![made]),
            found => found,
        };
        let Sighting::Doubtful(candidates) = seen(&known) else { return seen(&known) };
        for candidate in candidates.into_iter().filter(|made| made.has_results) {
            match are_results_of(self.batches, self.clock, &candidate.id, attempt.ids) {
                Some(true) => {
                    search.is_proven = true;
                    return Sighting::One(candidate);
                }
                Some(false) => {
                    search.disproved.insert(candidate.id);
                }
                None => (),
            }
        }
        seen(&self.known(batch, search))
    }

    /// What is known of other batches: of this plan, of executions elsewhere, and by their results.
    fn known(&mut self, batch: u32, search: &Search) -> Known {
        let mut known = self.vault.elsewhere();
        let execution = self.journal.execution();
        known.other.extend(execution.names_by(true).cloned());
        known.suspected.extend(execution.names_by(false).cloned());
        known.other.extend(execution.records()[batch as usize].foreign.iter().cloned());
        known.other.extend(search.disproved.iter().cloned());
        known
    }

    fn look(&mut self, attempt: &Attempt) -> Result<Listing, ApiError> {
        let now = self.clock.timestamp();
        Listing::since(self.batches, earliest(attempt), now)
    }

    /// A batch has the results of the requests that were sent, so whoever else it was taken for, it is this one.
    fn proven(&mut self, batch: u32, made: &MessageBatch) -> Done {
        if let Some(holder) = self.journal.execution().holder(&made.id) {
            self.write(Entry::Foreign { batch: holder, id: made.id.clone() })?;
            self.watcher.tell(&Event::Foreign { batch: holder, id: &made.id });
        }
        self.created(batch, made, Conclusion::Compared)
    }

    /// Lets a person decide, if there is one.
    fn ask(&mut self, batch: u32, attempt: Attempt, candidates: Vec<MessageBatch>) -> Done {
        let reply = match self.terms.on_ambiguous {
            OnAmbiguous::Ask => self.watcher.ask(batch, &candidates),
            OnAmbiguous::Adopt | OnAmbiguous::Wait => None,
        };
        match reply {
            Some(Reply::Adopt(id)) => self.adopt(batch, &id, attempt, candidates),
            Some(Reply::SendAgain) => {
                self.write(Entry::Absent { batch, how: Conclusion::Told })?;
                Ok(None)
            }
            Some(Reply::GiveUp | Reply::Stop) | None => {
                Ok(Some(Setback::Aside(batch, Outcome::Ambiguous { batch, attempt, candidates })))
            }
        }
    }

    /// Takes a batch that somebody named for the one that was sent, if it has as many requests.
    fn adopt(&mut self, batch: u32, id: &BatchId, attempt: Attempt, candidates: Vec<MessageBatch>) -> Done {
        let requests = self.batch(batch).requests;
        let made = match self.batches.retrieve(id) {
            Ok(told) => told.value,
            Err(ApiError::NotFound(answer)) => {
                let doing = format!("take {id} for batch {batch}");
                let outcome = Outcome::Stuck { doing, error: answer.to_string() };
                return Ok(Some(Setback::Aside(batch, outcome)));
            }
            Err(error) => return Ok(Some(stuck(&format!("look at {id}"), &error))),
        };
        let refusal = match self.journal.execution().holder(id) {
            Some(holder) => Some(format!("is taken for batch {holder}")),
            None if made.counts.total() != requests => Some(format!("has {}", made.counts.total())),
            None => None,
        };
        let Some(why) = refusal else { return self.created(batch, &made, Conclusion::Told) };
        let message =
            format!("batch {batch} has {requests} requests, and {id} {why}, so it is not taken for it");
        self.watcher.tell(&Event::Doubt { message: &message });
        Ok(Some(Setback::Aside(batch, Outcome::Ambiguous { batch, attempt, candidates })))
    }
}
