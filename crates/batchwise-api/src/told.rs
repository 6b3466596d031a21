use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

use crate::patience::named_wait;
use crate::{ApiKey, HttpResponse};

/// A value, and what came beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told<V> {
    /// What was asked for.
    pub value: V,
    /// How long the API would wait before asking again.
    pub retry_after: Option<Duration>,
    /// The server's clock, in whole seconds: its `date` header.
    pub date: Option<Timestamp>,
    /// The `request-id`, which support asks for.
    pub request_id: Option<String>,
}

impl<V> Told<V> {
    pub(crate) fn of(response: &HttpResponse, key: &ApiKey, value: V) -> Told<V> {
        Told {
            value,
            retry_after: named_wait(response),
            date: response.header("date").and_then(date),
            request_id: request_id(response, key),
        }
    }
}

/// The longest `request-id` that is shown, in characters.
const REQUEST_ID_CHARACTERS_MAX: usize = 300;

/// The `request-id` of an answer, without the key in it.
pub(crate) fn request_id(response: &HttpResponse, key: &ApiKey) -> Option<String> {
    let id = response.header("request-id")?;
    Some(key.redact(id).chars().take(REQUEST_ID_CHARACTERS_MAX).collect())
}

/// A date as HTTP writes it: `Sun, 06 Nov 1994 08:49:37 GMT`.
fn date(text: &str) -> Option<Timestamp> {
    DateTimeParser::new().parse_timestamp(text.trim()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_http_writes_them() {
        let read = |text: &str| date(text).map(|date| date.to_string());
        assert_eq!(read("Sun, 06 Nov 1994 08:49:37 GMT").as_deref(), Some("1994-11-06T08:49:37Z"));
        assert_eq!(read("Sat, 21 Nov 2026 00:00:00 GMT").as_deref(), Some("2026-11-21T00:00:00Z"));
        assert_eq!(read("yesterday"), None);
        assert_eq!(read(""), None);
    }
}
