use std::borrow::Cow;

use batchwise_records::Node;

use crate::Outcome;
use crate::members::{members, string};

/// Why a request was answered with an error.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowError<'r> {
    /// Its type, like `invalid_request_error`; empty where there is none.
    pub kind: Cow<'r, str>,
    /// What the API says about it; empty where it says nothing.
    pub message: Cow<'r, str>,
    /// What the API calls the call of its worker, which support may ask for.
    pub request_id: Option<Cow<'r, str>>,
}

impl<'r> RowError<'r> {
    /// The error of an outcome, which is nested twice: `result.error.error.type`. What is not there is empty.
    /// Source: rows recorded on 2026-09-02.
    pub fn of(outcome: &Outcome<'r>) -> RowError<'r> {
        let text = outcome.result;
        let [outer] = members(text, 0..text.len(), ["error"]).unwrap_or_default();
        let outer = outer.and_then(|outer| members(text, outer, ["error", "request_id"]));
        let [inner, request_id] = outer.unwrap_or_default();
        let inner = inner.and_then(|inner| members(text, inner, ["type", "message"]));
        let [kind, message] = inner.unwrap_or_default();
        let text_at = |place: Option<std::ops::Range<usize>>| place.and_then(|place| string(&text[place]));
        RowError {
            kind: text_at(kind).unwrap_or_default(),
            message: text_at(message).unwrap_or_default(),
            request_id: text_at(request_id),
        }
    }
}

/// The message of a reply as a tree, where it is one.
pub(crate) fn tree<'r>(outcome: &Outcome<'r>) -> Option<Node<'r>> {
    serde_json::from_str(outcome.result).ok()
}
