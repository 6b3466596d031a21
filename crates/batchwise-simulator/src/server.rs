use std::io::{self, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use jiff::Timestamp;

use crate::instant::Instant;
use crate::wire::{BodyFrame, Incoming, read_head};
use crate::{Body, BodyReader, Call, Content, Ending, Reply, Simulator};

/// A simulator on the network: HTTP/1.1 without TLS, several connections at once, each as long as the client likes.
pub struct Server<C> {
    simulator: Mutex<Simulator>,
    bodies: BodyReader,
    clock: C,
    connections: AtomicUsize,
}

/// More connections at once than any client needs; the next one is closed at once.
const CONNECTIONS_MAX: usize = 256;

/// How long a client may be silent.
const SILENCE_MAX: Duration = Duration::from_secs(120);

/// How much of a body that nobody wants is read, so that the client sees the answer before the end of the connection.
const DRAINED_BYTES_MAX: u64 = 600_000_000;

impl<C: Fn() -> Timestamp + Send + Sync + 'static> Server<C> {
    /// A server whose time is told by `clock`.
    pub fn new(simulator: Simulator, clock: C) -> Server<C> {
        let bodies = simulator.body_reader();
        Server { simulator: Mutex::new(simulator), bodies, clock, connections: AtomicUsize::new(0) }
    }

    /// Serves until the process ends.
    ///
    /// # Errors
    /// When no connection can be taken any more.
    pub fn serve(self, listener: &TcpListener) -> io::Result<()> {
        let server = Arc::new(self);
        loop {
            let stream = match listener.accept() {
                Ok((stream, _)) => stream,
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => continue,
                Err(error) => return Err(error),
            };
            let server = Arc::clone(&server);
            thread::spawn(move || {
                let others = server.connections.fetch_add(1, Ordering::Relaxed);
                if others < CONNECTIONS_MAX {
                    // What goes wrong with a connection is the client's to notice.
                    let _ = server.talk(&stream);
                }
                server.connections.fetch_sub(1, Ordering::Relaxed);
            });
        }
    }

    fn simulator(&self) -> MutexGuard<'_, Simulator> {
        self.simulator.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers one call after the other.
    fn talk(&self, stream: &TcpStream) -> io::Result<()> {
        stream.set_read_timeout(Some(SILENCE_MAX))?;
        stream.set_nodelay(true)?;
        let mut reader = BufReader::with_capacity(64 * 1024, stream);
        while let Some(incoming) = read_head(&mut reader)? {
            let incoming = match incoming {
                Ok(incoming) => incoming,
                Err(status) => return refuse(stream, status, (self.clock)()),
            };
            if !self.answer(stream, &mut reader, &incoming)? {
                stream.shutdown(Shutdown::Both)?;
                return Ok(());
            }
        }
        Ok(())
    }

    /// Answers one call, and tells whether the connection goes on.
    fn answer(
        &self,
        stream: &TcpStream,
        reader: &mut BufReader<&TcpStream>,
        incoming: &Incoming,
    ) -> io::Result<bool> {
        let call = self.simulator().begin(&incoming.head, (self.clock)());
        if call.is_dropped() {
            return Ok(false);
        }
        let spared = call.is_refused() && incoming.expects_continue;
        let content = if spared { Content::none() } else { self.take_body(stream, reader, incoming, &call)? };
        let reply = self.simulator().answer(call, content, (self.clock)());
        thread::sleep(reply.delay);
        if reply.ending == Ending::Nothing {
            return Ok(false);
        }
        let is_last = spared || incoming.closes;
        let is_whole = send(stream, reply, is_last)?;
        Ok(is_whole && !is_last)
    }

    /// Reads all of the body, and keeps what the call needs.
    fn take_body(
        &self,
        stream: &TcpStream,
        reader: &mut BufReader<&TcpStream>,
        incoming: &Incoming,
        call: &Call,
    ) -> io::Result<Content> {
        let mut stream = stream;
        if incoming.expects_continue {
            stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        let mut body = BodyFrame::new(reader, incoming.framing);
        let content = self.bodies.read(call, &mut body);
        if !content.is_broken() {
            io::copy(&mut (&mut body).take(DRAINED_BYTES_MAX), &mut io::sink())?;
        }
        Ok(content)
    }
}

/// Ends a connection on which something else than HTTP/1.1 was said.
fn refuse(mut stream: &TcpStream, status: u16, now: Timestamp) -> io::Result<()> {
    let (reason, date) = (reason(status), Instant::of(now).http_date());
    write!(
        stream,
        "HTTP/1.1 {status} {reason}\r\ndate: {date}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
    )?;
    stream.shutdown(Shutdown::Both)
}

/// Sends an answer, and tells whether it was whole.
fn send(mut stream: &TcpStream, reply: Reply, is_last: bool) -> io::Result<bool> {
    let mut head = format!("HTTP/1.1 {} {}\r\n", reply.status, reason(reply.status));
    for (name, value) in &reply.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if is_last {
        head.push_str("connection: close\r\n");
    }
    let rows = match reply.body {
        Body::Text(text) => {
            head.push_str(&format!("content-length: {}\r\n\r\n{text}", text.len()));
            stream.write_all(head.as_bytes())?;
            return Ok(true);
        }
        Body::Rows(rows) => rows,
    };
    if reply.ending == Ending::LengthCut {
        head.push_str(&format!("content-length: {}\r\n\r\n", rows.whole_bytes()));
        stream.write_all(head.as_bytes())?;
        rows.into_iter().try_for_each(|row| stream.write_all(row.as_bytes()))?;
        return Ok(false);
    }
    head.push_str("transfer-encoding: chunked\r\n\r\n");
    stream.write_all(head.as_bytes())?;
    send_chunks(stream, rows)?;
    if reply.ending == Ending::ChunkCut {
        return Ok(false);
    }
    stream.write_all(b"0\r\n\r\n")?;
    Ok(true)
}

/// How large a chunk is, at least, but for the last.
const CHUNK_BYTES: usize = 16 * 1024;

fn send_chunks(mut stream: &TcpStream, rows: impl Iterator<Item = String>) -> io::Result<()> {
    let mut chunk = String::with_capacity(2 * CHUNK_BYTES);
    let mut rows = rows.peekable();
    while let Some(row) = rows.next() {
        chunk.push_str(&row);
        if chunk.len() >= CHUNK_BYTES || rows.peek().is_none() {
            write!(stream, "{:x}\r\n{chunk}\r\n", chunk.len())?;
            chunk.clear();
        }
    }
    Ok(())
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "Bad Request",
        401 => "Unauthorized",
        404 => "Not Found",
        413 => "Content Too Large",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        505 => "HTTP Version Not Supported",
        _ => "Error",
    }
}
