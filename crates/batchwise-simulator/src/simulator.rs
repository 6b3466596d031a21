use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap};
use std::io::Read;
use std::sync::Arc;

use batchwise_records::ApiVersion;
use jiff::Timestamp;

use crate::batch::Batch;
use crate::call::{COUNT_BODY_BYTES_MAX, Call, Content, Reading, Target};
use crate::chance::Chance;
use crate::desk::{Desk, Terms};
use crate::instant::Instant;
use crate::item::Item;
use crate::page::Page;
use crate::prompt_cache::PromptCache;
use crate::refusal::Refusal;
use crate::rows::Rows;
use crate::script::{Fault, Play, RowFault};
use crate::{Ending, Head, Reply, Settings, models};

/// One workspace of an API that exists only here.
///
/// It knows no clock: each call brings the time, which never goes back, and what happens in between is made up for then.
/// Equal settings, seeds, calls and times give equal answers.
pub struct Simulator {
    settings: Settings,
    desk: Arc<Desk>,
    seed: u64,
    chance: Chance,
    play: Play,
    now: Instant,
    /// By their number, which grows with the time of creation.
    batches: BTreeMap<u64, Batch>,
    numbers: HashMap<String, u64>,
    created: u64,
    /// When something happens to which batch.
    agenda: BinaryHeap<Reverse<(Instant, u64)>>,
    cache: PromptCache,
    batch_calls: CallLimit,
    count_calls: CallLimit,
    organization: String,
    workspace: String,
}

/// What reads bodies, without the simulator: several threads may.
#[derive(Clone)]
pub struct BodyReader(Arc<Desk>);

impl BodyReader {
    /// Reads as much of the body as the call needs; needs no more memory than one request of it and what is kept of all.
    pub fn read(&self, call: &Call, body: &mut dyn Read) -> Content {
        call.read(&self.0, body)
    }
}

impl Simulator {
    /// A workspace without batches.
    pub fn new(settings: Settings, seed: u64) -> Simulator {
        let mut chance = Chance::new(seed);
        let play = Play::new(settings.faults.clone(), Chance::of(seed, 0, 1));
        Simulator {
            desk: Arc::new(Desk::new(settings.account.clone())),
            organization: format!("{:08x}-0000-4000-8000-{:012x}", chance.next() >> 32, chance.next() >> 16),
            workspace: chance.id("wrkspc_"),
            settings,
            seed,
            chance,
            play,
            now: Instant::of(Timestamp::UNIX_EPOCH),
            batches: BTreeMap::new(),
            numbers: HashMap::new(),
            created: 0,
            agenda: BinaryHeap::new(),
            cache: PromptCache::default(),
            batch_calls: CallLimit::default(),
            count_calls: CallLimit::default(),
        }
    }

    /// What was accepted and not deleted since, in the order of creation: the id of each batch, and the custom_ids in it.
    /// No call can ask for that; tests of what sends batches do.
    pub fn accepted(&self) -> impl Iterator<Item = (&str, Vec<&str>)> {
        self.batches.values().map(|batch| (batch.id.as_str(), batch.custom_ids().collect()))
    }

    /// What reads the bodies of calls.
    pub fn body_reader(&self) -> BodyReader {
        BodyReader(Arc::clone(&self.desk))
    }

    /// Answers a whole call.
    pub fn handle(&mut self, head: &Head, body: &mut dyn Read, now: Timestamp) -> Reply {
        let call = self.begin(head, now);
        let content = self.body_reader().read(&call, body);
        self.answer(call, content, now)
    }

    /// Takes the head of a call, which counts it and decides what goes wrong.
    pub fn begin(&mut self, head: &Head, now: Timestamp) -> Call {
        self.advance(now);
        let target = Target::of(head);
        let version = head.header("anthropic-version").and_then(|name| name.parse::<ApiVersion>().ok());
        let betas =
            head.header("anthropic-beta").unwrap_or_default().split(',').map(|beta| beta.trim().to_owned());
        let day = self.now.day();
        let mut call = Call {
            fault: self.play.next(target.operation()),
            request_id: self.chance.id("req_"),
            terms: version.map(|version| Terms { version, betas: betas.collect(), day }),
            target,
            head: head.clone(),
            refusal: None,
            limit_headers: Vec::new(),
        };
        call.refusal = self.refuse(&mut call);
        call
    }

    /// What is wrong before the body is looked at.
    fn refuse(&mut self, call: &mut Call) -> Option<Refusal> {
        let length = call.head.header("content-length").and_then(|text| text.parse::<u64>().ok());
        let length_max = match call.target {
            Target::Create => self.settings.account.body_bytes_max,
            _ => COUNT_BODY_BYTES_MAX,
        };
        if length.is_some_and(|length| length > length_max) {
            return Some(Refusal::too_large());
        }
        if !has_key(&call.head) {
            return Some(Refusal::bad_key());
        }
        if call.target == Target::Nowhere {
            return Some(Refusal::not_found(crate::refusal::ours("nothing answers this method and path")));
        }
        if call.terms.is_none() {
            return Some(Refusal::invalid_in_our_words("anthropic-version: write 2026-10-21 or 2023-06-01"));
        }
        let limit = match &call.target {
            Target::CountTokens => &mut self.count_calls,
            target if target.is_about_batches() => &mut self.batch_calls,
            _ => return None,
        };
        let max = self.settings.account.requests_per_minute;
        let is_within = limit.take(self.now, max);
        let reset = self.now.next_minute();
        call.limit_headers = vec![
            ("anthropic-ratelimit-requests-limit", max.to_string()),
            ("anthropic-ratelimit-requests-remaining", limit.left(max).to_string()),
            ("anthropic-ratelimit-requests-reset", reset.text()),
        ];
        let wait = self.now.seconds_until(reset);
        (!is_within).then(|| Refusal::rate_limit("more requests than the limit of a minute", Some(wait)))
    }

    /// Does what a call asks for, and answers it.
    pub fn answer(&mut self, call: Call, content: Content, now: Timestamp) -> Reply {
        self.advance(now);
        let Call { target, head, request_id, fault, refusal, limit_headers, .. } = &call;
        let done = match (refusal, fault) {
            (Some(refusal), _) => Err(refusal.clone()),
            (_, Some(Fault::SpendCap)) => Err(Refusal::spend_cap()),
            (_, Some(Fault::NotFound)) => Err(no_batch(id_of(target))),
            (_, Some(Fault::Answer { status, retry_after, after_accepting: false })) => {
                Err(Refusal::scripted(*status, *retry_after))
            }
            (_, Some(Fault::DropBefore)) => Ok(Reply::json(String::new())),
            _ => self.act(target, head, content.0, *fault),
        };
        let mut reply = done.unwrap_or_else(|refusal| refusal.into_reply(request_id));
        match *fault {
            Some(Fault::Answer { status, retry_after, after_accepting: true }) => {
                reply = Refusal::scripted(status, retry_after).into_reply(request_id);
            }
            Some(Fault::DropBefore | Fault::DropAfter) => reply.ending = Ending::Nothing,
            Some(Fault::Slow(time)) => reply.delay = time,
            _ => (),
        }
        reply.headers.extend([
            ("date", self.now.http_date()),
            ("request-id", request_id.clone()),
            ("anthropic-organization-id", self.organization.clone()),
            ("anthropic-workspace-id", self.workspace.clone()),
        ]);
        reply.headers.extend(limit_headers.iter().cloned());
        reply
    }

    fn act(
        &mut self,
        target: &Target,
        head: &Head,
        content: Reading,
        fault: Option<Fault>,
    ) -> Result<Reply, Refusal> {
        match content {
            Reading::Refused(refusal) => return Err(refusal),
            Reading::Broken => return Ok(Reply { ending: Ending::Nothing, ..Reply::json(String::new()) }),
            Reading::Batch(items) => return self.create(items, head),
            Reading::Count(tokens) => return Ok(Reply::json(format!("{{\"input_tokens\":{tokens}}}"))),
            Reading::Skipped => (),
        }
        match target {
            Target::Retrieve(id) => self.retrieve(id, head),
            Target::List => self.list(head, fault),
            Target::Cancel(id) => self.cancel(id, head),
            Target::Delete(id) => self.delete(id),
            Target::Results(id) => self.results(id, fault),
            Target::Models => models::list(self.desk.book, self.now.day(), head).map(Reply::json),
            Target::Model(name) => models::one(self.desk.book, self.now.day(), name).map(Reply::json),
            Target::Create | Target::CountTokens | Target::Nowhere => {
                Err(Refusal::invalid_in_our_words("there is no body"))
            }
        }
    }

    fn create(&mut self, items: Vec<Item>, head: &Head) -> Result<Reply, Refusal> {
        let queued: u64 = self.batches.values().map(Batch::queued).sum();
        let max = self.settings.account.queued_requests_max;
        if queued + items.len() as u64 > max {
            let message = format!("{queued} requests are in the processing queue, which takes {max}");
            return Err(Refusal::rate_limit(&message, None));
        }
        let batch = Batch::new(items, self.now, &self.settings.processing, &mut self.chance);
        let number = self.created;
        self.created += 1;
        self.numbers.insert(batch.id.clone(), number);
        self.agenda
            .extend(batch.next_event(&self.settings.processing).map(|moment| Reverse((moment, number))));
        self.batches.insert(number, batch);
        Ok(self.show(number, head))
    }

    fn number(&self, id: &str) -> Result<u64, Refusal> {
        self.numbers.get(id).copied().ok_or_else(|| no_batch(id))
    }

    /// The batch of a number that exists.
    fn show(&self, number: u64, head: &Head) -> Reply {
        Reply::json(self.json(&self.batches[&number], head))
    }

    /// The same for who asked: while the batch is not done, it says when to ask again.
    fn retrieve(&self, id: &str, head: &Head) -> Result<Reply, Refusal> {
        let number = self.number(id)?;
        let mut reply = self.show(number, head);
        if self.batches[&number].ended().is_none() {
            reply.headers.push(("retry-after", self.settings.processing.poll_seconds.to_string()));
        }
        Ok(reply)
    }

    fn json(&self, batch: &Batch, head: &Head) -> String {
        let host = head.header("host").filter(|host| host.bytes().all(is_of_host)).unwrap_or("127.0.0.1");
        batch.json(self.now, &self.settings.processing, &format!("http://{host}"))
    }

    fn list(&self, head: &Head, fault: Option<Fault>) -> Result<Reply, Refusal> {
        let lag = match fault {
            Some(Fault::ListLag(lag)) => i64::try_from(lag.as_micros()).unwrap_or(i64::MAX),
            _ => 0,
        };
        let is_shown = |batch: &&Batch| lag == 0 || batch.created.plus_micros(lag) <= self.now;
        let newest_first: Vec<&Batch> = self.batches.values().rev().filter(is_shown).collect();
        let page = Page::of(newest_first, head, |batch| &batch.id)?;
        Ok(Reply::json(page.json(|batch| &batch.id, |batch| self.json(batch, head))))
    }

    /// Of a batch that has ended, nobody has recorded the answer: it is shown as it is.
    fn cancel(&mut self, id: &str, head: &Head) -> Result<Reply, Refusal> {
        let number = self.number(id)?;
        let (now, how) = (self.now, &self.settings.processing);
        if let Some(batch) = self.batches.get_mut(&number) {
            batch.cancel(now);
            self.agenda.extend(batch.next_event(how).map(|moment| Reverse((moment, number))));
        }
        Ok(self.show(number, head))
    }

    fn delete(&mut self, id: &str) -> Result<Reply, Refusal> {
        let number = self.number(id)?;
        if self.batches[&number].ended().is_none() {
            return Err(Refusal::invalid(
                "In progress batches cannot be deleted. Consider canceling the batch instead.",
            ));
        }
        self.batches.remove(&number);
        self.numbers.remove(id);
        Ok(Reply::json(format!(r#"{{"id":"{id}","type":"message_batch_deleted"}}"#)))
    }

    fn results(&self, id: &str, fault: Option<Fault>) -> Result<Reply, Refusal> {
        let number = self.number(id)?;
        let batch = &self.batches[&number];
        if !batch.has_results(self.now) {
            return Err(Refusal::not_found(format!("Message Batch {id} has no available results.")));
        }
        let rows = Rows::new(batch.results(), Chance::of(self.seed, number, 2).next());
        let Some(Fault::Rows(fault, at)) = fault else { return Ok(Reply::rows(rows)) };
        let mut reply = Reply::rows(rows.with_fault(fault, at));
        reply.ending = match fault {
            RowFault::CutLength => Ending::LengthCut,
            RowFault::CutChunk => Ending::ChunkCut,
            _ => Ending::Whole,
        };
        Ok(reply)
    }

    /// Lets happen what has happened since the last call, in its order.
    fn advance(&mut self, now: Timestamp) {
        self.now = self.now.max(Instant::of(now));
        let how = &self.settings.processing;
        while let Some(&Reverse((moment, number))) = self.agenda.peek() {
            if moment > self.now {
                return;
            }
            self.agenda.pop();
            let Some(batch) = self.batches.get_mut(&number) else { continue };
            // A batch that was told to stop is twice in the agenda.
            if batch.next_event(how) != Some(moment) {
                continue;
            }
            batch.step(moment, how, &mut self.cache, &mut self.chance);
            self.agenda.extend(batch.next_event(how).map(|moment| Reverse((moment, number))));
        }
    }
}

/// A key in either header; when both are there, `x-api-key` counts. Any key is good that is not empty.
fn has_key(head: &Head) -> bool {
    let bearer = || head.header("authorization").and_then(|text| text.strip_prefix("Bearer "));
    head.header("x-api-key").or_else(bearer).is_some_and(|key| !key.trim().is_empty())
}

fn is_of_host(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte)
}

fn id_of(target: &Target) -> &str {
    match target {
        Target::Retrieve(id) | Target::Cancel(id) | Target::Delete(id) | Target::Results(id) => id,
        _ => "",
    }
}

fn no_batch(id: &str) -> Refusal {
    Refusal::not_found(format!("Message Batch {id} not found."))
}

/// How many calls came within the minute.
#[derive(Debug, Default)]
struct CallLimit {
    minute: i64,
    calls: u64,
}

impl CallLimit {
    /// Counts a call, unless there were `max` of them.
    fn take(&mut self, now: Instant, max: u64) -> bool {
        if self.minute != now.minute() {
            *self = CallLimit { minute: now.minute(), calls: 0 };
        }
        let is_within = self.calls < max;
        self.calls += u64::from(is_within);
        is_within
    }

    fn left(&self, max: u64) -> u64 {
        max - self.calls
    }
}
