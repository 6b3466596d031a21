use std::io::{self, BufRead, ErrorKind, Read};

use crate::Head;

/// A head as it came, and what it says about the body and the connection.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Incoming {
    pub(crate) head: Head,
    pub(crate) framing: Framing,
    pub(crate) expects_continue: bool,
    /// Whether the client wants the connection closed after the answer.
    pub(crate) closes: bool,
}

/// How the end of a body is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// It has so many bytes.
    Length(u64),
    /// It comes in chunks.
    Chunked,
}

/// The longest head.
const HEAD_BYTES_MAX: usize = 64 * 1024;
const HEADERS_MAX: usize = 100;

/// Reads the head of the next call; `None` when the client has no more. What is no head of HTTP/1.1 gives the status
/// that says so.
pub(crate) fn read_head(reader: &mut impl BufRead) -> io::Result<Option<Result<Incoming, u16>>> {
    let mut bytes = Vec::new();
    loop {
        let start = bytes.len();
        let left = (HEAD_BYTES_MAX - start) as u64;
        let read = reader.by_ref().take(left).read_until(b'\n', &mut bytes)?;
        match (read, &bytes[start..]) {
            (0, _) if bytes.is_empty() => return Ok(None),
            (0, _) if bytes.len() >= HEAD_BYTES_MAX => return Ok(Some(Err(431))),
            (0, _) => return Err(ErrorKind::UnexpectedEof.into()),
            // Blank lines before a head are allowed.
            (_, b"\r\n" | b"\n") if start == 0 => bytes.clear(),
            (_, b"\r\n" | b"\n") => return Ok(Some(parse(&bytes))),
            _ => (),
        }
    }
}

fn parse(bytes: &[u8]) -> Result<Incoming, u16> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut request = httparse::Request::new(&mut headers);
    match request.parse(bytes) {
        Ok(httparse::Status::Complete(_)) => (),
        Err(httparse::Error::TooManyHeaders) => return Err(431),
        Err(httparse::Error::Version) => return Err(505),
        _ => return Err(400),
    }
    if request.version != Some(1) {
        return Err(505);
    }
    let text = |header: &httparse::Header<'_>| {
        (header.name.to_ascii_lowercase(), String::from_utf8_lossy(header.value).trim().to_owned())
    };
    let headers = request.headers.iter().map(text).collect();
    let head = Head::new(request.method.unwrap_or_default(), request.path.unwrap_or_default(), headers);
    let framing = framing(&head)?;
    let says =
        |name: &str, word: &str| head.header(name).is_some_and(|value| value.eq_ignore_ascii_case(word));
    let (expects_continue, closes) = (says("expect", "100-continue"), says("connection", "close"));
    Ok(Incoming { head, framing, expects_continue, closes })
}

fn framing(head: &Head) -> Result<Framing, u16> {
    let lengths = head.headers.iter().filter(|(name, _)| name == "content-length").count();
    match (head.header("transfer-encoding"), head.header("content-length")) {
        (None, None) => Ok(Framing::Length(0)),
        (Some(coding), None) if coding.eq_ignore_ascii_case("chunked") => Ok(Framing::Chunked),
        (None, Some(length)) if lengths == 1 && length.bytes().all(|byte| byte.is_ascii_digit()) => {
            length.parse().map(Framing::Length).map_err(|_| 400)
        }
        // Both, or something else: two readers would see two bodies.
        _ => Err(400),
    }
}

/// A body as it comes over the wire, up to its end and no further.
#[derive(Debug)]
pub(crate) struct BodyFrame<'r, R> {
    reader: &'r mut R,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// So many bytes are left of all.
    Length(u64),
    /// So many bytes are left of a chunk.
    Chunk(u64),
    /// A chunk's size is next.
    Size,
    End,
}

impl<'r, R: BufRead> BodyFrame<'r, R> {
    pub(crate) fn new(reader: &'r mut R, framing: Framing) -> BodyFrame<'r, R> {
        let state = match framing {
            Framing::Length(bytes) => State::Length(bytes),
            Framing::Chunked => State::Size,
        };
        BodyFrame { reader, state }
    }

    /// Reads at most `left` bytes, and fails where the connection ends before that.
    fn some(&mut self, buffer: &mut [u8], left: u64) -> io::Result<u64> {
        match self.reader.take(left).read(buffer)? {
            0 if !buffer.is_empty() => Err(ErrorKind::UnexpectedEof.into()),
            count => Ok(count as u64),
        }
    }

    /// Reads the line with the next chunk's size; after the last chunk, everything up to the blank line.
    fn size(&mut self) -> io::Result<u64> {
        let line = self.line()?;
        let digits = line.split(';').next().unwrap_or_default().trim();
        let is_hex = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let size = u64::from_str_radix(digits, 16).ok().filter(|_| is_hex).ok_or(ErrorKind::InvalidData)?;
        while size == 0 && !self.line()?.is_empty() {}
        Ok(size)
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = Vec::new();
        self.reader.take(LINE_BYTES_MAX).read_until(b'\n', &mut line)?;
        if line.pop() != Some(b'\n') {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
    }
}

/// The longest line between two chunks.
const LINE_BYTES_MAX: u64 = 8 * 1024;

impl<R: BufRead> Read for BodyFrame<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.state == State::Size {
            self.state = match self.size()? {
                0 => State::End,
                size => State::Chunk(size),
            };
        }
        let count = match self.state {
            State::End | State::Size | State::Length(0) | State::Chunk(0) => 0,
            State::Length(left) => {
                let count = self.some(buffer, left)?;
                self.state = State::Length(left - count);
                count
            }
            State::Chunk(left) => {
                let count = self.some(buffer, left)?;
                self.state = State::Chunk(left - count);
                if count == left {
                    self.line()?;
                    self.state = State::Size;
                }
                count
            }
        };
        Ok(usize::try_from(count).expect("as much as fits the buffer"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What a connection says: method and path of each call with its body, or what was wrong.
    fn read(mut bytes: &[u8]) -> Vec<String> {
        let mut calls = Vec::new();
        loop {
            match read_head(&mut bytes) {
                Ok(None) => return calls,
                Ok(Some(Ok(incoming))) => {
                    let mut body = String::new();
                    let end = BodyFrame::new(&mut bytes, incoming.framing).read_to_string(&mut body);
                    let Incoming { head, .. } = incoming;
                    calls.push(format!("{} {} {body}", head.method, head.path));
                    if let Err(error) = end {
                        calls.push(error.kind().to_string());
                        return calls;
                    }
                }
                Ok(Some(Err(status))) => {
                    calls.push(status.to_string());
                    return calls;
                }
                Err(error) => {
                    calls.push(error.kind().to_string());
                    return calls;
                }
            }
        }
    }

    proptest! {
        /// Whatever is said, the connection ends, and says no more than it has heard.
        #[test]
        fn any_words_come_to_an_end(words in prop::collection::vec(any_words(), 0..12)) {
            let text = words.concat();
            let heard: usize = read(text.as_bytes()).iter().map(String::len).sum();
            prop_assert!(heard <= text.len() + "unexpected end of file".len());
        }
    }

    fn any_words() -> impl Strategy<Value = &'static str> {
        prop::sample::select(vec![
            "GET / HTTP/1.1\r\n",
            "POST / HTTP/1.1\r\n",
            "GET / HTTP/1.1\n",
            "content-length: 5\r\n",
            "transfer-encoding: chunked\r\n",
            "\r\n",
            "\n",
            "abc",
            "5\r\nabcde\r\n",
            "0\r\n\r\n",
            "ffffffffffffffff\r\n",
            "a: b\r\n",
            "\r",
            "\0",
            "é",
        ])
    }

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        assert_eq!(read(text.as_bytes()), expected, "{text:?}");
    }

    #[test]
    fn calls_follow_each_other_on_a_connection() {
        check("", &[]);
        check("GET /a HTTP/1.1\r\n\r\n\r\nGET /b HTTP/1.1\r\n\r\n", &["GET /a ", "GET /b "]);
        check(
            "POST /a HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET /b HTTP/1.1\r\n\r\n",
            &["POST /a abc", "GET /b "],
        );
        check(
            "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nt: 1\r\n\r\nGET /b HTTP/1.1\r\n\r\n",
            &["POST /a abc0123456789", "GET /b "],
        );
    }

    #[test]
    fn what_is_no_call_is_refused() {
        check("GET /a HTTP/1.0\r\n\r\n", &["505"]);
        check("nonsense\r\n\r\n", &["400"]);
        check("GET /a HTTP/1.1\r\n", &["unexpected end of file"]);
        check("POST /a HTTP/1.1\r\ncontent-length: 3\r\n\r\nab", &["POST /a ab", "unexpected end of file"]);
        for bad in [
            "content-length: -1",
            "content-length: +3",
            "content-length: 3\r\ncontent-length: 3",
            "content-length: 3\r\ntransfer-encoding: chunked",
            "transfer-encoding: gzip",
            "content-length: 99999999999999999999",
        ] {
            check(&format!("POST /a HTTP/1.1\r\n{bad}\r\n\r\n"), &["400"]);
        }
        let chunked = |rest: &str| format!("POST /a HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n{rest}");
        check(&chunked("3\r\nab"), &["POST /a ab", "unexpected end of file"]);
        check(&chunked("x\r\n"), &["POST /a ", "invalid data"]);
        check(&chunked("+3\r\nabc\r\n"), &["POST /a ", "invalid data"]);
        check(&format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(HEAD_BYTES_MAX)), &["431"]);
    }
}
