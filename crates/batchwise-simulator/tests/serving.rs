//! The server over loopback: what clients say and hear on the wire, and the client of this project against it.
#![expect(clippy::disallowed_methods, reason = "these tests are clients, so they open connections")]

mod support;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::thread;
use std::time::Duration;

use batchwise_api::{
    ApiError, ApiKey, ApiVersion, BaseUrl, Client, Clock, Pace, Patience, Speaker, Timeouts, UreqTransport,
    count_tokens_body,
};
use batchwise_simulator::{Server, Settings, Simulator};
use jiff::Timestamp;
use support::{BATCHES, batch, requests};

/// A server that lives as long as its test process, and its time in seconds.
struct Running {
    address: SocketAddr,
    seconds: Arc<AtomicI64>,
}

impl Running {
    fn start(settings: &str) -> Running {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let seconds = Arc::new(AtomicI64::new(1_795_248_000));
        let told = Arc::clone(&seconds);
        let clock = move || Timestamp::from_second(told.load(Ordering::SeqCst)).unwrap();
        let server = Server::new(Simulator::new(Settings::parse(settings).unwrap(), 1), clock);
        thread::spawn(move || server.serve(&listener));
        Running { address, seconds }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        stream
    }

    /// Everything that the server says to this until it closes the connection.
    fn talk(&self, words: &str) -> String {
        let mut stream = self.connect();
        stream.write_all(words.as_bytes()).unwrap();
        let mut heard = Vec::new();
        // A connection that breaks is one of the things to be heard.
        let _ = stream.read_to_end(&mut heard);
        String::from_utf8(heard).unwrap()
    }

    /// Makes a batch of ten requests and tells its id.
    fn create(&self) -> String {
        let heard = self.talk(&post(&batch(&requests(10)), "connection: close\r\n"));
        let start = heard.find("msgbatch_").unwrap_or_else(|| panic!("{heard}"));
        heard[start..].split('"').next().unwrap().to_owned()
    }
}

const HEADERS: &str = "host: h\r\nx-api-key: k\r\nanthropic-version: 2023-06-01\r\n";

fn post(body: &str, more: &str) -> String {
    format!("POST {BATCHES} HTTP/1.1\r\n{HEADERS}{more}content-length: {}\r\n\r\n{body}", body.len())
}

fn get(target: &str, more: &str) -> String {
    format!("GET {target} HTTP/1.1\r\n{HEADERS}{more}\r\n")
}

#[test]
fn a_connection_carries_several_calls() {
    let server = Running::start("");
    let heard =
        server.talk(&format!("{}{}", post(&batch(&requests(1)), ""), get(BATCHES, "connection: close\r\n")));
    assert_eq!(heard.matches("HTTP/1.1 200 OK\r\n").count(), 2, "{heard}");
    assert!(heard.contains("\"has_more\":false"));
}

#[test]
fn a_body_may_come_in_chunks() {
    let (server, body) = (Running::start(""), batch(&requests(3)));
    let (one, two) = body.split_at(50);
    let chunks = format!("{:x}\r\n{one}\r\n{:x}\r\n{two}\r\n0\r\n\r\n", one.len(), two.len());
    let framing = "transfer-encoding: chunked\r\nconnection: close\r\n";
    let heard = server.talk(&format!("POST {BATCHES} HTTP/1.1\r\n{HEADERS}{framing}\r\n{chunks}"));
    assert!(heard.contains("\"processing\":3,"), "{heard}");
}

#[test]
fn a_client_that_asks_is_told_to_go_on_or_spared() {
    let server = Running::start("");
    let mut stream = server.connect();
    let body = batch(&requests(1));
    let words = post(&body, "expect: 100-continue\r\nconnection: close\r\n");
    let (head, body) = words.split_at(words.len() - body.len());
    stream.write_all(head.as_bytes()).unwrap();
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(body.as_bytes()).unwrap();
    let mut heard = String::new();
    stream.read_to_string(&mut heard).unwrap();
    assert!(heard.starts_with("HTTP/1.1 200 OK\r\n"), "{heard}");

    let huge = format!(
        "POST {BATCHES} HTTP/1.1\r\n{HEADERS}expect: 100-continue\r\ncontent-length: 256000001\r\n\r\n"
    );
    let heard = server.talk(&huge);
    assert!(heard.starts_with("HTTP/1.1 413 Content Too Large\r\n"), "{heard}");
}

#[test]
fn results_come_in_chunks_and_may_be_cut() {
    let faults = "[[fault]]\non = \"results\"\ndo = \"cut-chunk\"\nrows = 3\nfrom = 2\n\
                  [[fault]]\non = \"results\"\ndo = \"cut-length\"\nrows = 3\nfrom = 3\n";
    let server = Running::start(faults);
    let id = server.create();
    server.seconds.fetch_add(3_600, Ordering::SeqCst);
    let ask = || server.talk(&get(&format!("{BATCHES}/{id}/results"), "connection: close\r\n"));
    let rows = |heard: &str| heard.matches("\"custom_id\"").count();
    let whole = ask();
    assert!(whole.contains("content-type: application/x-jsonl\r\n") && whole.ends_with("\r\n0\r\n\r\n"));
    assert_eq!(rows(&whole), 10);
    let cut = ask();
    assert!(cut.contains("transfer-encoding: chunked") && !cut.ends_with("0\r\n\r\n"), "{cut}");
    assert_eq!(rows(&cut), 4);
    let cut = ask();
    let (head, body) = cut.split_once("\r\n\r\n").unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    assert!(length.parse::<usize>().unwrap() > body.len());
    assert_eq!(rows(body), 4);
}

#[test]
fn a_dropped_call_hears_nothing() {
    let faults = "[[fault]]\non = \"create\"\ndo = \"drop-before\"\n\
                  [[fault]]\non = \"create\"\ndo = \"drop-after\"\nfrom = 2\n";
    let server = Running::start(faults);
    let words = post(&batch(&requests(1)), "");
    assert_eq!((server.talk(&words), server.talk(&words)), (String::new(), String::new()));
    let heard = server.talk(&get(BATCHES, "connection: close\r\n"));
    assert_eq!(heard.matches("\"message_batch\"").count(), 1, "{heard}");
}

#[test]
fn clients_at_once_do_not_disturb_each_other() {
    let server = Running::start("");
    let ids: Vec<String> = thread::scope(|scope| {
        let clients: Vec<_> = (0..8).map(|_| scope.spawn(|| [server.create(), server.create()])).collect();
        clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
    });
    let heard = server.talk(&get(BATCHES, "connection: close\r\n"));
    assert_eq!(heard.matches("\"message_batch\"").count(), 16);
    assert!(ids.iter().all(|id| heard.matches(id.as_str()).count() >= 1));
}

#[test]
fn other_words_end_the_connection() {
    let server = Running::start("");
    assert!(server.talk("GET / HTTP/1.0\r\n\r\n").starts_with("HTTP/1.1 505 "));
    let heard = server.talk("hello\r\n\r\n");
    assert!(heard.starts_with("HTTP/1.1 400 "));
    assert!(heard.contains("\r\ndate: Sat, 21 Nov 2026 08:00:00 GMT\r\n"), "{heard}");
    let mut stream = server.connect();
    let words = post(&batch(&requests(1)), "");
    stream.write_all(&words.as_bytes()[..words.len() - 20]).unwrap();
    drop(stream);
    let heard = server.talk(&get(BATCHES, "connection: close\r\n"));
    assert!(heard.contains("\"data\":[]"), "half a body makes no batch: {heard}");
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

fn client(server: &Running) -> Client<UreqTransport, Hurry> {
    let speaker = Speaker {
        base: BaseUrl::parse(&format!("http://{}", server.address)).unwrap(),
        key: ApiKey::new("sk-any").unwrap(),
        version: ApiVersion::default(),
        betas: Vec::new(),
        workspace: None,
        user_profile: None,
    };
    let transport = UreqTransport::new(Timeouts::default(), None).unwrap();
    Client::new(transport, Hurry, speaker, Pace::per_minute(1_000), Patience::default())
}

fn counted(model: &str) -> Vec<u8> {
    let params = serde_json::json!({
        "model": model, "max_tokens": 5,
        "messages": [{ "role": "user", "content": "How many legs has a spider?" }],
    });
    count_tokens_body(params.as_object().unwrap().iter().map(|(name, value)| (name.as_str(), value)))
}

#[test]
fn the_client_counts_tokens() {
    let faults = "[[fault]]\non = \"count-tokens\"\ndo = \"answer\"\nstatus = 529\ntimes = 2\n\
                  [[fault]]\non = \"count-tokens\"\ndo = \"drop-after\"\nfrom = 3\n\
                  [[fault]]\non = \"count-tokens\"\ndo = \"spend-cap\"\nfrom = 7\ntimes = 0\n";
    let server = Running::start(faults);
    let mut client = client(&server);
    let body = counted("claude-haiku-4-5");
    assert_eq!(client.count_tokens(&body).unwrap(), 14, "after three failures");
    assert_eq!(client.count_tokens(&body).unwrap(), 14);
    let unknown = client.count_tokens(&counted("claude-nobody")).unwrap_err();
    assert!(matches!(&unknown, ApiError::Refused(answer) if answer.message == "model: claude-nobody"));
    let ApiError::Stopped(spent) = client.count_tokens(&body).unwrap_err() else { panic!("it must stop") };
    assert_eq!(spent.code.as_deref(), Some("enforced_spend_limit_reached"));
    assert!(spent.request_id.unwrap().starts_with("req_01"));
}
