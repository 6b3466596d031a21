use serde_json::{Value, json};

use crate::Reply;

/// Why a call is refused: a status, and what stands in the body.
///
/// Texts that were recorded from the API are marked by their source, `recorded`; where nobody has recorded one, the text
/// is ours and begins with `simulator:`, so that no client comes to depend on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    /// The error's type.
    pub(crate) kind: &'static str,
    pub(crate) message: String,
    /// The code in its details, the stable part.
    pub(crate) code: Option<&'static str>,
    /// The `retry-after` header, in seconds.
    pub(crate) retry_after: Option<u64>,
}

impl Refusal {
    fn new(status: u16, kind: &'static str, message: String) -> Refusal {
        Refusal { status, kind, message, code: None, retry_after: None }
    }

    /// 400, with a text that was recorded.
    pub(crate) fn invalid(message: impl Into<String>) -> Refusal {
        Refusal::new(400, "invalid_request_error", message.into())
    }

    /// 400, with a text of ours.
    pub(crate) fn invalid_in_our_words(message: &str) -> Refusal {
        Refusal::invalid(ours(message))
    }

    /// 404 for something that has a recorded text.
    pub(crate) fn not_found(message: impl Into<String>) -> Refusal {
        Refusal::new(404, "not_found_error", message.into())
    }

    /// 401, recorded.
    pub(crate) fn bad_key() -> Refusal {
        Refusal::new(401, "authentication_error", "API key is invalid.".to_owned())
    }

    /// 413 as what stands in front of the API answers it.
    pub(crate) fn too_large() -> Refusal {
        Refusal::new(413, "request_too_large", "Request exceeds the maximum size".to_owned())
    }

    /// 429 of a limit; the text is ours.
    pub(crate) fn rate_limit(message: &str, retry_after: Option<u64>) -> Refusal {
        Refusal { retry_after, ..Refusal::new(429, "rate_limit_error", ours(message)) }
    }

    /// 429 of the tier's monthly cap: never with a `retry-after`. The code is documented, the text is ours.
    pub(crate) fn spend_cap() -> Refusal {
        let refusal = Refusal::rate_limit("the monthly spend limit is reached", None);
        Refusal { code: Some("enforced_spend_limit_reached"), ..refusal }
    }

    /// The status that a script asks for, with the type that belongs to it and a text of ours.
    pub(crate) fn scripted(status: u16, retry_after: Option<u64>) -> Refusal {
        let kind = match status {
            401 => "authentication_error",
            402 => "billing_error",
            403 => "permission_error",
            404 => "not_found_error",
            409 => "conflict_error",
            413 => return Refusal::too_large(),
            429 => "rate_limit_error",
            504 => "timeout_error",
            529 => "overloaded_error",
            500.. => "api_error",
            _ => "invalid_request_error",
        };
        let message = ours(&format!("the script asks for a {status} here"));
        Refusal { retry_after, ..Refusal::new(status, kind, message) }
    }

    /// The answer. 413 comes without `type` and `request_id`, and 502 and 503 are no JSON at all: what stands in front
    /// of the API sends them.
    pub(crate) fn into_reply(self, request_id: &str) -> Reply {
        let mut reply = Reply::json(self.body(request_id));
        reply.status = self.status;
        if matches!(self.status, 502 | 503) {
            reply.headers = vec![("content-type", "text/html".to_owned())];
        }
        reply.headers.extend(self.retry_after.map(|seconds| ("retry-after", seconds.to_string())));
        reply
    }

    fn body(&self, request_id: &str) -> String {
        let mut error = json!({ "type": self.kind, "message": self.message });
        match self.status {
            413 => return json!({ "error": error }).to_string(),
            502 | 503 => return format!("<html><body>{}</body></html>", self.status),
            _ => (),
        }
        if let Some(code) = self.code {
            error["details"] = json!({ "error_code": code });
        }
        let envelope: Value = json!({ "type": "error", "error": error, "request_id": request_id });
        envelope.to_string()
    }
}

/// A text that nobody has recorded.
pub(crate) fn ours(message: &str) -> String {
    format!("simulator: {message}")
}
