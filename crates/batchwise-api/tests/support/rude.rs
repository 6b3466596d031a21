//! A server that does with a connection whatever a test wants.
#![allow(dead_code, reason = "each test file uses a part of this")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// A server that does as `act` says with each connection, and counts them.
pub(crate) struct Rude {
    pub(crate) url: String,
    connections: Arc<AtomicUsize>,
}

impl Rude {
    pub(crate) fn start(act: impl Fn(&mut Talk) + Send + Sync + 'static) -> Rude {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let connections = Arc::new(AtomicUsize::new(0));
        let (count, act) = (Arc::clone(&connections), Arc::new(act));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                count.fetch_add(1, Ordering::SeqCst);
                let act = Arc::clone(&act);
                thread::spawn(move || act(&mut Talk::new(stream)));
            }
        });
        Rude { url, connections }
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// One connection, seen from the server.
pub(crate) struct Talk {
    reader: BufReader<TcpStream>,
    pub(crate) stream: TcpStream,
}

impl Talk {
    pub(crate) fn new(stream: TcpStream) -> Talk {
        Talk { reader: BufReader::new(stream.try_clone().unwrap()), stream }
    }

    /// Reads a head and gives its lines in small letters; `None` when the connection is over.
    pub(crate) fn head(&mut self) -> Option<Vec<String>> {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            if self.reader.read_line(&mut line).ok()? == 0 {
                return None;
            }
            match line.trim_end() {
                "" => return Some(lines),
                line => lines.push(line.to_ascii_lowercase()),
            }
        }
    }

    /// Says something, and tells whether anybody is there.
    pub(crate) fn say(&mut self, words: &str) -> bool {
        self.stream.write_all(words.as_bytes()).is_ok()
    }

    pub(crate) fn go_on(&mut self) {
        self.say("HTTP/1.1 100 Continue\r\n\r\n");
    }

    /// Reads so much of a body and tells how much came.
    pub(crate) fn take(&mut self, bytes: u64) -> u64 {
        std::io::copy(&mut (&mut self.reader).take(bytes), &mut std::io::sink()).unwrap_or(0)
    }

    pub(crate) fn answer(&mut self, status: u16, body: &str) {
        self.say(&format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n\r\n{body}", body.len()));
    }

    /// Ends it by force, as a server does that has not read everything.
    pub(crate) fn hang_up(&mut self) {
        let _ = self.stream.shutdown(Shutdown::Both);
    }
}
