use crate::ApiKey;

/// Carries one request to a server and its answer back. Follows no redirect, asks nothing twice.
pub trait Transport {
    /// Sends and waits for the whole answer, whatever its status.
    ///
    /// # Errors
    /// When there is no answer.
    fn send(&self, request: &HttpRequest<'_>) -> Result<HttpResponse, TransportError>;
}

/// One request.
#[derive(Clone, Debug)]
pub struct HttpRequest<'r> {
    /// `POST` and the like.
    pub method: &'static str,
    /// The whole address.
    pub url: String,
    /// Sent as `x-api-key`.
    pub key: &'r ApiKey,
    /// All other headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body, JSON.
    pub body: &'r [u8],
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpResponse {
    /// The status code.
    pub status: u16,
    /// The headers, their names in small letters.
    pub headers: Vec<(String, String)>,
    /// The body, at most [`HttpResponse::BODY_BYTES_MAX`] of it.
    pub body: Vec<u8>,
}

impl HttpResponse {
    /// The longest body that is read. Answers are small; what is longer is none.
    pub const BODY_BYTES_MAX: u64 = 1 << 20;

    /// The value of a header, its name in small letters.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
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
