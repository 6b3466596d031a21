use std::fmt;

use serde::Deserialize;

use crate::told::request_id;
use crate::{ApiKey, HttpResponse};

/// The longest message of a server that is shown, in characters.
const MESSAGE_CHARACTERS_MAX: usize = 300;

/// What the API said when it said no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The error's type, like `invalid_request_error`; `None` when the answer is not the API's.
    pub kind: Option<Box<str>>,
    /// The code in its details, like `enforced_spend_limit_reached`: the stable part.
    pub code: Option<Box<str>>,
    /// For people, cut short, without the key.
    pub message: String,
    /// The `request-id`, which support asks for.
    pub request_id: Option<String>,
}

/// `{"type": "error", "error": {…}, "request_id": …}`. Some answers have only `error`.
#[derive(Deserialize)]
struct Envelope {
    error: Inner,
    request_id: Option<String>,
}

#[derive(Deserialize)]
struct Inner {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    message: String,
    details: Option<Details>,
}

#[derive(Deserialize)]
struct Details {
    error_code: Option<String>,
}

impl Answer {
    /// Reads an answer that is no success. Its status counts even when the rest of it never comes.
    pub(crate) fn of(response: &mut HttpResponse, key: &ApiKey) -> Answer {
        let text = response.text().unwrap_or_default();
        let envelope: Option<Envelope> = serde_json::from_slice(&text).ok();
        let header = request_id(response, key);
        let shown = |text: &str| key.redact(text).chars().take(MESSAGE_CHARACTERS_MAX).collect::<String>();
        match envelope {
            Some(Envelope { error, request_id }) => Answer {
                status: response.status,
                kind: Some(shown(&error.kind).into()),
                code: error
                    .details
                    .and_then(|details| details.error_code)
                    .as_deref()
                    .map(|code| shown(code).into()),
                message: shown(&error.message),
                request_id: header.or(request_id.as_deref().map(shown)),
            },
            None => Answer {
                status: response.status,
                kind: None,
                code: None,
                message: "the answer is not one of the API".to_owned(),
                request_id: header,
            },
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status)?;
        for word in [&self.kind, &self.code].into_iter().flatten() {
            write!(f, " {word}")?;
        }
        write!(f, ": {}", self.message)?;
        match &self.request_id {
            Some(id) => write!(f, " ({id})"),
            None => Ok(()),
        }
    }
}
