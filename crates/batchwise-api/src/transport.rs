use std::fmt;
use std::io::{self, Read};

use crate::ApiKey;

/// Carries one request to a server and its answer back. Follows no redirect, asks nothing twice.
pub trait Transport {
    /// Sends and waits for the head of the answer, whatever its status.
    ///
    /// A server that answers before it has the whole body spares the client the rest of it.
    ///
    /// # Errors
    /// When there is no answer.
    fn send(&self, request: HttpRequest<'_>) -> Result<HttpResponse, TransportError>;
}

/// One request.
pub struct HttpRequest<'r> {
    /// `POST` and the like.
    pub method: &'static str,
    /// The whole address.
    pub url: String,
    /// Sent as `x-api-key`.
    pub key: &'r ApiKey,
    /// All other headers, but for those that frame the body.
    pub headers: Vec<(&'static str, String)>,
    /// The body, JSON.
    pub body: HttpBody<'r>,
    /// What is to be expected of the answer.
    pub answer: AnswerLength,
}

/// The body of a request.
pub enum HttpBody<'r> {
    /// There is none.
    Empty,
    /// All of it.
    Bytes(&'r [u8]),
    /// Read while it is sent, over a connection of its own, and only if the server wants it.
    Stream {
        /// Gives `bytes` bytes, or fails. Asking it for a piece is taken for sending the piece before.
        reader: &'r mut dyn Read,
        /// The exact length.
        bytes: u64,
    },
}

/// How much an answer may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerLength {
    /// A few words, for which there is a limit of time as a whole.
    Short,
    /// A file, which may take as long as it likes if only something comes.
    Long,
}

/// One answer, whose body may still be on its way.
pub struct HttpResponse {
    /// The status code.
    pub status: u16,
    /// The headers, their names in small letters.
    pub headers: Vec<(String, String)>,
    /// The body. One that is cut short ends with an error.
    pub body: Box<dyn Read + Send>,
}

impl HttpResponse {
    /// The longest body that is read as a whole. Answers are small; what is longer is none.
    pub const BODY_BYTES_MAX: u64 = 1 << 20;

    /// An answer whose body is there.
    pub fn new(status: u16, headers: Vec<(String, String)>, body: impl Into<Vec<u8>>) -> HttpResponse {
        HttpResponse { status, headers, body: Box::new(io::Cursor::new(body.into())) }
    }

    /// The value of a header, its name in small letters.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The whole body of a short answer.
    pub(crate) fn text(&mut self) -> Result<Vec<u8>, TransportError> {
        let mut text = Vec::new();
        let read = (&mut self.body).take(HttpResponse::BODY_BYTES_MAX + 1).read_to_end(&mut text);
        let broken = |detail: String| TransportError { fault: TransportFault::Broken, detail };
        match read {
            Ok(_) if text.len() as u64 <= HttpResponse::BODY_BYTES_MAX => Ok(text),
            Ok(_) => Err(broken("the answer is longer than any of the API".to_owned())),
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                Err(TransportError { fault: TransportFault::Timeout, detail: error.to_string() })
            }
            Err(error) => Err(broken(error.to_string())),
        }
    }
}

impl fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpResponse").field("status", &self.status).finish_non_exhaustive()
    }
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct TransportError {
    /// Of what sort.
    pub fault: TransportFault,
    /// In words: lowercase, no full stop. Never holds a header.
    pub detail: String,
}

/// Sorts of failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransportFault {
    /// No connection came about, so the server has seen nothing.
    Unreachable,
    /// The answer took too long. The server may have acted.
    Timeout,
    /// The connection broke, or what came was not HTTP. The server may have acted.
    Broken,
    /// Something that will not be better the next time: a certificate, a proxy's address.
    Setup,
}

impl TransportFault {
    /// Whether trying again can help.
    pub fn may_pass(self) -> bool {
        self != TransportFault::Setup
    }
}
