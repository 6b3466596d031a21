//! A tiny HTTP server on this machine, for tests: it answers as told, faults included, and remembers what it
//! was asked.
#![allow(dead_code, reason = "each test file uses a part of this")]

pub(crate) mod clients;
pub(crate) mod rude;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What the server was asked.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// Method, path and protocol.
    pub(crate) line: String,
    /// Header lines, their names in small letters.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// What the server does.
pub(crate) enum Reply {
    /// Answers with a status, header lines and a body.
    Answer(u16, Vec<(&'static str, String)>, String),
    /// Hangs up without an answer.
    HangUp,
    /// Hangs up in the middle of the answer.
    HalfAnAnswer,
    /// Keeps silent for so long, then hangs up.
    Silence(Duration),
}

impl Reply {
    pub(crate) fn count(tokens: u64) -> Reply {
        Reply::Answer(200, Vec::new(), format!(r#"{{"input_tokens":{tokens}}}"#))
    }

    /// The API's form of an error.
    pub(crate) fn error(status: u16, kind: &str, message: &str) -> Reply {
        let body = format!(r#"{{"type":"error","error":{{"type":"{kind}","message":"{message}"}}}}"#);
        Reply::Answer(status, vec![("request-id", "req_1".to_owned())], body)
    }

    /// An error that names the wait: none.
    pub(crate) fn again(status: u16) -> Reply {
        let body = r#"{"type":"error","error":{"type":"api_error","message":"later"}}"#;
        Reply::Answer(status, vec![("retry-after", "0".to_owned())], body.to_owned())
    }
}

/// A server that lives as long as its test process.
pub(crate) struct Server {
    /// `http://127.0.0.1:PORT`
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    /// Starts a server that answers each request by `reply`, which is told the number of requests before it.
    pub(crate) fn start(reply: impl Fn(usize, &Asked) -> Reply + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (memory, reply) = (Arc::clone(&asked), Arc::new(reply));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (memory, reply) = (Arc::clone(&memory), Arc::clone(&reply));
                thread::spawn(move || serve(&stream, &memory, reply.as_ref()));
            }
        });
        Server { url, asked }
    }

    /// All requests so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

/// One request per connection.
fn serve(mut stream: &TcpStream, memory: &Mutex<Vec<Asked>>, reply: &dyn Fn(usize, &Asked) -> Reply) {
    let Some(asked) = read(stream) else { return };
    let before = {
        let mut memory = memory.lock().unwrap();
        memory.push(asked.clone());
        memory.len() - 1
    };
    let answer = match reply(before, &asked) {
        Reply::HangUp => return,
        Reply::Silence(time) => return thread::sleep(time),
        Reply::HalfAnAnswer => "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"inp".to_owned(),
        Reply::Answer(status, headers, body) => {
            let headers: String =
                headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
            let length = body.len();
            format!(
                "HTTP/1.1 {status} X\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n{body}"
            )
        }
    };
    let _ = stream.write_all(answer.as_bytes());
}

fn read(stream: &TcpStream) -> Option<Asked> {
    let mut reader = BufReader::new(stream);
    let mut text = || {
        let mut text = String::new();
        reader.read_line(&mut text).ok()?;
        Some(text.trim_end().to_owned())
    };
    let line = text().filter(|line| !line.is_empty())?;
    let mut headers = Vec::new();
    while let Some((name, value)) = text()?.split_once(':') {
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length.map_or(0, |(_, value)| value.parse().unwrap());
    if headers.iter().any(|(name, _)| name == "expect") {
        let mut stream = stream;
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").ok()?;
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Asked { line, headers, body: String::from_utf8(body).unwrap() })
}
