use std::sync::Arc;

use crate::chance::Chance;
use crate::instant::Instant;
use crate::item::{Item, Outcome, Work};
use crate::prompt_cache::PromptCache;
use crate::settings::Processing;

/// One batch: what it holds, and how far it is.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) id: String,
    pub(crate) created: Instant,
    /// How long it takes if nobody stops it, in microseconds.
    duration: i64,
    canceled: Option<Instant>,
    ended: Option<Instant>,
    /// Shared with downloads, which begin only when nothing changes any more.
    items: Arc<Vec<Item>>,
    /// The order in which they are processed, in which the results come too.
    order: Arc<Vec<u32>>,
    /// How many of them are done.
    done: usize,
    counts: Counts,
}

/// How many requests of a batch are where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) processing: u64,
    pub(crate) succeeded: u64,
    pub(crate) errored: u64,
    pub(crate) canceled: u64,
    pub(crate) expired: u64,
}

/// The documented window for processing, and how long results can be fetched after creation.
const WINDOW_SECONDS: u64 = 24 * 3_600;
const RESULTS_SECONDS: u64 = 29 * WINDOW_SECONDS;

impl Batch {
    pub(crate) fn new(items: Vec<Item>, created: Instant, how: &Processing, chance: &mut Chance) -> Batch {
        let count = items.len() as u64;
        let seconds = chance.between(how.seconds_min, how.seconds_max);
        let millis = seconds * 1_000 + how.seconds_per_thousand * count;
        let order = chance.shuffled(u32::try_from(count).expect("no batch has that many requests"));
        Batch {
            id: chance.id("msgbatch_"),
            created,
            duration: i64::try_from(millis * 1_000).unwrap_or(i64::MAX),
            canceled: None,
            ended: None,
            items: Arc::new(items),
            order: Arc::new(order),
            done: 0,
            counts: Counts { processing: count, ..Counts::default() },
        }
    }

    pub(crate) fn custom_ids(&self) -> impl Iterator<Item = &str> {
        self.items.iter().map(|item| &*item.custom_id)
    }

    pub(crate) fn expires(&self) -> Instant {
        self.created.plus_seconds(WINDOW_SECONDS)
    }

    pub(crate) fn ended(&self) -> Option<Instant> {
        self.ended
    }

    /// Those that still count against the queue.
    pub(crate) fn queued(&self) -> u64 {
        self.counts.processing
    }

    /// Stops it, unless it was stopped or has ended.
    pub(crate) fn cancel(&mut self, now: Instant) {
        if self.ended.is_none() {
            self.canceled.get_or_insert(now);
        }
    }

    /// The moment at which it ends by force.
    fn deadline(&self, how: &Processing) -> Instant {
        let stopped = self.canceled.map(|moment| moment.plus_seconds(how.cancel_seconds));
        stopped.map_or(self.expires(), |moment| moment.min(self.expires()))
    }

    /// When something happens to it next; `None` when it has ended.
    pub(crate) fn next_event(&self, how: &Processing) -> Option<Instant> {
        let (done, all) = (i128::try_from(self.done + 1).ok()?, i128::try_from(self.items.len()).ok()?);
        let elapsed = i128::from(self.duration) * done / all.max(1);
        let next = self.created.plus_micros(i64::try_from(elapsed).unwrap_or(i64::MAX));
        self.ended.is_none().then(|| next.min(self.deadline(how)))
    }

    /// Lets happen what happens at `moment`, the time of its next event.
    pub(crate) fn step(
        &mut self,
        moment: Instant,
        how: &Processing,
        cache: &mut PromptCache,
        chance: &mut Chance,
    ) {
        let is_over = moment >= self.deadline(how);
        if !is_over && let Some(&index) = self.order.get(self.done) {
            let outcome = self.items[index as usize].process(moment, how, cache, chance);
            self.settle(index, outcome);
        }
        if self.done == self.order.len() || is_over {
            self.end(moment);
        }
    }

    /// Ends it: what is not done is canceled, or expired.
    fn end(&mut self, moment: Instant) {
        let rest = if self.canceled.is_some() { Outcome::Canceled } else { Outcome::Expired };
        while let Some(&index) = self.order.get(self.done) {
            self.settle(index, rest);
        }
        self.ended = Some(moment);
    }

    fn settle(&mut self, index: u32, outcome: Outcome) {
        let items = Arc::get_mut(&mut self.items).expect("results are handed out only after the end");
        let item = &mut items[index as usize];
        item.outcome = outcome;
        if let Ok(work) = &mut item.task {
            work.prefixes = Box::default();
        }
        self.done += 1;
        self.counts.processing -= 1;
        *match outcome {
            Outcome::Succeeded(_) => &mut self.counts.succeeded,
            Outcome::Errored => &mut self.counts.errored,
            Outcome::Canceled => &mut self.counts.canceled,
            Outcome::Expired => &mut self.counts.expired,
            Outcome::Waiting => &mut self.counts.processing,
        } += 1;
    }

    /// Whether results can be fetched.
    pub(crate) fn has_results(&self, now: Instant) -> bool {
        self.ended.is_some() && !self.is_archived(now)
    }

    fn is_archived(&self, now: Instant) -> bool {
        self.ended.is_some() && now >= self.created.plus_seconds(RESULTS_SECONDS)
    }

    /// Its requests and their order, once it has ended.
    pub(crate) fn results(&self) -> (Arc<Vec<Item>>, Arc<Vec<u32>>) {
        (Arc::clone(&self.items), Arc::clone(&self.order))
    }

    /// The object that the API shows. `base` is where the server is.
    pub(crate) fn json(&self, now: Instant, how: &Processing, base: &str) -> String {
        let status = match (self.ended, self.canceled) {
            (Some(_), _) => "ended",
            (None, Some(_)) => "canceling",
            (None, None) => "in_progress",
        };
        let Counts { processing, succeeded, errored, canceled, expired } = self.shown_counts(how);
        let moment = |moment: Option<Instant>| match moment {
            Some(moment) => format!("\"{}\"", moment.text()),
            None => "null".to_owned(),
        };
        let archived = self.is_archived(now).then(|| self.created.plus_seconds(RESULTS_SECONDS));
        let results = match self.has_results(now) {
            true => format!("\"{base}/v1/messages/batches/{}/results\"", self.id),
            false => "null".to_owned(),
        };
        format!(
            r#"{{"id":"{}","type":"message_batch","processing_status":"{status}","request_counts":{{"processing":{processing},"succeeded":{succeeded},"errored":{errored},"canceled":{canceled},"expired":{expired}}},"ended_at":{},"created_at":{},"expires_at":{},"archived_at":{},"cancel_initiated_at":{},"results_url":{results}}}"#,
            self.id,
            moment(self.ended),
            moment(Some(self.created)),
            moment(Some(self.expires())),
            moment(archived),
            moment(self.canceled),
        )
    }

    fn shown_counts(&self, how: &Processing) -> Counts {
        if self.ended.is_some() || how.progressive_counts {
            return self.counts;
        }
        Counts { processing: self.items.len() as u64, ..Counts::default() }
    }
}

impl Item {
    fn process(
        &self,
        moment: Instant,
        how: &Processing,
        cache: &mut PromptCache,
        chance: &mut Chance,
    ) -> Outcome {
        let Ok(work) = &self.task else { return Outcome::Errored };
        let mut usage = cache.process(work, moment, how.cache_hit_percent, chance);
        usage.output = reply_tokens(work, how, chance);
        Outcome::Succeeded(usage)
    }
}

fn reply_tokens(work: &Work, how: &Processing, chance: &mut Chance) -> u64 {
    chance.between(1, how.reply_tokens_max).min(work.max_tokens)
}
