//! Results that come slowly, or stop coming.

mod support;

use std::io::{self, ErrorKind, Read};
use std::thread;
use std::time::Duration;

use batchwise_api::{ApiError, BatchId, Timeouts};
use support::clients::{SOON, client};
use support::rude::{Rude, Talk};

/// A server that announces so many bytes of results and then does as it likes.
fn results(bytes: usize, act: impl Fn(&mut Talk) + Send + Sync + 'static) -> Rude {
    Rude::start(move |talk| {
        talk.head().unwrap();
        talk.say(&format!("HTTP/1.1 200 OK\r\ncontent-length: {bytes}\r\n\r\n"));
        act(talk);
    })
}

fn id() -> BatchId {
    BatchId::new("msgbatch_1").unwrap()
}

#[test]
fn a_download_may_take_longer_than_anything_else() {
    let server = results(40, |talk| {
        for _ in 0..40 {
            talk.say("x");
            thread::sleep(Duration::from_millis(20));
        }
    });
    let timeouts = Timeouts { whole: Duration::from_millis(100), ..SOON };
    let mut text = String::new();
    client(&server.url, timeouts).batch_results(&id()).unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(text.len(), 40);
}

#[test]
fn a_download_that_falls_silent_ends_with_an_error() {
    let server = results(40, |talk| {
        talk.say("0123456789");
        thread::sleep(Duration::from_secs(60));
    });
    let timeouts = Timeouts { silence: Duration::from_millis(200), ..SOON };
    let mut results = client(&server.url, timeouts).batch_results(&id()).unwrap();
    let mut text = Vec::new();
    let error = results.read_to_end(&mut text).unwrap_err();
    assert_eq!((text.as_slice(), error.kind()), (&b"0123456789"[..], ErrorKind::TimedOut));
}

#[test]
fn a_download_that_nobody_reads_to_its_end_does_no_harm() {
    let server = results(100_000_000, |talk| while talk.say("0123456789") {});
    let mut client = client(&server.url, SOON);
    for _ in 0..2 {
        let mut first = [0; 10];
        client.batch_results(&id()).unwrap().read_exact(&mut first).unwrap();
        assert_eq!(&first, b"0123456789");
    }
}

#[test]
fn an_answer_without_end_is_none() {
    let server = results(100_000_000, |talk| while talk.say("0123456789") {});
    let error = client(&server.url, SOON).retrieve_batch(&id()).unwrap_err();
    let ApiError::Unreachable { source, .. } = error else { panic!("{error:?}") };
    assert_eq!(source.to_string(), "the answer is longer than any of the API");
}

#[test]
fn results_are_asked_for_where_the_base_url_says() {
    let elsewhere = Rude::start(|_| ());
    let url = elsewhere.url.clone();
    let server = Rude::start(move |talk| {
        while let Some(head) = talk.head() {
            match head[0].as_str() {
                "get /v1/messages/batches/msgbatch_1/results http/1.1" => talk.answer(200, "{}\n"),
                _ => talk.answer(200, &ended(&url)),
            }
        }
    });
    let mut client = client(&server.url, SOON);
    assert!(client.retrieve_batch(&id()).unwrap().value.has_results);
    io::copy(&mut client.batch_results(&id()).unwrap(), &mut io::sink()).unwrap();
    assert_eq!((server.connections(), elsewhere.connections()), (1, 0));
}

/// A batch whose results are said to be at another address.
fn ended(url: &str) -> String {
    format!(
        r#"{{"id":"msgbatch_1","processing_status":"ended","request_counts":{{"processing":0,"succeeded":1,"errored":0,"canceled":0,"expired":0}},"created_at":"2026-11-21T08:00:00Z","results_url":"{url}/v1/messages/batches/msgbatch_1/results"}}"#
    )
}
