use std::cell::RefCell;
use std::time::Duration;

use super::*;
use crate::{ApiKey, ApiVersion, BaseUrl, HttpRequest, Pace, Patience, Speaker, TransportFault};

/// What the other side does with a request.
enum Turn {
    /// Takes so many bytes of a streamed body, and answers.
    Answer { taken: u64, status: u16, headers: Vec<(&'static str, &'static str)>, body: String },
    /// Takes so many bytes of a streamed body, and then there is no answer.
    Fault { taken: u64, fault: TransportFault },
    /// Takes the whole body, and the answer breaks off in its middle.
    Cut,
}

/// Does what it is told, in its order, and remembers what it was asked.
struct Script {
    turns: RefCell<Vec<Turn>>,
    asked: RefCell<Vec<String>>,
}

/// More than any body of these tests.
const ALL: u64 = 1_000;

impl Transport for &Script {
    fn send(&self, request: HttpRequest<'_>) -> Result<HttpResponse, TransportError> {
        let headers: String =
            request.headers.iter().map(|(name, value)| format!(" {name}={value}")).collect();
        self.asked.borrow_mut().push(format!("{} {}{headers}", request.method, request.url));
        let take = |taken: u64| match request.body {
            HttpBody::Stream { reader, .. } => io::copy(&mut reader.take(taken), &mut io::sink())
                .map_err(|error| TransportError { fault: TransportFault::Broken, detail: error.to_string() }),
            _ => Ok(0),
        };
        match self.turns.borrow_mut().remove(0) {
            Turn::Answer { taken, status, headers, body } => {
                take(taken)?;
                let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
                Ok(HttpResponse::new(status, headers.collect(), body))
            }
            Turn::Fault { taken, fault } => {
                take(taken)?;
                Err(TransportError { fault, detail: "gone with sk-secret".to_owned() })
            }
            Turn::Cut => {
                take(ALL)?;
                let body = "{\"id\":".as_bytes().chain(Broken);
                Ok(HttpResponse { status: 200, headers: Vec::new(), body: Box::new(body) })
            }
        }
    }
}

/// A body that ends with an error.
struct Broken;

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::new(io::ErrorKind::UnexpectedEof, "peer disconnected"))
    }
}

/// A clock that waits for nothing.
struct Hurry;

impl Clock for Hurry {
    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn sleep(&self, _: Duration) {}

    fn chance(&self) -> f64 {
        0.5
    }
}

fn script(turns: Vec<Turn>) -> Script {
    Script { turns: RefCell::new(turns), asked: RefCell::default() }
}

fn client(script: &Script) -> Client<&Script, Hurry> {
    let speaker = Speaker {
        base: BaseUrl::parse("https://example.org/x").unwrap(),
        key: ApiKey::new("sk-secret").unwrap(),
        version: ApiVersion::default(),
        betas: vec!["a-1".to_owned(), "b-2".to_owned()],
        workspace: Some("wrkspc_1".to_owned()),
        user_profile: Some("uprof_1".to_owned()),
    };
    Client::new(script, Hurry, speaker, Pace::per_minute(u32::MAX), Patience::default())
}

fn answer(status: u16, body: &str) -> Turn {
    Turn::Answer { taken: ALL, status, headers: Vec::new(), body: body.to_owned() }
}

fn batch(id: &str) -> String {
    format!(
        r#"{{"id":"{id}","processing_status":"in_progress","request_counts":{{"processing":2,"succeeded":0,"errored":0,"canceled":0,"expired":0}},"created_at":"2026-11-21T08:00:00.5Z"}}"#
    )
}

fn error(kind: &str, message: &str) -> String {
    format!(r#"{{"type":"error","error":{{"type":"{kind}","message":"{message}"}}}}"#)
}

fn id(text: &str) -> BatchId {
    BatchId::new(text).unwrap()
}

/// Makes a batch of a body of ten bytes, and tells what became of it: the id, or an error by its kind and its words.
fn outcome(turn: Turn) -> String {
    let script = script(vec![turn]);
    let mut body: &[u8] = b"0123456789";
    let created = client(&script).create_batch(Upload { body: &mut body, bytes: 10 });
    assert_eq!(script.asked.borrow().len(), 1, "one attempt");
    let text = match created {
        Ok(told) => told.value.id.to_string(),
        Err(CreateError::NotCreated { error, retry_after }) => {
            let kind = format!("{error:?}");
            let kind = kind.split([' ', '(']).next().unwrap();
            let wait = retry_after.map(|wait| format!(" after {} s", wait.as_secs())).unwrap_or_default();
            format!("no: {kind}{}{wait}", if error.may_pass() { ", may pass" } else { "" })
        }
        Err(CreateError::Unclear { detail, .. }) => format!("unclear: {detail}"),
    };
    assert!(!text.contains("sk-secret"), "{text}");
    text
}

#[track_caller]
fn check(taken: u64, status: u16, body: &str, expected: &str) {
    let turn = Turn::Answer { taken, status, headers: Vec::new(), body: body.to_owned() };
    assert_eq!(outcome(turn), expected, "{status} after {taken} bytes");
}

#[test]
fn an_answer_to_a_whole_body_is_a_yes_a_no_or_neither() {
    check(ALL, 200, &batch("msgbatch_1"), "msgbatch_1");
    check(ALL, 200, "<html>", "unclear: the server says yes with something that is no batch");
    check(ALL, 204, "", "unclear: the server says yes with something that is no batch");
    check(ALL, 307, "", "unclear: the server answers 307, a redirect");
    check(ALL, 400, &error("invalid_request_error", "m"), "no: Refused");
    check(ALL, 401, &error("authentication_error", "m"), "no: Stopped");
    check(ALL, 402, &error("billing_error", "m"), "no: Stopped");
    check(ALL, 403, &error("permission_error", "m"), "no: Stopped");
    check(ALL, 404, &error("not_found_error", "m"), "no: Stopped");
    check(ALL, 409, &error("conflict_error", "m"), "no: Failed, may pass");
    check(ALL, 413, &error("request_too_large", "m"), "no: Refused");
    check(ALL, 429, &error("rate_limit_error", "m"), "no: Failed, may pass");
    check(ALL, 408, "", "unclear: 408: the answer is not one of the API");
    check(ALL, 500, &error("api_error", "m"), "unclear: 500 api_error: m");
    check(ALL, 503, "", "unclear: 503: the answer is not one of the API");
    check(ALL, 504, &error("timeout_error", "m"), "unclear: 504 timeout_error: m");
    check(ALL, 529, &error("overloaded_error", "m"), "unclear: 529 overloaded_error: m");
    check(ALL, 999, "", "unclear: 999: the answer is not one of the API");
}

#[test]
fn without_the_whole_body_there_is_no_batch() {
    for taken in [0, 9] {
        check(taken, 413, &error("request_too_large", "m"), "no: Refused");
        check(taken, 401, &error("authentication_error", "m"), "no: Stopped");
        check(taken, 307, "", "no: Redirected");
        for status in [408, 429, 500, 502, 503, 504, 529] {
            check(taken, status, &error("some_error", "m"), "no: Failed, may pass");
        }
        // Whoever says that has not understood: better to look.
        let odd = "unclear: the server says yes to a body that it has not got";
        check(taken, 200, &batch("msgbatch_1"), odd);
    }
}

#[test]
fn a_fault_is_unclear_only_behind_the_last_byte() {
    let fault = |taken, fault| outcome(Turn::Fault { taken, fault });
    for broken in [TransportFault::Broken, TransportFault::Timeout] {
        assert_eq!(fault(0, broken), "no: Unreachable, may pass");
        assert_eq!(fault(9, broken), "no: Unreachable, may pass");
        assert_eq!(fault(10, broken), "unclear: gone with [key]");
    }
    assert_eq!(fault(0, TransportFault::Unreachable), "no: Unreachable, may pass");
    assert_eq!(fault(0, TransportFault::Setup), "no: Unreachable");
    assert_eq!(outcome(Turn::Cut), "unclear: peer disconnected");
}

/// Every status after every number of bytes, against the rule in one line each.
#[test]
fn a_no_is_told_only_where_it_is_certain() {
    for (taken, status) in (0..=10).flat_map(|taken| (100..=999).map(move |status| (taken, status))) {
        let body = if status == 200 { batch("msgbatch_1") } else { String::new() };
        let told = outcome(Turn::Answer { taken, status, headers: Vec::new(), body });
        let (is_whole, is_yes) = (taken == 10, status / 100 == 2);
        let is_no = status / 100 == 4 && status != 408;
        let expected = match told.split(':').next().unwrap() {
            "msgbatch_1" => is_whole && status == 200,
            "no" => is_no || (!is_whole && !is_yes),
            "unclear" => !is_no && (is_whole || is_yes) && !(is_whole && status == 200),
            _ => false,
        };
        assert!(expected, "{status} after {taken} bytes: {told}");
    }
}

#[test]
fn who_is_interrupted_before_the_first_byte_has_made_nothing() {
    struct Stopped;
    impl Clock for Stopped {
        fn now(&self) -> Duration {
            Duration::ZERO
        }
        fn sleep(&self, _: Duration) {}
        fn chance(&self) -> f64 {
            0.5
        }
        fn interrupted(&self) -> bool {
            true
        }
    }
    let script = script(vec![answer(200, &batch("b_1"))]);
    let Client { speaker, .. } = client(&script);
    let mut client = Client::new(&script, Stopped, speaker, Pace::per_minute(1), Patience::default());
    // Nobody waited before the first, so it goes: a batch can still be told to stop.
    client.cancel_batch(&id("b_1")).unwrap();
    let error = client.create_batch(Upload { body: &mut &b"{}"[..], bytes: 2 }).unwrap_err();
    assert_eq!(error, CreateError::not_created(ApiError::Interrupted));
    assert_eq!(script.asked.borrow().len(), 1);
}

#[test]
fn a_refusal_tells_whether_it_passes() {
    let with = |headers, body: &str| {
        outcome(Turn::Answer { taken: ALL, status: 429, headers, body: body.to_owned() })
    };
    let code = |code: &str| {
        format!(
            r#"{{"error":{{"type":"rate_limit_error","message":"m","details":{{"error_code":"{code}"}}}}}}"#
        )
    };
    let limit = error("rate_limit_error", "m");
    assert_eq!(with(vec![("retry-after", "7")], &limit), "no: Failed, may pass after 7 s");
    assert_eq!(with(vec![("retry-after", "7000")], &limit), "no: Failed, may pass after 7000 s");
    assert_eq!(
        with(vec![("retry-after", "60")], &code("ramp_limit_exceeded")),
        "no: Failed, may pass after 60 s"
    );
    assert_eq!(with(vec![("x-should-retry", "false")], &limit), "no: Stopped");
    assert_eq!(with(vec![], &code("enforced_spend_limit_reached")), "no: Stopped");
    assert_eq!(with(vec![], &code("contract_spend_limit_reached")), "no: Stopped");
}

/// Gives some bytes, then fails.
struct Failing(&'static [u8]);

impl Read for Failing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer)? {
            0 => Err(io::Error::other("changed input")),
            count => Ok(count),
        }
    }
}

#[test]
fn a_body_that_is_not_what_it_should_be_makes_no_batch() {
    let check = |body: &mut dyn Read, bytes: u64, expected: &str| {
        let script = script(vec![answer(200, &batch("msgbatch_1"))]);
        let error = client(&script).create_batch(Upload { body, bytes }).unwrap_err();
        assert_eq!(error, CreateError::not_created(ApiError::Body(expected.to_owned())));
    };
    check(&mut Failing(b"01234"), 10, "changed input");
    check(&mut Failing(b"0123456789"), 10, "changed input");
    check(&mut &b"01234"[..], 10, "the body is shorter than it was said to be");
    check(&mut &b"0123456789a"[..], 10, "the body is longer than it was said to be");
    check(&mut &b""[..], 0, "it is empty");
}

#[test]
fn each_endpoint_has_its_address_and_headers() {
    let list = format!(r#"{{"data":[{}],"has_more":false}}"#, batch("b_1"));
    let (one, gone) = (batch("b_1"), r#"{"id":"b_1","type":"message_batch_deleted"}"#.to_owned());
    let bodies = [&one, &one, &list, &list, &one, &gone, &one];
    let script = script(bodies.into_iter().map(|body| answer(200, body)).collect());
    let mut client = client(&script);
    client.create_batch(Upload { body: &mut &b"{}"[..], bytes: 2 }).unwrap();
    client.retrieve_batch(&id("b_1")).unwrap();
    client.list_batches(None, 0).unwrap();
    client.list_batches(Some(&id("b_9")), 5_000).unwrap();
    client.cancel_batch(&id("b_1")).unwrap();
    client.delete_batch(&id("b_1")).unwrap();
    client.batch_results(&id("b_1")).unwrap();
    let all = "anthropic-version=2026-10-21 anthropic-beta=a-1,b-2 anthropic-workspace-id=wrkspc_1";
    let url = "https://example.org/x/v1/messages/batches";
    let json = "content-type=application/json anthropic-user-profile-id=uprof_1";
    assert_eq!(
        *script.asked.borrow(),
        [
            format!("POST {url} {all} {json}"),
            format!("GET {url}/b_1 {all}"),
            format!("GET {url}?limit=1 {all}"),
            format!("GET {url}?limit=1000&after_id=b_9 {all}"),
            format!("POST {url}/b_1/cancel {all}"),
            format!("DELETE {url}/b_1 {all}"),
            format!("GET {url}/b_1/results {all}"),
        ]
    );
}

#[test]
fn what_came_beside_is_told() {
    let headers = vec![
        ("retry-after", "10"),
        ("date", "Sat, 21 Nov 2026 08:00:01 GMT"),
        ("request-id", "req_1 sk-secret"),
    ];
    let script = script(vec![
        Turn::Answer { taken: 0, status: 200, headers, body: batch("b_1") },
        answer(200, &batch("b_1")),
    ]);
    let mut client = client(&script);
    let told = client.retrieve_batch(&id("b_1")).unwrap();
    assert_eq!(told.retry_after, Some(Duration::from_secs(10)));
    assert_eq!(told.date.unwrap().to_string(), "2026-11-21T08:00:01Z");
    assert_eq!(told.request_id.as_deref(), Some("req_1 [key]"));
    let told = client.retrieve_batch(&id("b_1")).unwrap();
    assert_eq!((told.retry_after, told.date, told.request_id), (None, None, None));
}

#[test]
fn what_is_not_there_is_not_asked_for_again() {
    let missing = || answer(404, &error("not_found_error", "Message Batch b_1 not found."));
    let nowhere = || answer(404, "<html>");
    let turns = vec![missing(), missing(), missing(), missing(), nowhere()];
    let script = script(turns);
    let mut client = client(&script);
    let found = [
        client.retrieve_batch(&id("b_1")).map(|_| ()),
        client.cancel_batch(&id("b_1")).map(|_| ()),
        client.delete_batch(&id("b_1")),
        client.batch_results(&id("b_1")).map(|_| ()),
    ];
    assert!(found.iter().all(|found| matches!(found, Err(ApiError::NotFound(_)))), "{found:?}");
    assert!(matches!(client.retrieve_batch(&id("b_1")), Err(ApiError::Stopped(_))), "no endpoint there");
    assert_eq!(script.asked.borrow().len(), 5);
}

#[test]
fn what_was_removed_before_the_answer_got_lost_is_removed() {
    let missing = || answer(404, &error("not_found_error", "Message Batch b_1 not found."));
    let lost = Turn::Fault { taken: 0, fault: TransportFault::Broken };
    let script = script(vec![lost, missing(), answer(500, ""), missing()]);
    let mut client = client(&script);
    assert_eq!(client.delete_batch(&id("b_1")), Ok(()));
    assert_eq!(client.delete_batch(&id("b_1")), Ok(()));
}

#[test]
fn models_are_read_to_the_last_page() {
    let page = |models: &str, more: bool, last: &str| {
        answer(200, &format!(r#"{{"data":[{models}],"has_more":{more},"last_id":"{last}"}}"#))
    };
    let script =
        script(vec![page(r#"{"id":"a"}"#, true, "a&b"), page(r#"{"id":"b"},{"id":"c"}"#, false, "c")]);
    let models = client(&script).models().unwrap();
    assert_eq!(models.iter().map(|model| model.id.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
    let asked = script.asked.borrow();
    assert!(
        asked[1].starts_with("GET https://example.org/x/v1/models?limit=1000&after_id=a%26b "),
        "{asked:?}"
    );
}

#[test]
fn a_list_that_turns_in_a_circle_comes_to_an_end() {
    let page = || answer(200, r#"{"data":[{"id":"a"}],"has_more":true,"last_id":"a"}"#);
    let script = script(vec![page(), page()]);
    let error = client(&script).models().unwrap_err();
    assert!(matches!(error, ApiError::Unreadable { .. }), "{error:?}");
}
