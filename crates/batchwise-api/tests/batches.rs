//! The client against the simulator on the network: every endpoint, and every fault that it plays.

mod support;

use std::io::{self, Read};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::thread;
use std::time::Duration;

use batchwise_api::{
    ApiError, BatchId, Client, CreateError, ProcessingStatus, Timeouts, TransportFault, UreqTransport,
};
use batchwise_simulator::{Server, Settings, Simulator};
use jiff::Timestamp;
use support::clients::{Hurry, SOON, client, create};

/// A simulator on the network, its time in seconds, and a client.
struct Stage {
    seconds: Arc<AtomicI64>,
    client: Client<UreqTransport, Hurry>,
}

impl Stage {
    fn start(settings: &str) -> Stage {
        Stage::with_timeouts(settings, SOON)
    }

    fn with_timeouts(settings: &str, timeouts: Timeouts) -> Stage {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seconds = Arc::new(AtomicI64::new(1_795_248_000));
        let told = Arc::clone(&seconds);
        let clock = move || Timestamp::from_second(told.load(Ordering::SeqCst)).unwrap();
        let server = Server::new(Simulator::new(Settings::parse(settings).unwrap(), 1), clock);
        thread::spawn(move || server.serve(&listener));
        Stage { seconds, client: client(&url, timeouts) }
    }

    /// One fault for these calls, from the first on.
    fn with_fault(on: &str, what: &str) -> Stage {
        Stage::start(&format!("[[fault]]\non = \"{on}\"\n{what}\n"))
    }

    fn an_hour_passes(&self) {
        self.seconds.fetch_add(3_600, Ordering::SeqCst);
    }

    fn create(&mut self, requests: usize) -> BatchId {
        create(&mut self.client, &body(requests)).unwrap().value.id
    }

    /// How many batches there are.
    fn count(&mut self) -> usize {
        self.client.list_batches(None, 1_000).unwrap().value.batches.len()
    }

    fn results(&mut self, id: &BatchId) -> io::Result<String> {
        let mut text = String::new();
        let mut results = self.client.batch_results(id).map_err(io::Error::other)?;
        results.read_to_string(&mut text).map(|_| text)
    }
}

fn body(requests: usize) -> Vec<u8> {
    let request = |index: usize| {
        format!(
            r#"{{"custom_id":"r{index}","params":{{"model":"claude-haiku-4-5","max_tokens":9,"messages":[{{"role":"user","content":"Hi"}}]}}}}"#
        )
    };
    let requests: Vec<String> = (0..requests).map(request).collect();
    format!(r#"{{"requests":[{}]}}"#, requests.join(",")).into_bytes()
}

fn rows(text: &str) -> usize {
    text.matches("\"custom_id\"").count()
}

#[test]
fn a_batch_lives_from_its_creation_to_its_removal() {
    let mut stage = Stage::start("");
    let created = create(&mut stage.client, &body(3)).unwrap();
    let batch = created.value;
    assert_eq!((&batch.status, batch.counts.processing), (&ProcessingStatus::InProgress, 3));
    assert_eq!(batch.created_at.to_string(), "2026-11-21T08:00:00Z");
    assert_eq!(batch.expires_at.unwrap().to_string(), "2026-11-22T08:00:00Z");
    assert_eq!(created.date, Some(batch.created_at));
    assert!(created.request_id.unwrap().starts_with("req_"));
    let polled = stage.client.retrieve_batch(&batch.id).unwrap();
    assert_eq!(polled.retry_after.unwrap().as_secs(), 10);
    assert!(matches!(stage.client.batch_results(&batch.id), Err(ApiError::NotFound(_))), "too early");
    let too_early = stage.client.delete_batch(&batch.id).unwrap_err();
    assert!(
        matches!(&too_early, ApiError::Refused(answer) if answer.message.contains("canceling the batch"))
    );

    stage.an_hour_passes();
    let polled = stage.client.retrieve_batch(&batch.id).unwrap();
    assert_eq!((polled.value.status, polled.value.has_results), (ProcessingStatus::Ended, true));
    assert_eq!(
        (polled.value.counts.succeeded, polled.value.counts.total(), polled.retry_after),
        (3, 3, None)
    );
    assert!(polled.value.ended_at > Some(batch.created_at));
    assert_eq!(rows(&stage.results(&batch.id).unwrap()), 3);
    stage.client.delete_batch(&batch.id).unwrap();
    assert!(matches!(stage.client.retrieve_batch(&batch.id), Err(ApiError::NotFound(_))));
    assert_eq!(stage.count(), 0);
}

#[test]
fn a_batch_that_is_told_to_stop_stops() {
    let mut stage = Stage::start("");
    let id = stage.create(5);
    let told = stage.client.cancel_batch(&id).unwrap().value;
    assert_eq!(told.status, ProcessingStatus::Canceling);
    assert!(told.cancel_initiated_at.is_some());
    stage.an_hour_passes();
    let ended = stage.client.retrieve_batch(&id).unwrap().value;
    assert_eq!((ended.status, ended.counts.canceled), (ProcessingStatus::Ended, 5));
}

#[test]
fn the_list_is_read_page_by_page() {
    let mut stage = Stage::start("");
    let mut made: Vec<BatchId> = (0..7).map(|_| stage.create(1)).collect();
    made.reverse();
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = stage.client.list_batches(after.as_ref(), 3).unwrap().value;
        found.extend(page.batches.into_iter().map(|batch| batch.id));
        after = page.last_id;
        if !page.has_more {
            break;
        }
    }
    assert_eq!(found, made);
}

#[test]
fn models_say_whether_batches_take_them() {
    let models = Stage::start("").client.models().unwrap();
    let haiku = models.iter().find(|model| model.id.starts_with("claude-haiku-4-5")).unwrap();
    assert_eq!(haiku.batch_supported, Some(true));
    assert!(haiku.max_tokens.is_some() && haiku.lifecycle.is_some());
}

/// What a fault of a creation tells the client, and how many batches there are behind it.
#[track_caller]
fn check_create(what: &str, expected: &str, made: usize) {
    let mut stage = Stage::with_fault("create", what);
    let error = create(&mut stage.client, &body(2)).unwrap_err();
    let told = match &error {
        CreateError::NotCreated { error, retry_after } => {
            let wait = retry_after.map(|wait| format!(" after {} s", wait.as_secs())).unwrap_or_default();
            format!("no{}{wait}: {error}", if error.may_pass() { ", may pass" } else { "" })
        }
        CreateError::Unclear { detail, .. } => format!("unclear: {detail}"),
    };
    assert!(told.starts_with(expected), "{what}: {told}");
    assert_eq!(stage.count(), made, "{what}");
}

#[test]
fn whatever_goes_wrong_a_creation_is_made_once_and_told_truly() {
    check_create("do = \"drop-after\"", "unclear: the server closed the connection", 1);
    check_create("do = \"spend-cap\"", "no: the API refuses all requests: 429", 0);
    let answer = |more: &str| format!("do = \"answer\"\n{more}");
    for status in [500, 502, 503, 504, 529] {
        let accepted = answer(&format!("status = {status}\nafter_accepting = true"));
        check_create(&accepted, &format!("unclear: {status}"), 1);
        // The body was wanted, so nobody can know that it took no effect.
        check_create(&answer(&format!("status = {status}")), &format!("unclear: {status}"), 0);
    }
    check_create(&answer("status = 400"), "no: the API refuses the request: 400", 0);
    check_create(&answer("status = 401"), "no: the API refuses all requests: 401", 0);
    check_create(&answer("status = 413"), "no: the API refuses the request: 413", 0);
    check_create(&answer("status = 429"), "no, may pass: the API failed 1 times", 0);
    check_create(
        &answer("status = 429\nretry_after = 3"),
        "no, may pass after 3 s: the API failed 1 times",
        0,
    );
}

#[test]
fn an_answer_that_comes_too_late_is_unclear() {
    let soon = Timeouts { answer: Duration::from_millis(200), ..SOON };
    let mut stage =
        Stage::with_timeouts("[[fault]]\non = \"create\"\ndo = \"slow\"\nmilliseconds = 10000", soon);
    let error = create(&mut stage.client, &body(2)).unwrap_err();
    assert!(matches!(&error, CreateError::Unclear { detail, .. } if detail == "no answer came in time"));
    assert_eq!(stage.count(), 1);
}

#[test]
fn a_connection_that_closes_before_the_body_makes_no_batch() {
    check_create("do = \"drop-before\"", "no, may pass: no answer from the API after 1 attempts", 0);
}

#[test]
fn a_body_above_the_limit_is_not_sent() {
    let mut stage = Stage::start("[account]\nbody_bytes_max = 100");
    let error = create(&mut stage.client, &body(5)).unwrap_err();
    let CreateError::NotCreated { error: ApiError::Refused(answer), .. } = error else { panic!("{error:?}") };
    assert_eq!((answer.status, answer.kind.as_deref()), (413, Some("request_too_large")));
}

#[test]
fn a_full_queue_is_a_no_that_passes() {
    let mut stage = Stage::start("[account]\nqueued_requests_max = 5");
    stage.create(4);
    let error = create(&mut stage.client, &body(2)).unwrap_err();
    assert!(matches!(&error, CreateError::NotCreated { error, .. } if error.may_pass()), "{error:?}");
    stage.an_hour_passes();
    stage.create(2);
    assert_eq!(stage.count(), 2);
}

#[test]
fn questions_are_asked_again_through_every_fault() {
    for fault in [
        "do = \"drop-before\"",
        "do = \"drop-after\"",
        "do = \"answer\"\nstatus = 429",
        "do = \"answer\"\nstatus = 429\nretry_after = 1",
        "do = \"answer\"\nstatus = 500",
        "do = \"answer\"\nstatus = 503",
        "do = \"answer\"\nstatus = 529\nafter_accepting = true",
    ] {
        let faults: String = ["retrieve", "list", "cancel", "results", "delete", "models"]
            .map(|on| format!("[[fault]]\non = \"{on}\"\n{fault}\ntimes = 2\n"))
            .concat();
        let mut stage = Stage::start(&faults);
        let id = stage.create(2);
        assert_eq!(stage.client.retrieve_batch(&id).unwrap().value.id, id, "{fault}");
        assert_eq!(stage.count(), 1, "{fault}");
        assert_eq!(stage.client.cancel_batch(&id).unwrap().value.id, id, "{fault}");
        stage.an_hour_passes();
        assert_eq!(rows(&stage.results(&id).unwrap()), 2, "{fault}");
        assert!(!stage.client.models().unwrap().is_empty(), "{fault}");
        // The first attempt may have removed it.
        stage.client.delete_batch(&id).unwrap();
        assert_eq!(stage.count(), 0, "{fault}");
    }
}

#[test]
fn a_cap_is_not_asked_again() {
    let mut stage = Stage::with_fault("retrieve", "do = \"spend-cap\"\ntimes = 1");
    let id = stage.create(1);
    let error = stage.client.retrieve_batch(&id).unwrap_err();
    assert!(
        matches!(&error, ApiError::Stopped(answer) if answer.code.as_deref() == Some("enforced_spend_limit_reached"))
    );
    assert!(stage.client.retrieve_batch(&id).is_ok(), "the fault hit one call");
}

#[test]
fn a_batch_that_is_missing_for_a_moment_is_not_asked_for_again() {
    let mut stage = Stage::with_fault("retrieve", "do = \"not-found\"\ntimes = 1");
    let id = stage.create(1);
    assert!(matches!(stage.client.retrieve_batch(&id), Err(ApiError::NotFound(_))));
    assert!(stage.client.retrieve_batch(&id).is_ok(), "the fault hit one call");
}

/// The rows that arrive before the end, and whether the end is an error.
fn cut(how: &str) -> (usize, Option<io::ErrorKind>) {
    let mut stage = Stage::with_fault("results", &format!("do = \"{how}\"\nrows = 40"));
    let id = stage.create(100);
    stage.an_hour_passes();
    let mut results = stage.client.batch_results(&id).unwrap();
    let mut text = Vec::new();
    let end = results.read_to_end(&mut text).err().map(|error| error.kind());
    (rows(&String::from_utf8_lossy(&text)), end)
}

#[test]
fn results_that_are_cut_end_with_an_error_where_http_can_tell() {
    assert_eq!(cut("cut-length").1, Some(io::ErrorKind::UnexpectedEof));
    assert_eq!(cut("cut-chunk").1, Some(io::ErrorKind::UnexpectedEof));
    assert!(cut("cut-length").0 >= 40, "what came before is there");
    // Nothing but the number of rows tells of these.
    assert_eq!(cut("cut-at-line"), (40, None));
    assert_eq!(cut("cut-in-line").1, None);
}

#[test]
fn results_may_be_longer_than_any_other_answer() {
    let mut stage = Stage::start("");
    let id = stage.create(20_000);
    for _ in 0..24 {
        stage.an_hour_passes();
    }
    let memory = allocation_counter::measure(|| {
        let mut results = stage.client.batch_results(&id).unwrap();
        let bytes = io::copy(&mut results, &mut io::sink()).unwrap();
        assert!(bytes > 8_000_000, "{bytes}");
    });
    assert!(memory.bytes_max < 1_000_000, "{memory:?}");
}

#[test]
fn an_address_where_nobody_listens_is_unreachable() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut client = client(&format!("http://{free}"), SOON);
    let error = client.models().unwrap_err();
    assert!(
        matches!(&error, ApiError::Unreachable { attempts: 6, source } if source.fault == TransportFault::Unreachable)
    );
    assert!(error.may_pass());
}
