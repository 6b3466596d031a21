//! What an upload does on the wire, and how certain its outcome is, against servers that misbehave.

mod support;

use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use batchwise_api::{ApiError, CreateError, Timeouts, TransportFault, Upload};
use support::clients::{SOON, Spaces, client, create};
use support::rude::{Rude, Talk};

const BATCH: &str = r#"{"id":"msgbatch_1","processing_status":"in_progress","request_counts":{"processing":1,"succeeded":0,"errored":0,"canceled":0,"expired":0},"created_at":"2026-11-21T08:00:00Z"}"#;

const BODY: &[u8] = b"{\"requests\":[]}";
const WHOLE: u64 = BODY.len() as u64;

#[track_caller]
fn unclear(error: CreateError) -> String {
    match error {
        CreateError::Unclear { detail, .. } => detail,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn not_created(error: CreateError) -> ApiError {
    match error {
        CreateError::NotCreated { error, .. } => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_head_announces_the_body_and_waits_for_the_word() {
    let server = Rude::start(|talk| {
        let head = talk.head().unwrap();
        for line in [
            "post /v1/messages/batches http/1.1",
            "content-length: 15",
            "expect: 100-continue",
            "content-type: application/json",
            "anthropic-version: 2026-10-21",
            "x-api-key: sk-secret",
        ] {
            assert!(head.iter().any(|found| found == line), "{line} in {head:?}");
        }
        assert!(!head.iter().any(|line| line.starts_with("transfer-encoding")), "{head:?}");
        let patience = Some(Duration::from_millis(100));
        talk.stream.set_read_timeout(patience).unwrap();
        assert_eq!(talk.take(1), 0, "nothing comes before the word");
        talk.stream.set_read_timeout(None).unwrap();
        talk.go_on();
        assert_eq!(talk.take(WHOLE), WHOLE);
        talk.answer(200, BATCH);
    });
    let told = create(&mut client(&server.url, SOON), BODY).unwrap();
    assert_eq!(told.value.id.as_str(), "msgbatch_1");
}

#[test]
fn a_server_that_knows_no_such_word_gets_the_body_after_a_while() {
    let server = Rude::start(|talk| {
        talk.head().unwrap();
        assert_eq!(talk.take(WHOLE), WHOLE);
        talk.answer(200, BATCH);
    });
    let soon = Timeouts { go_ahead: Duration::from_millis(50), ..SOON };
    assert!(create(&mut client(&server.url, soon), BODY).is_ok());
}

#[test]
fn a_word_that_comes_late_is_no_answer() {
    let server = Rude::start(|talk| {
        talk.head().unwrap();
        assert_eq!(talk.take(WHOLE), WHOLE);
        talk.go_on();
        thread::sleep(Duration::from_millis(50));
        talk.answer(200, BATCH);
    });
    let soon = Timeouts { go_ahead: Duration::from_millis(50), ..SOON };
    assert!(create(&mut client(&server.url, soon), BODY).is_ok());
}

#[test]
fn an_answer_instead_of_the_word_spares_the_body() {
    let check = |status: u16, expected: &str| {
        let server = Rude::start(move |talk| {
            talk.head().unwrap();
            talk.answer(status, "{}");
            assert_eq!(talk.take(1), 0, "no byte of the body");
        });
        // A body that fails as soon as anybody asks for it.
        let upload = Upload { body: &mut Spaces::failing_after(0), bytes: 300_000_000 };
        let error = not_created(client(&server.url, SOON).create_batch(upload).unwrap_err());
        assert!(error.to_string().contains(expected), "{error}");
        assert_eq!(server.connections(), 1);
    };
    check(413, "refuses the request: 413");
    check(401, "refuses all requests: 401");
    check(307, "answers 307, a redirect");
    check(500, "failed 1 times, at last with 500");
}

#[test]
fn an_answer_in_pieces_is_one_answer() {
    let server = Rude::start(|talk| {
        talk.head().unwrap();
        for piece in ["HTTP/1.1 413 X\r\n", "content-len", "gth: 2\r\n\r", "\n{", "}"] {
            talk.say(piece);
            thread::sleep(Duration::from_millis(20));
        }
        talk.take(1);
    });
    let upload = Upload { body: &mut Spaces::failing_after(0), bytes: 300_000_000 };
    let error = not_created(client(&server.url, SOON).create_batch(upload).unwrap_err());
    assert!(matches!(&error, ApiError::Refused(answer) if answer.status == 413), "{error:?}");
}

/// Every way in which nobody can know: one connection each, so nothing was sent twice.
#[test]
fn nothing_is_sent_twice() {
    type Act = fn(&mut Talk);
    let take: Act = |talk| {
        talk.head().unwrap();
        talk.go_on();
        assert_eq!(talk.take(WHOLE), WHOLE);
    };
    let ends: [(Act, &str); 7] = [
        (Talk::hang_up, "the server closed the connection"),
        (|_| thread::sleep(Duration::from_secs(20)), "no answer came in time"),
        (|talk| talk.answer(504, "{}"), "504: the answer is not one of the API"),
        (|talk| talk.answer(408, "{}"), "408: the answer is not one of the API"),
        (|talk| talk.answer(200, "{}"), "the server says yes with something that is no batch"),
        (
            |talk| {
                talk.say("HTTP/1.1 307 X\r\nlocation: /v1/elsewhere\r\ncontent-length: 0\r\n\r\n");
            },
            "the server answers 307, a redirect",
        ),
        (
            |talk| {
                talk.say("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"id\"");
                talk.hang_up();
            },
            "the server closed the connection",
        ),
    ];
    for (end, expected) in ends {
        let server = Rude::start(move |talk| {
            take(talk);
            end(talk);
        });
        let soon = Timeouts { answer: Duration::from_millis(300), ..SOON };
        let detail = unclear(create(&mut client(&server.url, soon), BODY).unwrap_err());
        assert!(detail.contains(expected), "{detail}, not {expected}");
        assert_eq!(server.connections(), 1, "{expected}");
    }
}

#[test]
fn half_a_body_makes_no_batch() {
    let server = Rude::start(|talk| {
        talk.head().unwrap();
        talk.go_on();
        talk.take(1_000_000);
        talk.hang_up();
    });
    let mut body = Spaces::ending_after(100_000_000);
    // More than the buffers of the network take.
    let upload = Upload { body: &mut body, bytes: 100_000_000 };
    let error = not_created(client(&server.url, SOON).create_batch(upload).unwrap_err());
    assert!(
        matches!(&error, ApiError::Unreachable { attempts: 1, source } if source.fault == TransportFault::Broken),
        "{error:?}"
    );
    assert!(error.may_pass());
}

/// What other systems keep of the last words of a connection that was reset is theirs to decide.
#[cfg(target_os = "linux")]
#[test]
fn a_refusal_in_the_middle_of_a_body_is_heard() {
    let server = Rude::start(|talk| {
        talk.head().unwrap();
        talk.go_on();
        talk.take(1_000_000);
        talk.answer(413, "{}");
        talk.hang_up();
    });
    let upload = Upload { body: &mut Spaces::ending_after(100_000_000), bytes: 100_000_000 };
    let error = not_created(client(&server.url, SOON).create_batch(upload).unwrap_err());
    assert!(matches!(&error, ApiError::Refused(answer) if answer.status == 413), "{error:?}");
    assert!(!error.may_pass());
}

#[test]
fn a_server_that_takes_nothing_more_ends_the_upload() {
    let server = Rude::start(|talk| {
        talk.head().unwrap();
        talk.go_on();
        talk.take(1_000_000);
        thread::sleep(Duration::from_secs(20));
    });
    let mut body = Spaces::ending_after(100_000_000);
    let upload = Upload { body: &mut body, bytes: 100_000_000 };
    let soon = Timeouts { silence: Duration::from_millis(200), ..SOON };
    let error = not_created(client(&server.url, soon).create_batch(upload).unwrap_err());
    assert!(
        matches!(&error, ApiError::Unreachable { source, .. } if source.fault == TransportFault::Timeout),
        "{error:?}"
    );
}

#[test]
fn a_body_that_fails_ends_the_connection() {
    let (tell, told) = std::sync::mpsc::channel();
    let server = Rude::start(move |talk| {
        talk.head().unwrap();
        talk.go_on();
        tell.send(talk.take(u64::MAX)).unwrap();
    });
    let mut body = Spaces::failing_after(500_000);
    let upload = Upload { body: &mut body, bytes: 500_000 };
    let error = not_created(client(&server.url, SOON).create_batch(upload).unwrap_err());
    assert_eq!(error, ApiError::Body("changed input".to_owned()));
    assert!(told.recv().unwrap() < 500_000, "the last piece is kept back");
}

#[test]
fn an_upload_never_goes_over_an_old_connection() {
    // Each connection is closed after its first answer, without a word.
    let server = Rude::start(|talk| {
        let head = talk.head().unwrap();
        if head[0].starts_with("post") {
            talk.go_on();
            talk.take(WHOLE);
        }
        talk.answer(200, BATCH);
        talk.hang_up();
    });
    let mut client = client(&server.url, SOON);
    for _ in 0..3 {
        let id = create(&mut client, BODY).unwrap().value.id;
        client.retrieve_batch(&id).unwrap();
    }
    assert_eq!(server.connections(), 6);
    // Nor does it leave one behind.
    let server = Rude::start(|talk| {
        while talk.head().is_some() {
            talk.go_on();
            talk.take(WHOLE);
            talk.answer(200, BATCH);
        }
    });
    let mut client = support::clients::client(&server.url, SOON);
    for _ in 0..3 {
        create(&mut client, BODY).unwrap();
    }
    assert_eq!(server.connections(), 3);
}

#[test]
fn without_a_connection_there_is_no_batch() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = not_created(create(&mut client(&format!("http://{free}"), SOON), BODY).unwrap_err());
    assert!(
        matches!(&error, ApiError::Unreachable { source, .. } if source.fault == TransportFault::Unreachable)
    );
}
