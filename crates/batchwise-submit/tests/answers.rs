//! What the executor makes of answers that no honest server gives, or seldom: each is given as it is.

#[path = "campaign/workload.rs"]
mod workload;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, Cursor, Read, Write};
use std::rc::Rc;
use std::time::Duration;

use batchwise_api::{
    Answer, ApiError, BatchId, BatchPage, CreateError, MessageBatch, ProcessingStatus, RequestCounts, Told,
    Upload,
};
use batchwise_plan::Fingerprint;
use batchwise_submit::{
    Batches, Begun, Clock, Entry, Event, Executor, Journal, OnAmbiguous, Outcome, Reply, SCHEMA, Terms,
    Vault, Watcher, survey,
};
use jiff::Timestamp;
use workload::Workload;

/// A server that says what it was told to say.
struct Says {
    /// The names of the batches that it makes, in turn.
    names: Vec<&'static str>,
    /// What it counts in each.
    counts: RequestCounts,
    has_results: bool,
    is_archived: bool,
    rows: String,
    fetched: u32,
    /// How often it does not say what came of making a batch.
    vague: u32,
    /// How often it was asked for one.
    created: u32,
}

impl Says {
    fn batch(&self, id: &BatchId, status: ProcessingStatus) -> Told<MessageBatch> {
        let shown = MessageBatch {
            id: id.clone(),
            status,
            counts: self.counts,
            created_at: Timestamp::UNIX_EPOCH,
            expires_at: None,
            ended_at: None,
            cancel_initiated_at: None,
            archived_at: self.is_archived.then_some(Timestamp::UNIX_EPOCH),
            has_results: self.has_results,
        };
        Told { value: shown, retry_after: None, date: None, request_id: None }
    }
}

impl Batches for Says {
    fn create(&mut self, upload: Upload<'_>) -> Result<Told<MessageBatch>, CreateError> {
        io::copy(upload.body, &mut io::sink()).unwrap();
        self.created += 1;
        if self.created <= self.vague {
            return Err(CreateError::Unclear { detail: "504".to_owned(), request_id: None });
        }
        let id = BatchId::new(self.names.remove(0)).unwrap();
        Ok(self.batch(&id, ProcessingStatus::InProgress))
    }

    fn retrieve(&mut self, id: &BatchId) -> Result<Told<MessageBatch>, ApiError> {
        Ok(self.batch(id, ProcessingStatus::Ended))
    }

    fn list(&mut self, _: Option<&BatchId>, _: u32) -> Result<Told<BatchPage>, ApiError> {
        let page = BatchPage { batches: Vec::new(), has_more: false, last_id: None };
        Ok(Told { value: page, retry_after: None, date: None, request_id: None })
    }

    fn cancel(&mut self, _: &BatchId) -> Result<Told<MessageBatch>, ApiError> {
        unreachable!("nobody cancels")
    }

    fn results(&mut self, _: &BatchId) -> Result<Box<dyn Read + Send>, ApiError> {
        self.fetched += 1;
        match self.has_results {
            true => Ok(Box::new(Cursor::new(self.rows.clone().into_bytes()))),
            false => Err(ApiError::NotFound(Answer {
                status: 404,
                kind: Some("not_found_error".into()),
                code: None,
                message: "no results".to_owned(),
                request_id: None,
            })),
        }
    }
}

/// A disk, a clock that waits for nothing, and a list of what was told.
#[derive(Clone, Default)]
struct Desk(Rc<RefCell<Kept>>);

#[derive(Default)]
struct Kept {
    uptime: Duration,
    told: Vec<String>,
    unfinished: Vec<u8>,
    results: BTreeMap<u32, Vec<u8>>,
}

impl Vault for Desk {
    fn append(&mut self, _: &str) -> io::Result<()> {
        Ok(())
    }

    fn begin_results(&mut self, _: u32) -> io::Result<Box<dyn Write>> {
        self.0.borrow_mut().unfinished.clear();
        Ok(Box::new(self.clone()))
    }

    fn keep_results(&mut self, batch: u32) -> io::Result<()> {
        let mut kept = self.0.borrow_mut();
        let whole = std::mem::take(&mut kept.unfinished);
        kept.results.insert(batch, whole);
        Ok(())
    }
}

impl Write for Desk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().unfinished.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Clock for Desk {
    fn timestamp(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH + jiff::SignedDuration::try_from(self.0.borrow().uptime).unwrap()
    }

    fn uptime(&self) -> Duration {
        self.0.borrow().uptime
    }

    fn sleep(&self, time: Duration) {
        self.0.borrow_mut().uptime += time;
    }

    fn stop_is_wanted(&self) -> bool {
        false
    }
}

impl Watcher for Desk {
    fn tell(&mut self, event: &Event<'_>) {
        let text = match event {
            Event::Doubt { message } => (*message).to_owned(),
            Event::FetchingAgain { why, .. } => format!("again: {why}"),
            Event::Lost { why, .. } => format!("lost: {why}"),
            _ => return,
        };
        self.0.borrow_mut().told.push(text);
    }
}

/// An execution of two requests.
struct Stage {
    workload: Workload,
    journal: Journal,
    desk: Desk,
}

impl Stage {
    fn new(batch_max: u64) -> Stage {
        let workload = Workload::new("r", 2, batch_max, None);
        let begun = Begun {
            schema: SCHEMA.to_owned(),
            plan_sha256: Fingerprint::of(b""),
            batches: u32::try_from(workload.plan.batches.len()).unwrap(),
            base_url: String::new(),
            api_version: String::new(),
            betas: Vec::new(),
            workspace: None,
            user_profile: None,
        };
        let (journal, _) = Journal::begin(Timestamp::UNIX_EPOCH, Entry::Begun(begun));
        Stage { workload, journal, desk: Desk::default() }
    }

    fn run(&mut self, says: &mut Says, terms: &Terms) -> Outcome {
        let ids = survey(&self.workload.plan, &mut &self.workload).unwrap();
        let executor = Executor {
            plan: &self.workload.plan,
            journal: &mut self.journal,
            inputs: &mut &self.workload,
            ids: &ids,
            batches: says,
            vault: &mut self.desk.clone(),
            clock: &self.desk,
            watcher: &mut self.desk.clone(),
            terms,
        };
        executor.run().unwrap()
    }

    /// How many seconds have passed.
    fn seconds(&self) -> u64 {
        self.desk.0.borrow().uptime.as_secs()
    }
}

/// How an execution of two requests, in so many batches, went: its end, what was told, and how many results are kept.
fn run(batch_max: u64, says: &mut Says) -> String {
    let mut stage = Stage::new(batch_max);
    let end = stage.run(says, &Terms::default());
    let kept = stage.desk.0.borrow();
    let mut told = kept.told.clone();
    told.dedup();
    format!("{}\n{end}; {} kept, fetched {} times", told.join("\n"), kept.results.len(), says.fetched)
}

/// A server that makes one batch of both requests, counts two successes, and has their rows.
fn honest() -> Says {
    let row = |id: &str| format!("{{\"custom_id\":\"{id}\",\"result\":{{\"type\":\"succeeded\"}}}}\n");
    Says {
        names: vec!["msgbatch_a", "msgbatch_b"],
        counts: RequestCounts { processing: 0, succeeded: 2, errored: 0, canceled: 0, expired: 0 },
        has_results: true,
        is_archived: false,
        rows: row("r-1") + &row("r-0"),
        fetched: 0,
        vague: 0,
        created: 0,
    }
}

#[test]
fn answers_are_taken_for_what_they_are_worth() {
    insta::assert_snapshot!(run(2, &mut honest()), @"

    all is done; 1 kept, fetched 1 times
    ");

    let counts = RequestCounts { succeeded: 1, errored: 1, ..honest().counts };
    insta::assert_snapshot!(run(2, &mut Says { counts, ..honest() }), @"
    again: counts differ: 2 rows are `succeeded`, and the API counted 1
    the results of batch 0 are all there, but counts differ: 2 rows are `succeeded`, and the API counted 1
    all is done; 1 kept, fetched 3 times
    ");

    let counts = RequestCounts { succeeded: 3, ..honest().counts };
    insta::assert_snapshot!(run(2, &mut Says { counts, ..honest() }), @"
    batch 0 has 2 requests, but msgbatch_a says 3
    again: counts differ: 2 rows are `succeeded`, and the API counted 3
    the results of batch 0 are all there, but counts differ: 2 rows are `succeeded`, and the API counted 3
    all is done; 1 kept, fetched 3 times
    ");

    let rows = honest().rows.replace("r-0", "r-9");
    insta::assert_snapshot!(run(2, &mut Says { rows, ..honest() }), @"

    cannot fetch the results of batch 0, msgbatch_a: the rows have other ids than were sent, so the batch is another one; 0 kept, fetched 1 times
    ");

    let rows = honest().rows + &honest().rows.replace("r-", "x-");
    insta::assert_snapshot!(run(2, &mut Says { rows, ..honest() }), @"

    cannot fetch the results of batch 0, msgbatch_a: there are more rows than the 2 requests that were sent, so the batch is another one; 0 kept, fetched 1 times
    ");

    let rows = honest().rows.lines().next().unwrap().to_owned();
    insta::assert_snapshot!(run(2, &mut Says { rows, ..honest() }), @"
    again: rows are missing: 1 of 2 are there
    cannot fetch the results of batch 0, msgbatch_a, 8 times: rows are missing: 1 of 2 are there; 0 kept, fetched 8 times
    ");

    // A type of results that nobody knows yet.
    let rows = honest().rows.replacen("succeeded", "transcended", 1);
    insta::assert_snapshot!(run(2, &mut Says { rows, ..honest() }), @"

    all is done; 1 kept, fetched 1 times
    ");

    insta::assert_snapshot!(run(2, &mut Says { has_results: false, ..honest() }), @"
    again: 404 not_found_error: no results
    cannot fetch the results of batch 0, msgbatch_a: 404 not_found_error: no results; 0 kept, fetched 91 times
    ");
    insta::assert_snapshot!(run(2, &mut Says { has_results: false, is_archived: true, ..honest() }), @"
    lost: its results are kept for 29 days, and those are over
    all is done; 0 kept, fetched 1 times
    ");

    // Two batches by one name.
    let counts = RequestCounts { succeeded: 1, ..honest().counts };
    insta::assert_snapshot!(run(1, &mut Says { names: vec!["msgbatch_a", "msgbatch_a"], counts, ..honest() }), @"

    cannot believe what the API says about batch 1: it is said to be msgbatch_a, which is another one; 0 kept, fetched 1 times
    ");
}

/// A minute is waited for a list that is late before somebody is asked, and what somebody says holds once.
#[test]
fn what_is_not_listed_is_looked_for_before_anybody_decides() {
    let mut says = Says { vague: 9, ..honest() };
    let mut stage = Stage::new(2);
    let adopt = Terms { on_ambiguous: OnAmbiguous::Adopt, ..Terms::default() };
    assert!(matches!(stage.run(&mut says, &adopt), Outcome::Ambiguous { batch: 0, .. }));
    assert!((60..80).contains(&stage.seconds()), "{}", stage.seconds());

    let told = Terms { resolutions: [(0, Reply::SendAgain)].into(), ..adopt };
    let before = stage.seconds();
    assert!(matches!(stage.run(&mut says, &told), Outcome::Ambiguous { batch: 0, .. }));
    assert_eq!(says.created, 2, "the word was for the first attempt");
    assert!(stage.seconds() - before >= 120, "{}", stage.seconds() - before);
}

#[test]
fn what_is_not_listed_for_long_is_sent_again() {
    let mut says = Says { vague: 2, ..honest() };
    let mut stage = Stage::new(2);
    let wait = Terms { on_ambiguous: OnAmbiguous::Wait, ..Terms::default() };
    assert_eq!(stage.run(&mut says, &wait), Outcome::Finished);
    assert_eq!(says.created, 3);
    assert!((1_200..1_400).contains(&stage.seconds()), "{}", stage.seconds());
}

#[test]
fn a_batch_that_is_given_up_is_lost() {
    let mut stage = Stage::new(2);
    let mut says = Says { rows: String::new(), ..honest() };
    assert!(matches!(stage.run(&mut says, &Terms::default()), Outcome::Stuck { .. }));
    let given_up = Terms { resolutions: [(0, Reply::GiveUp)].into(), ..Terms::default() };
    assert_eq!(stage.run(&mut says, &given_up), Outcome::Finished);
    assert!(stage.journal.execution().is_finished());
}
