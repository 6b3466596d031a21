use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::time::Duration;

use batchwise_api::{ApiError, BatchId, CreateError, MessageBatch, ProcessingStatus, Upload};
use batchwise_plan::{Batch, Plan};
use batchwise_results::{IdSum, RowCounts};
use jiff::{SignedDuration, Timestamp};

use crate::listing::{Listing, read_list};
use crate::rows::{Fetched, ResultsFile, are_results_of, fetch};
use crate::sighting::{Sighting, earliest, sighting};
use crate::{
    Attempt, Batches, BodyStream, Clock, Conclusion, Entry, Event, Inputs, Journal, OnAmbiguous, Reply,
    Stage, Step, Terms, Vault, Watcher, next_step,
};

/// Executes a plan, one step after the other, and writes down each before and after it is done.
pub struct Executor<'x> {
    /// What is executed.
    pub plan: &'x Plan,
    /// What has happened.
    pub journal: &'x mut Journal,
    /// Its inputs.
    pub inputs: &'x mut dyn Inputs,
    /// The sums over the custom_ids of its batches; not needed where all were sent.
    pub ids: &'x [IdSum],
    /// The API.
    pub batches: &'x mut dyn Batches,
    /// Where everything is kept.
    pub vault: &'x mut dyn Vault,
    /// The time.
    pub clock: &'x dyn Clock,
    /// Who is told.
    pub watcher: &'x mut dyn Watcher,
    /// What the user decided.
    pub terms: &'x Terms,
    /// Batches of the server that belong to other executions.
    pub others: &'x BTreeSet<BatchId>,
}

/// How an execution stopped for now. Everything is written down, and running it again goes on from here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All is done.
    Finished,
    /// The user wanted to stop.
    Interrupted,
    /// All that can be sent now was sent, and the user did not want to wait.
    Sent,
    /// Nobody knows whether a batch was created.
    Ambiguous {
        /// Its number.
        batch: u32,
        /// How it was sent.
        attempt: Attempt,
        /// What it could be.
        candidates: Vec<MessageBatch>,
    },
    /// The API refuses a batch, and will again.
    Refused {
        /// Its number.
        batch: u32,
        /// Why.
        error: String,
    },
    /// The API gave no answer that helps, however often it was asked.
    Stuck {
        /// What was tried.
        doing: String,
        /// What came of it.
        error: String,
    },
}

/// Why an execution had to stop on this side. Everything that was done is written down.
#[derive(Debug, thiserror::Error)]
pub enum ExecutionError {
    /// The journal cannot be written.
    #[error("cannot write the journal, so nothing more is sent")]
    Journal(#[source] io::Error),
    /// Results cannot be written.
    #[error("cannot write the results of batch {batch}")]
    Results {
        /// Its number.
        batch: u32,
        /// Why.
        source: io::Error,
    },
}

/// How often the same failure in a row is worth another attempt.
const ATTEMPTS_MAX: u32 = 8;

/// How often results are fetched that are all there, but not as many of each kind as the API counted.
const MISCOUNTS_MAX: u32 = 3;

/// How long a batch that is known may be unknown to the API: some minutes were seen.
const MISSING_MAX: Duration = Duration::from_secs(15 * 60);

type Done = Result<Option<Outcome>, ExecutionError>;

/// What one run remembers and no journal needs.
#[derive(Default)]
struct Memory {
    /// The API takes no batch before that time.
    held_until: Duration,
    /// Attempts to send that failed one after the other.
    failures: u32,
    /// When each batch is asked for next.
    polls: BTreeMap<u32, Duration>,
    /// Since when a batch that is known is unknown to the API.
    missing: BTreeMap<u32, Duration>,
    /// How often the results of a batch were not complete.
    fetches: BTreeMap<u32, u32>,
}

impl Executor<'_> {
    /// Goes on until all is done or nothing more can be done.
    ///
    /// # Errors
    /// When something cannot be written.
    pub fn run(mut self) -> Result<Outcome, ExecutionError> {
        let mut memory = Memory::default();
        loop {
            if self.clock.stop_is_wanted() {
                return Ok(Outcome::Interrupted);
            }
            let may_send = self.clock.uptime() >= memory.held_until;
            let stopped = match next_step(self.plan, self.journal.execution(), may_send) {
                Step::Find(batch) => self.find(batch)?,
                Step::Send(batch) => self.send(batch, &mut memory)?,
                Step::Fetch(batch) => self.fetch(batch, &mut memory)?,
                Step::Wait if self.terms.sends_only => Some(Outcome::Sent),
                Step::Wait => self.wait(&mut memory)?,
                Step::Finish => Some(Outcome::Finished),
            };
            if let Some(outcome) = stopped {
                return Ok(outcome);
            }
        }
    }

    /// Writes an entry; only then it counts.
    fn write(&mut self, entry: Entry) -> Result<(), ExecutionError> {
        let allowed = self.journal.execution().check(&entry);
        assert!(allowed.is_ok(), "what is written must follow what was written: {entry:?}");
        let at = self.clock.timestamp();
        let line = self.journal.line(at, &entry);
        self.vault.append(&line).map_err(ExecutionError::Journal)?;
        self.journal.append(at, entry, &line);
        Ok(())
    }

    fn batch(&self, batch: u32) -> &Batch {
        &self.plan.batches[batch as usize]
    }

    // Sending.

    /// Looks at what is there, writes down that the batch is being sent, sends it once, and writes down what came of it.
    fn send(&mut self, batch: u32, memory: &mut Memory) -> Done {
        let now = self.clock.timestamp();
        let listing = match read_list(self.batches, self.terms.queued_requests_max.is_some(), now) {
            Ok(listing) => listing,
            Err(error) => return Ok(Some(stuck("list the batches that are there", &error))),
        };
        let requests = self.batch(batch).requests;
        if let Some(max) = self.terms.queued_requests_max
            && listing.queued + requests > max
        {
            let why = format!("{} requests are queued, and the tier takes {max}", listing.queued);
            return Ok(self.hold(batch, &why, self.terms.queue_wait, memory));
        }
        assert_eq!(self.ids[batch as usize].count(), requests, "the inputs were not surveyed");
        let entry = Entry::Sending {
            batch,
            since: listing.now,
            known: listing.same_size(requests),
            ids: self.ids[batch as usize],
        };
        self.write(entry)?;
        self.watcher.tell(&Event::Sending { batch });
        let sent = {
            let planned = &self.plan.batches[batch as usize];
            let mut body = Watched {
                body: BodyStream::new(self.inputs, planned),
                bytes: 0,
                clock: self.clock,
                watcher: self.watcher,
            };
            self.batches.create(Upload { body: &mut body, bytes: planned.body_bytes.0 })
        };
        match sent {
            Ok(told) => {
                memory.failures = 0;
                self.created(batch, &told.value, Conclusion::Answered)
            }
            Err(CreateError::Unclear { detail, .. }) => {
                self.write(Entry::Unclear { batch, why: detail })?;
                Ok(None)
            }
            Err(CreateError::NotCreated { error, retry_after }) => {
                self.write(Entry::NotCreated { batch, why: told(&error) })?;
                Ok(self.not_created(batch, &error, retry_after, memory))
            }
        }
    }

    /// What follows when the API has surely made no batch.
    fn not_created(
        &mut self,
        batch: u32,
        error: &ApiError,
        wait: Option<Duration>,
        memory: &mut Memory,
    ) -> Option<Outcome> {
        let text = told(error);
        if matches!(error, ApiError::Interrupted | ApiError::Body(_)) && self.clock.stop_is_wanted() {
            return Some(Outcome::Interrupted);
        }
        memory.failures += 1;
        let is_full = is_rate_limit(error);
        if error.may_pass() && (is_full || memory.failures < ATTEMPTS_MAX) {
            let doubled = Duration::from_secs(5 << memory.failures.min(6));
            return self.hold(batch, &text, wait.unwrap_or(doubled), memory);
        }
        match error {
            ApiError::Refused(_) | ApiError::Body(_) => Some(Outcome::Refused { batch, error: text }),
            _ => Some(Outcome::Stuck { doing: format!("send batch {batch}"), error: text }),
        }
    }

    fn hold(&mut self, batch: u32, why: &str, wait: Duration, memory: &mut Memory) -> Option<Outcome> {
        memory.held_until = self.clock.uptime() + wait;
        self.watcher.tell(&Event::Held { batch, why, wait });
        None
    }

    fn created(&mut self, batch: u32, made: &MessageBatch, how: Conclusion) -> Done {
        if self.journal.execution().names().any(|name| *name == made.id) {
            let error = format!("it gives it the name {}, which another batch of this plan has", made.id);
            return Ok(Some(Outcome::Stuck {
                doing: format!("believe what the API says about batch {batch}"),
                error,
            }));
        }
        let requests = self.batch(batch).requests;
        if made.counts.total() != requests {
            let message = format!(
                "batch {batch} has {requests} requests, but {} says {}",
                made.id,
                made.counts.total()
            );
            self.watcher.tell(&Event::Doubt { message: &message });
        }
        self.write(Entry::Created { batch, id: made.id.clone(), created_at: made.created_at, how })?;
        let is_adopted = how != Conclusion::Answered;
        self.watcher.tell(&Event::Created { batch, id: &made.id, is_adopted });
        Ok(None)
    }

    // Finding out.

    /// Looks for a batch that was sent and perhaps made, until that is sure or cannot become so.
    fn find(&mut self, batch: u32) -> Done {
        let attempt = self.journal.execution().records()[batch as usize].attempt.clone();
        let attempt = attempt.expect("what is unclear was sent");
        let why = attempt.unclear_because.as_deref().unwrap_or("the run before ended while it was sent");
        self.watcher.tell(&Event::Looking { batch, why });
        let mut search = Search::default();
        loop {
            if self.clock.stop_is_wanted() {
                return Ok(Some(Outcome::Interrupted));
            }
            let listing = match self.look(&attempt) {
                Ok(listing) => listing,
                Err(error) => return Ok(Some(stuck("look for the batch in the list", &error))),
            };
            let wait = match self.seen(batch, &attempt, &listing, &mut search) {
                Sighting::One(made) => return self.created(batch, &made, search.conclusion()),
                found if self.terms.resolutions.contains_key(&batch) => {
                    return self.decide(batch, attempt, found.into_candidates());
                }
                Sighting::Nothing if search.goes_on(listing.now, self.patience()) => {
                    let wait = (self.patience() / 20).max(Duration::from_secs(1));
                    self.watcher.tell(&Event::NotListed { batch, wait });
                    wait
                }
                Sighting::Nothing if self.terms.on_ambiguous == OnAmbiguous::Wait => {
                    self.write(Entry::Absent { batch, how: Conclusion::Listed })?;
                    return Ok(None);
                }
                Sighting::Doubtful(candidates) if self.terms.on_ambiguous == OnAmbiguous::Wait => {
                    let wait = self.terms.poll_wait;
                    self.watcher.tell(&Event::Comparing { batch, candidates: &candidates, wait });
                    wait
                }
                Sighting::Nothing => return self.decide(batch, attempt, Vec::new()),
                Sighting::Doubtful(candidates) => return self.decide(batch, attempt, candidates),
            };
            self.clock.sleep(wait);
        }
    }

    /// How long a batch is looked for that is not listed.
    fn patience(&self) -> Duration {
        match self.terms.on_ambiguous {
            OnAmbiguous::Wait => self.terms.settling,
            OnAmbiguous::Ask | OnAmbiguous::Adopt => self.terms.lag,
        }
    }

    /// Which of the listed batches could be the one that was sent. Where several could, the results of those that have
    /// ended tell which is not, and which is.
    fn seen(&mut self, batch: u32, attempt: &Attempt, listing: &Listing, search: &mut Search) -> Sighting {
        let requests = self.batch(batch).requests;
        let own: BTreeSet<BatchId> = self.journal.execution().names().chain(self.others).cloned().collect();
        let seen = |search: &Search| {
            let taken = own.union(&search.disproved).cloned().collect();
            sighting(attempt, requests, &taken, &listing.batches)
        };
        let Sighting::Doubtful(candidates) = seen(search) else { return seen(search) };
        for candidate in candidates.into_iter().filter(|made| made.has_results) {
            match are_results_of(self.batches, &candidate.id, attempt.ids) {
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
        seen(search)
    }

    fn look(&mut self, attempt: &Attempt) -> Result<Listing, ApiError> {
        let now = self.clock.timestamp();
        Listing::since(self.batches, earliest(attempt), now)
    }

    /// Lets a person decide, if there is one.
    fn decide(&mut self, batch: u32, attempt: Attempt, candidates: Vec<MessageBatch>) -> Done {
        let resolved = self.terms.resolutions.get(&batch).cloned();
        let reply = match self.terms.on_ambiguous {
            _ if resolved.is_some() => resolved,
            OnAmbiguous::Ask => self.watcher.ask(batch, &candidates),
            OnAmbiguous::Adopt | OnAmbiguous::Wait => None,
        };
        match reply {
            Some(Reply::Adopt(id)) => self.adopt(batch, &id, attempt, candidates),
            Some(Reply::SendAgain) => {
                self.write(Entry::Absent { batch, how: Conclusion::Told })?;
                Ok(None)
            }
            Some(Reply::Stop) | None => Ok(Some(Outcome::Ambiguous { batch, attempt, candidates })),
        }
    }

    /// Takes a batch that somebody named for the one that was sent, if it has as many requests.
    fn adopt(&mut self, batch: u32, id: &BatchId, attempt: Attempt, candidates: Vec<MessageBatch>) -> Done {
        let requests = self.batch(batch).requests;
        let is_ours = self.journal.execution().names().any(|name| name == id);
        match self.batches.retrieve(id) {
            Ok(told) if told.value.counts.total() == requests && !is_ours => {
                self.created(batch, &told.value, Conclusion::Told)
            }
            Ok(told) => {
                let count = told.value.counts.total();
                let why =
                    if is_ours { "is another batch of this plan".to_owned() } else { format!("has {count}") };
                let message = format!(
                    "batch {batch} has {requests} requests, and {id} {why}, so it is not taken for it"
                );
                self.watcher.tell(&Event::Doubt { message: &message });
                Ok(Some(Outcome::Ambiguous { batch, attempt, candidates }))
            }
            Err(error) => Ok(Some(stuck(&format!("look at {id}"), &error))),
        }
    }

    // Waiting.

    /// Asks for the batch whose turn is next, at its time.
    fn wait(&mut self, memory: &mut Memory) -> Done {
        let running: Vec<(u32, BatchId)> = (0..)
            .zip(self.journal.execution().records())
            .filter_map(|(batch, record)| match &record.stage {
                Stage::Running { id } => Some((batch, id.clone())),
                _ => None,
            })
            .collect();
        let turn = |(batch, _): &&(u32, BatchId)| memory.polls.get(batch).copied().unwrap_or_default();
        let next = running.iter().min_by_key(turn);
        let poll_at = next.as_ref().map(turn);
        let now = self.clock.uptime();
        let held = (memory.held_until > now).then_some(memory.held_until);
        let due = [poll_at, held].into_iter().flatten().min().unwrap_or(now);
        if due > now {
            self.clock.sleep(due - now);
            return Ok(None);
        }
        let Some((batch, id)) = next else { return Ok(None) };
        let (batch, id) = (*batch, id.clone());
        self.poll(batch, &id, memory)
    }

    fn poll(&mut self, batch: u32, id: &BatchId, memory: &mut Memory) -> Done {
        let shown = match self.batches.retrieve(id) {
            Ok(told) => told,
            Err(ApiError::NotFound(answer)) => {
                return Ok(self.missing(batch, id, &answer.to_string(), memory));
            }
            Err(ApiError::Interrupted) => return Ok(Some(Outcome::Interrupted)),
            Err(error) => return Ok(Some(stuck(&format!("ask for batch {batch}, {id}"), &error))),
        };
        memory.missing.remove(&batch);
        let wait = shown.retry_after.unwrap_or(self.terms.poll_wait).clamp(POLL_MIN, POLL_MAX);
        memory.polls.insert(batch, self.clock.uptime() + wait);
        self.watcher.tell(&Event::Polled { batch, shown: &shown.value });
        if shown.value.status != ProcessingStatus::Ended {
            return Ok(None);
        }
        self.write(Entry::Ended { batch, counts: row_counts(&shown.value) })?;
        Ok(None)
    }

    /// A batch that is known may be unknown to the API for a while, just after it was made or ended.
    fn missing(&mut self, batch: u32, id: &BatchId, answer: &str, memory: &mut Memory) -> Option<Outcome> {
        let now = self.clock.uptime();
        let since = *memory.missing.entry(batch).or_insert(now);
        if now - since >= MISSING_MAX {
            let error = format!("{answer}. Was it deleted, or is the key one of another workspace?");
            return Some(Outcome::Stuck {
                doing: format!("find batch {batch}, {id}, which was created"),
                error,
            });
        }
        memory.polls.insert(batch, now + self.terms.poll_wait);
        None
    }

    // Fetching.

    fn fetch(&mut self, batch: u32, memory: &mut Memory) -> Done {
        let record = &self.journal.execution().records()[batch as usize];
        let Stage::Ended { id, counts } = record.stage.clone() else {
            unreachable!("only ended ones are fetched")
        };
        let ids = record.attempt.as_ref().expect("what has ended was sent").ids;
        let is_adopted = record.created.is_some_and(|(_, how)| how != Conclusion::Answered);
        let wait = self.terms.poll_wait.min(Duration::from_secs(10));
        self.watcher.tell(&Event::Fetching { batch, rows: self.batch(batch).requests });
        let why = match fetch(self.batches, self.vault, self.clock, batch, &id, ids, counts) {
            Err(source) => return Err(ExecutionError::Results { batch, source }),
            Ok(Fetched::Whole(file)) => return self.keep(batch, file),
            Ok(Fetched::Miscounted(_, why)) if tries(batch, memory) < MISCOUNTS_MAX => why,
            Ok(Fetched::Miscounted(file, why)) => {
                let message = format!("the results of batch {batch} are all there, but {why}");
                self.watcher.tell(&Event::Doubt { message: &message });
                return self.keep(batch, file);
            }
            Ok(Fetched::OfOthers(_)) if is_adopted => {
                self.write(Entry::Foreign { batch, id: id.clone() })?;
                self.watcher.tell(&Event::Foreign { batch, id: &id });
                return Ok(None);
            }
            Ok(Fetched::Interrupted) => return Ok(Some(Outcome::Interrupted)),
            Ok(Fetched::OfOthers(why)) => {
                return Ok(Some(Outcome::Stuck {
                    doing: format!("fetch the results of batch {batch}, {id}"),
                    error: why,
                }));
            }
            Ok(Fetched::Unavailable(answer)) => match self.are_gone(batch, &id, &answer, memory) {
                Gone::No => answer,
                Gone::For(why) => {
                    self.write(Entry::Lost { batch, why: why.clone() })?;
                    self.watcher.tell(&Event::Lost { batch, why: &why });
                    return Ok(None);
                }
                Gone::Unknown(outcome) => return Ok(Some(outcome)),
            },
            Ok(Fetched::Failed(why)) => {
                let tries = tries(batch, memory);
                if tries >= ATTEMPTS_MAX {
                    let doing = format!("fetch the results of batch {batch}, {id}, {tries} times");
                    return Ok(Some(Outcome::Stuck { doing, error: why }));
                }
                why
            }
        };
        self.watcher.tell(&Event::FetchingAgain { batch, why: &why, wait });
        self.clock.sleep(wait);
        Ok(None)
    }

    /// What was fetched is all there is.
    fn keep(&mut self, batch: u32, file: ResultsFile) -> Done {
        self.vault.keep_results(batch).map_err(|source| ExecutionError::Results { batch, source })?;
        let ResultsFile { rows, bytes, sha256, counts } = file;
        self.write(Entry::Saved { batch, rows, bytes, sha256, counts })?;
        self.watcher.tell(&Event::Saved { batch });
        Ok(None)
    }

    /// Whether results that are not there will not come any more.
    fn are_gone(&mut self, batch: u32, id: &BatchId, answer: &str, memory: &mut Memory) -> Gone {
        let now = self.clock.uptime();
        let since = *memory.missing.entry(batch).or_insert(now);
        match self.batches.retrieve(id) {
            Ok(told) if told.value.archived_at.is_some() => {
                Gone::For("its results are kept for 29 days, and those are over".to_owned())
            }
            Err(ApiError::Interrupted) => Gone::Unknown(Outcome::Interrupted),
            _ if now - since < MISSING_MAX => Gone::No,
            _ => {
                let doing = format!("fetch the results of batch {batch}, {id}, which has ended");
                Gone::Unknown(Outcome::Stuck { doing, error: answer.to_owned() })
            }
        }
    }
}

/// What a search for a batch has found out.
#[derive(Default)]
struct Search {
    begun: Option<Timestamp>,
    looks: u32,
    /// Batches that have the results of others.
    disproved: BTreeSet<BatchId>,
    /// Whether the results of the one that was found are those of the requests.
    is_proven: bool,
}

impl Search {
    /// Counts a look that found nothing. Whether there is to be another.
    fn goes_on(&mut self, now: Timestamp, patience: Duration) -> bool {
        let begun = *self.begun.get_or_insert(now);
        self.looks += 1;
        let patience = SignedDuration::try_from(patience).unwrap_or(SignedDuration::MAX);
        now.duration_since(begun) < patience || self.looks < LOOKS_MIN
    }

    fn conclusion(&self) -> Conclusion {
        if self.is_proven { Conclusion::Compared } else { Conclusion::Listed }
    }
}

/// Counts one more attempt to fetch the results of a batch.
fn tries(batch: u32, memory: &mut Memory) -> u32 {
    let tries = memory.fetches.entry(batch).or_default();
    *tries += 1;
    *tries
}

/// Whether results are gone.
enum Gone {
    No,
    For(String),
    Unknown(Outcome),
}

/// How often the list is looked at, at least, before a batch is said not to be in it.
const LOOKS_MIN: u32 = 3;

/// Between two questions for the same batch lies no less,
const POLL_MIN: Duration = Duration::from_secs(1);

/// and no more, whatever the server says.
const POLL_MAX: Duration = Duration::from_secs(300);

fn row_counts(batch: &MessageBatch) -> RowCounts {
    let counts = batch.counts;
    RowCounts {
        succeeded: counts.succeeded,
        errored: counts.errored,
        canceled: counts.canceled,
        expired: counts.expired,
        other: 0,
    }
}

/// Whether the API only wants to wait, because its queue is full or it was asked too often.
fn is_rate_limit(error: &ApiError) -> bool {
    match error {
        ApiError::Failed { answer, .. } | ApiError::TooLong { answer, .. } => answer.status == 429,
        _ => false,
    }
}

fn stuck(doing: &str, error: &ApiError) -> Outcome {
    match error {
        ApiError::Interrupted => Outcome::Interrupted,
        _ => Outcome::Stuck { doing: doing.to_owned(), error: told(error) },
    }
}

/// An error with its causes, on one line.
pub(crate) fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}

/// A body that tells how much of it is on its way, and breaks off when the user wants to stop.
struct Watched<'w> {
    body: BodyStream<'w>,
    bytes: u64,
    clock: &'w dyn Clock,
    watcher: &'w mut dyn Watcher,
}

impl io::Read for Watched<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.clock.stop_is_wanted() {
            return Err(io::Error::other("interrupted"));
        }
        let length = self.body.read(buffer)?;
        self.bytes += length as u64;
        self.watcher.tell(&Event::Sent { bytes: self.bytes });
        Ok(length)
    }
}
