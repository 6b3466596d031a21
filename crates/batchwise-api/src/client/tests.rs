use std::cell::{Cell, RefCell};
use std::time::Duration;

use super::*;
use crate::TransportFault;

/// Answers by a script and remembers what it was asked.
struct Script {
    answers: RefCell<Vec<Result<HttpResponse, TransportError>>>,
    asked: RefCell<Vec<Asked>>,
}

/// The address and the headers of a request.
type Asked = (String, Vec<(&'static str, String)>);

impl Transport for &Script {
    fn send(&self, request: HttpRequest<'_>) -> Result<HttpResponse, TransportError> {
        self.asked.borrow_mut().push((request.url.clone(), request.headers.clone()));
        self.answers.borrow_mut().remove(0)
    }
}

/// A clock on which time passes only by waiting.
#[derive(Default)]
struct Hourglass {
    now: Cell<Duration>,
    waits: RefCell<Vec<u128>>,
}

impl Clock for &Hourglass {
    fn now(&self) -> Duration {
        self.now.get()
    }

    fn sleep(&self, time: Duration) {
        self.now.set(self.now.get() + time);
        self.waits.borrow_mut().push(time.as_millis());
    }

    fn chance(&self) -> f64 {
        1.0
    }
}

fn answer(status: u16, header: Option<(&str, &str)>, body: &str) -> Result<HttpResponse, TransportError> {
    let headers = header.map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter().collect();
    Ok(HttpResponse::new(status, headers, body))
}

fn yes() -> Result<HttpResponse, TransportError> {
    answer(200, None, r#"{"input_tokens":14}"#)
}

fn no(status: u16, kind: &str) -> Result<HttpResponse, TransportError> {
    answer(status, None, &format!(r#"{{"type":"error","error":{{"type":"{kind}","message":"m"}}}}"#))
}

fn fault(fault: TransportFault) -> Result<HttpResponse, TransportError> {
    Err(TransportError { fault, detail: "gone with sk-secret".to_owned() })
}

fn speaker() -> Speaker {
    Speaker {
        base: BaseUrl::parse("https://example.org/x").unwrap(),
        key: ApiKey::new("sk-secret").unwrap(),
        version: ApiVersion::default(),
        betas: vec!["a-1".to_owned(), "b-2".to_owned()],
        workspace: Some("wrkspc_1".to_owned()),
        user_profile: Some("uprof_1".to_owned()),
    }
}

/// Asks once at a pace that does not matter, and checks the outcome and all waits in milliseconds.
#[track_caller]
fn check(answers: Vec<Result<HttpResponse, TransportError>>, expected: Result<u64, &str>, waits: &[u128]) {
    let script = Script { answers: RefCell::new(answers), asked: RefCell::default() };
    let clock = Hourglass::default();
    let patience = Patience { attempts_max: 4, ..Patience::default() };
    let pace = Pace::per_minute(u32::MAX);
    let mut client = Client::new(&script, &clock, speaker(), pace, patience);
    let outcome = client.count_tokens(b"{}");
    if let Err(error) = &outcome {
        assert!(!format!("{error} {error:?}").contains("sk-secret"), "{error:?}");
    }
    assert_eq!(outcome.map_err(|error| error.to_string()), expected.map_err(str::to_owned));
    assert_eq!(*clock.waits.borrow(), waits);
    assert!(script.answers.borrow().is_empty(), "asked less often than the script says");
}

#[test]
fn what_may_pass_is_asked_again() {
    check(vec![yes()], Ok(14), &[]);
    check(vec![no(529, "overloaded_error"), no(500, "api_error"), yes()], Ok(14), &[500, 1000]);
    check(vec![fault(TransportFault::Broken), fault(TransportFault::Timeout), yes()], Ok(14), &[500, 1000]);
    check(vec![answer(200, None, "<html>"), yes()], Ok(14), &[500]);
    check(vec![answer(429, Some(("retry-after", "7")), "{}"), yes()], Ok(14), &[7_000]);
    check(vec![answer(502, Some(("retry-after-ms", "30")), ""), yes()], Ok(14), &[30]);
}

#[test]
fn what_is_final_is_not_asked_again() {
    check(
        vec![no(400, "invalid_request_error")],
        Err("the API refuses the request: 400 invalid_request_error: m"),
        &[],
    );
    check(
        vec![no(401, "authentication_error")],
        Err("the API refuses all requests: 401 authentication_error: m"),
        &[],
    );
    check(
        vec![no(403, "permission_error")],
        Err("the API refuses all requests: 403 permission_error: m"),
        &[],
    );
    check(
        vec![answer(307, Some(("location", "https://evil.example")), "")],
        Err(
            "the server answers 307, a redirect, which the key must not follow: give the final address as the base URL",
        ),
        &[],
    );
    check(vec![fault(TransportFault::Setup)], Err("no answer from the API after 1 attempts"), &[]);
    check(
        vec![answer(429, Some(("retry-after", "3600")), "{}")],
        Err("the API asks to wait 3600 seconds: 429: the answer is not one of the API"),
        &[],
    );
}

#[test]
fn attempts_come_to_an_end() {
    let four = |answer: fn() -> Result<HttpResponse, TransportError>| (0..4).map(|_| answer()).collect();
    let waits = [500, 1000, 2000];
    check(
        four(|| no(529, "overloaded_error")),
        Err("the API failed 4 times, at last with 529 overloaded_error: m"),
        &waits,
    );
    check(four(|| fault(TransportFault::Timeout)), Err("no answer from the API after 4 attempts"), &waits);
    check(
        four(|| answer(200, None, "{}")),
        Err(
            "the server at the base URL answered 4 times with something that is not a token count: is it the API?",
        ),
        &waits,
    );
}

/// Asks three times with two repetitions in store, and tells which questions got their answer.
fn three_questions(answers: Vec<Result<HttpResponse, TransportError>>) -> [bool; 3] {
    let script = Script { answers: RefCell::new(answers), asked: RefCell::default() };
    let clock = Hourglass::default();
    let patience = Patience { repetitions_max: 2, ..Patience::default() };
    let mut client = Client::new(&script, &clock, speaker(), Pace::per_minute(u32::MAX), patience);
    let outcomes = [(); 3].map(|()| client.count_tokens(b"{}").is_ok());
    assert!(script.answers.borrow().is_empty(), "asked less often than the script says");
    outcomes
}

#[test]
fn repetitions_have_a_budget_that_successes_refill() {
    let no = || no(500, "api_error");
    assert_eq!(three_questions(vec![no(), yes(), no(), yes(), no(), yes()]), [true, true, true]);
    // Two are spent and one comes back.
    assert_eq!(three_questions(vec![no(), no(), yes(), no(), no(), no()]), [true, false, false]);
    assert_eq!(three_questions(vec![no(), no(), no(), no(), yes()]), [false, false, true]);
}

/// A clock on which somebody wants an end after so much time.
struct Interrupted<'h>(&'h Hourglass, Duration);

impl Clock for Interrupted<'_> {
    fn now(&self) -> Duration {
        self.0.now()
    }

    fn sleep(&self, time: Duration) {
        self.0.sleep(time);
    }

    fn chance(&self) -> f64 {
        self.0.chance()
    }

    fn interrupted(&self) -> bool {
        self.0.now() >= self.1
    }
}

#[test]
fn who_is_interrupted_asks_nothing_more() {
    let answers = vec![no(500, "api_error"), no(500, "api_error"), yes()];
    let script = Script { answers: RefCell::new(answers), asked: RefCell::default() };
    let hourglass = Hourglass::default();
    let clock = Interrupted(&hourglass, Duration::from_secs(1));
    let pace = Pace::per_minute(u32::MAX);
    let mut client = Client::new(&script, clock, speaker(), pace, Patience::default());
    assert_eq!(client.count_tokens(b"{}"), Err(ApiError::Interrupted));
    assert_eq!(script.asked.borrow().len(), 2);
}

#[test]
fn requests_keep_their_pace() {
    let script = Script { answers: RefCell::new((0..3).map(|_| yes()).collect()), asked: RefCell::default() };
    let clock = Hourglass::default();
    let mut client = Client::new(&script, &clock, speaker(), Pace::per_minute(120), Patience::default());
    for _ in 0..3 {
        client.count_tokens(b"{}").unwrap();
    }
    assert_eq!(*clock.waits.borrow(), [500, 500]);
    assert_eq!(clock.now.get(), Duration::from_secs(1));
}

#[test]
fn a_request_says_in_which_version_it_speaks() {
    let script = Script { answers: RefCell::new(vec![yes()]), asked: RefCell::default() };
    let clock = Hourglass::default();
    let mut client = Client::new(&script, &clock, speaker(), Pace::per_minute(1), Patience::default());
    client.count_tokens(b"{}").unwrap();
    let (url, headers) = script.asked.borrow()[0].clone();
    assert_eq!(url, "https://example.org/x/v1/messages/count_tokens");
    let expected = [
        ("anthropic-version", "2026-10-21"),
        ("anthropic-beta", "a-1,b-2"),
        ("anthropic-workspace-id", "wrkspc_1"),
        ("content-type", "application/json"),
    ];
    assert_eq!(headers, expected.map(|(name, value)| (name, value.to_owned())));
}

#[test]
fn a_server_that_echoes_the_key_gives_nothing_away() {
    let echo = r#"{"error":{"type":"invalid_request_error","message":"what is sk-secret?"},"request_id":"req_sk-secret"}"#;
    check(
        vec![answer(400, None, echo)],
        Err("the API refuses the request: 400 invalid_request_error: what is [key]? (req_[key])"),
        &[],
    );
}
