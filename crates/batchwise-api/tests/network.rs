//! The transport against a server on this machine, with everything that can go wrong between them.

mod support;

use std::io::Read;
use std::time::Duration;

use batchwise_api::{
    AnswerLength, ApiKey, HttpBody, HttpRequest, HttpResponse, Timeouts, Transport, TransportFault,
    UreqTransport,
};
use support::clients::SOON;
use support::{Reply, Server};

/// Sends one request to `url` and tells the status and the body, or what went wrong.
fn send(url: &str, timeouts: Timeouts) -> Result<(u16, String), TransportFault> {
    let transport = UreqTransport::new(timeouts, None).unwrap();
    let key = ApiKey::new("sk-secret").unwrap();
    let headers = vec![("content-type", "application/json".to_owned())];
    let request = HttpRequest {
        method: "POST",
        url: format!("{url}/v1/x"),
        key: &key,
        headers,
        body: HttpBody::Bytes(b"{}"),
        answer: AnswerLength::Short,
    };
    let text = |mut response: HttpResponse| {
        let mut text = String::new();
        let read = response.body.read_to_string(&mut text);
        read.map(|_| (response.status, text)).map_err(|_| TransportFault::Broken)
    };
    match transport.send(request) {
        Ok(response) => text(response),
        Err(error) => {
            assert!(!format!("{error} {error:?}").contains("sk-secret"));
            Err(error.fault)
        }
    }
}

#[test]
fn an_answer_comes_back_whatever_its_status() {
    for status in [200, 400, 429, 529] {
        let server = Server::start(move |_, _| Reply::Answer(status, Vec::new(), "body".to_owned()));
        assert_eq!(send(&server.url, SOON), Ok((status, "body".to_owned())));
        let asked = &server.asked()[0];
        assert_eq!((asked.line.as_str(), asked.body.as_str()), ("POST /v1/x HTTP/1.1", "{}"));
        assert_eq!(asked.header("x-api-key"), Some("sk-secret"));
        assert!(asked.header("user-agent").unwrap().starts_with("batchwise/"));
    }
}

#[test]
fn a_redirect_is_not_followed() {
    let elsewhere = Server::start(|_, _| Reply::count(1));
    for status in [301, 302, 303, 307, 308] {
        let target = format!("{}/v1/x", elsewhere.url);
        let server = Server::start(move |_, _| {
            Reply::Answer(status, vec![("location", target.clone())], String::new())
        });
        assert_eq!(send(&server.url, SOON), Ok((status, String::new())));
    }
    assert!(elsewhere.asked().is_empty());
}

#[test]
fn a_missing_answer_is_a_fault() {
    let silent = Server::start(|_, _| Reply::Silence(Duration::from_secs(20)));
    let whole = Duration::from_millis(200);
    assert_eq!(send(&silent.url, Timeouts { whole, ..SOON }), Err(TransportFault::Timeout));
    let rude = Server::start(|_, _| Reply::HangUp);
    assert_eq!(send(&rude.url, SOON), Err(TransportFault::Broken));
    let cut = Server::start(|_, _| Reply::HalfAnAnswer);
    assert_eq!(send(&cut.url, SOON), Err(TransportFault::Broken));
    // A port that was free a moment ago.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert_eq!(send(&format!("http://{free}"), SOON), Err(TransportFault::Unreachable));
}

#[test]
fn only_certificates_are_certificates() {
    assert!(UreqTransport::new(SOON, Some(b"no PEM at all")).is_err());
}
