use std::borrow::Cow;

use serde::de::IgnoredAny;

use crate::RowProblem;
use crate::members::{members, string};

/// What one row says. It borrows from the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResultRow<'r> {
    /// Whose result it is.
    pub custom_id: Cow<'r, str>,
    /// What became of the request.
    pub outcome: Outcome<'r>,
}

/// What became of a request. Results of a type that nobody knows yet pass through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome<'r> {
    /// Its type, as far as it is known.
    pub kind: OutcomeKind,
    /// Its type as the row names it; empty where it names none.
    pub name: Cow<'r, str>,
    /// The whole result, the JSON object exactly as it was received.
    pub result: &'r str,
}

/// The types of results.
/// Source: <https://platform.claude.com/docs/en/build-with-claude/batch-processing>, read 2026-09-26.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OutcomeKind {
    /// There is a reply, and it is billed.
    Succeeded,
    /// There is an error, and nothing is billed.
    Errored,
    /// The batch was stopped before it was sent to the model; nothing is billed.
    Canceled,
    /// The batch ran out of time before; nothing is billed.
    Expired,
    /// A type that this program does not know.
    Other,
}

impl<'r> ResultRow<'r> {
    /// Reads a row, with or without the `\n` at its end.
    ///
    /// # Errors
    /// When it is not JSON (a line without `\n` is then taken for cut), or has no `custom_id` or no `result`.
    pub fn read(line: &'r [u8]) -> Result<ResultRow<'r>, RowProblem> {
        let broken = if line.ends_with(b"\n") { RowProblem::NotJson } else { RowProblem::Cut };
        let Ok(text) = std::str::from_utf8(line) else { return Err(broken) };
        if serde_json::from_str::<IgnoredAny>(text).is_err() {
            return Err(broken);
        }
        let [id, result] = members(text, 0..text.len(), ["custom_id", "result"]).ok_or(RowProblem::NoId)?;
        let custom_id = id.and_then(|id| string(&text[id])).ok_or(RowProblem::NoId)?;
        let result = result.ok_or(RowProblem::NoResult)?;
        let [kind] = members(text, result.clone(), ["type"]).ok_or(RowProblem::NoResult)?;
        let name = kind.and_then(|kind| string(&text[kind])).unwrap_or_default();
        let outcome = Outcome { kind: OutcomeKind::of(&name), name, result: &text[result] };
        Ok(ResultRow { custom_id, outcome })
    }
}

impl OutcomeKind {
    /// All of them.
    pub const ALL: [OutcomeKind; 5] = [
        OutcomeKind::Succeeded,
        OutcomeKind::Errored,
        OutcomeKind::Canceled,
        OutcomeKind::Expired,
        OutcomeKind::Other,
    ];

    /// As rows name it; `other` stands in no row.
    pub fn name(self) -> &'static str {
        match self {
            OutcomeKind::Succeeded => "succeeded",
            OutcomeKind::Errored => "errored",
            OutcomeKind::Canceled => "canceled",
            OutcomeKind::Expired => "expired",
            OutcomeKind::Other => "other",
        }
    }

    fn of(name: &str) -> OutcomeKind {
        let known = OutcomeKind::ALL.into_iter().find(|kind| kind.name() == name);
        known.unwrap_or(OutcomeKind::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_as_they_come() {
        let line = b"{\"custom_id\":\"a\",\"result\": {\"type\":\"canceled\"} ,\"new\":1}\n";
        let row = ResultRow::read(line).unwrap();
        assert_eq!((&*row.custom_id, row.outcome.kind), ("a", OutcomeKind::Canceled));
        assert_eq!(row.outcome.result, "{\"type\":\"canceled\"}");
    }

    #[test]
    fn unknown_types_pass_through() {
        for (result, name) in [(r#"{"type":"paused"}"#, "paused"), (r#"{"type":7}"#, ""), ("{}", "")] {
            let line = format!("{{\"custom_id\":\"a\",\"result\":{result}}}");
            let row = ResultRow::read(line.as_bytes()).unwrap();
            assert_eq!((row.outcome.kind, &*row.outcome.name), (OutcomeKind::Other, name));
            assert_eq!(row.outcome.result, result);
        }
    }

    #[test]
    fn what_is_no_row_is_told() {
        let read = |line: &str| ResultRow::read(line.as_bytes()).unwrap_err().to_string();
        assert_eq!(read("{\"custom_id\":\"a\",\"res\n"), "a row is not JSON");
        assert_eq!(read("{\"custom_id\":\"a\",\"res"), "the last row is cut in the middle");
        assert_eq!(read("{\"type\":\"error\"}\n"), "a row has no `custom_id`");
        assert_eq!(read("[]\n"), "a row has no `custom_id`");
        assert_eq!(read("{\"custom_id\":\"a\"}\n"), "a row has no `result`");
        assert_eq!(read("{\"custom_id\":\"a\",\"result\":\"succeeded\"}\n"), "a row has no `result`");
        assert_eq!(ResultRow::read(b"\"\xff\"\n").unwrap_err(), RowProblem::NotJson);
    }

    #[test]
    fn deep_replies_are_read() {
        let deep = format!("{}1{}", "[".repeat(5_000), "]".repeat(5_000));
        let line = format!("{{\"custom_id\":\"a\",\"result\":{{\"x\":{deep},\"type\":\"succeeded\"}}}}\n");
        assert_eq!(ResultRow::read(line.as_bytes()).unwrap().outcome.kind, OutcomeKind::Succeeded);
    }
}
