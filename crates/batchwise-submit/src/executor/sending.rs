use std::io;
use std::time::Duration;

use batchwise_api::{ApiError, CreateError, MessageBatch, Upload};

use super::{ATTEMPTS_MAX, Done, Executor, Memory, Setback, stuck, told};
use crate::listing::read_list;
use crate::{BodyStream, Clock, Conclusion, Entry, Event, Outcome, Watcher};

/// Nothing is sent again sooner,
const WAIT_MIN: Duration = Duration::from_secs(5);

/// nor later, whatever the server says.
const WAIT_MAX: Duration = Duration::from_secs(3_600);

impl Executor<'_> {
    /// Looks at what is there, writes down that the batch is being sent, sends it once, and writes down what came of it.
    pub(super) fn send(&mut self, batch: u32, memory: &mut Memory) -> Done {
        let now = self.clock.timestamp();
        let listing = match read_list(self.batches, self.terms.queued_requests_max.is_some(), now) {
            Ok(listing) => listing,
            Err(error) => return Ok(Some(stuck("list the batches that are there", &error))),
        };
        let requests = self.batch(batch).requests;
        if let Some(max) = self.terms.queued_requests_max
            && listing.queued.saturating_add(requests) > max
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
    ) -> Option<Setback> {
        let text = told(error);
        if matches!(error, ApiError::Interrupted | ApiError::Body(_)) && self.clock.stop_is_wanted() {
            return Some(Setback::Stop(Outcome::Interrupted));
        }
        memory.failures += 1;
        let is_full = is_rate_limit(error);
        if error.may_pass() && (is_full || memory.failures < ATTEMPTS_MAX) {
            let doubled = Duration::from_secs(5 << memory.failures.min(6));
            return self.hold(batch, &text, wait.unwrap_or(doubled), memory);
        }
        let outcome = match error {
            ApiError::Refused(_) | ApiError::Body(_) => Outcome::Refused { batch, error: text },
            _ => Outcome::Stuck { doing: format!("send batch {batch}"), error: text },
        };
        Some(Setback::Close(batch, outcome))
    }

    fn hold(&mut self, batch: u32, why: &str, wait: Duration, memory: &mut Memory) -> Option<Setback> {
        let wait = wait.clamp(WAIT_MIN, WAIT_MAX);
        memory.held_until = self.clock.uptime() + wait;
        self.watcher.tell(&Event::Held { batch, why, wait });
        None
    }

    /// A batch of the server is taken for one of the plan.
    pub(super) fn created(&mut self, batch: u32, made: &MessageBatch, how: Conclusion) -> Done {
        let is_refuted = self.journal.execution().records()[batch as usize].foreign.contains(&made.id);
        if is_refuted || self.journal.execution().holder(&made.id).is_some() {
            let error = format!("it is said to be {}, which is another one", made.id);
            let doing = format!("believe what the API says about batch {batch}");
            return Ok(Some(Setback::Aside(batch, Outcome::Stuck { doing, error })));
        }
        let requests = self.batch(batch).requests;
        let counted = made.counts.total();
        if counted != requests {
            let message = format!("batch {batch} has {requests} requests, but {} says {counted}", made.id);
            self.watcher.tell(&Event::Doubt { message: &message });
        }
        self.write(Entry::Created { batch, id: made.id.clone(), created_at: made.created_at, how })?;
        let is_adopted = how != Conclusion::Answered;
        self.watcher.tell(&Event::Created { batch, id: &made.id, is_adopted });
        Ok(None)
    }
}

/// Whether the API only wants to wait, because its queue is full or it was asked too often.
fn is_rate_limit(error: &ApiError) -> bool {
    match error {
        ApiError::Failed { answer, .. } | ApiError::TooLong { answer, .. } => answer.status == 429,
        _ => false,
    }
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
