use crate::{OutcomeKind, ResultRow, RowError};

/// Whether a request is worth sending again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fate {
    /// It has a reply, which is billed whatever its `stop_reason` is.
    Done,
    /// Nothing was wrong with it: it ran out of time, was canceled, or the API failed.
    Again,
    /// The API would answer it with the same error.
    Hopeless,
    /// Its result or its error is of a type that this program does not know: whether it is billed, or would be again,
    /// nobody can say.
    Unknown,
}

/// Errors that are no fault of the request.
/// Source of both lists: <https://platform.claude.com/docs/en/api/errors>, read 2026-09.
const AGAIN: [&str; 4] = ["api_error", "overloaded_error", "timeout_error", "rate_limit_error"];

/// Errors that come back with the request, or with the account.
const HOPELESS: [&str; 7] = [
    "invalid_request_error",
    "authentication_error",
    "billing_error",
    "permission_error",
    "not_found_error",
    "conflict_error",
    "request_too_large",
];

impl Fate {
    /// All of them.
    pub const ALL: [Fate; 4] = [Fate::Done, Fate::Again, Fate::Hopeless, Fate::Unknown];

    /// What a row means for its request.
    pub fn of(row: &ResultRow<'_>) -> Fate {
        match row.outcome.kind {
            OutcomeKind::Succeeded => Fate::Done,
            OutcomeKind::Expired | OutcomeKind::Canceled => Fate::Again,
            OutcomeKind::Errored => Fate::of_error(&RowError::of(&row.outcome).kind),
            OutcomeKind::Other => Fate::Unknown,
        }
    }

    fn of_error(kind: &str) -> Fate {
        match kind {
            kind if AGAIN.contains(&kind) => Fate::Again,
            kind if HOPELESS.contains(&kind) => Fate::Hopeless,
            _ => Fate::Unknown,
        }
    }

    /// Its name in outputs.
    pub fn name(self) -> &'static str {
        match self {
            Fate::Done => "done",
            Fate::Again => "again",
            Fate::Hopeless => "hopeless",
            Fate::Unknown => "unknown",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(result: &str, fate: Fate) {
        let line = format!("{{\"custom_id\":\"a\",\"result\":{result}}}\n");
        assert_eq!(Fate::of(&ResultRow::read(line.as_bytes()).unwrap()), fate, "{result}");
    }

    #[test]
    fn the_type_decides() {
        check(r#"{"type":"succeeded","message":{"stop_reason":"refusal"}}"#, Fate::Done);
        check(r#"{"type":"expired"}"#, Fate::Again);
        check(r#"{"type":"canceled"}"#, Fate::Again);
        check(r#"{"type":"paused"}"#, Fate::Unknown);
        check(r#"{}"#, Fate::Unknown);
    }

    #[test]
    fn of_an_error_the_inner_type_decides() {
        for (kind, fate) in [
            ("api_error", Fate::Again),
            ("overloaded_error", Fate::Again),
            ("timeout_error", Fate::Again),
            ("rate_limit_error", Fate::Again),
            ("invalid_request_error", Fate::Hopeless),
            ("not_found_error", Fate::Hopeless),
            ("billing_error", Fate::Hopeless),
            ("request_too_large", Fate::Hopeless),
            ("gremlin_error", Fate::Unknown),
            ("", Fate::Unknown),
        ] {
            let error =
                format!(r#"{{"type":"errored","error":{{"type":"error","error":{{"type":"{kind}"}}}}}}"#);
            check(&error, fate);
        }
        check(r#"{"type":"errored","error":{"type":"api_error"}}"#, Fate::Unknown); // nested once: nobody has seen that
        check(r#"{"type":"errored"}"#, Fate::Unknown);
        check(r#"{"type":"errored","error":null}"#, Fate::Unknown);
    }
}
