use std::time::Duration;

use crate::{Answer, AnswerLength, ApiError, ApiKey, TransportError};

/// What may be asked twice, because it changes nothing, or nothing more the second time.
pub(crate) struct Question<'q> {
    pub(crate) method: &'static str,
    /// The path and the query.
    pub(crate) path: String,
    pub(crate) body: Option<&'q [u8]>,
    /// What should come, in words.
    pub(crate) expected: &'static str,
    /// Whether the path names something that may not be there.
    pub(crate) may_be_missing: bool,
    pub(crate) answer: AnswerLength,
}

impl<'q> Question<'q> {
    pub(crate) fn post(path: String, body: Option<&'q [u8]>, expected: &'static str) -> Question<'q> {
        Question { method: "POST", body, ..Question::get(path, expected) }
    }

    pub(crate) fn get(path: String, expected: &'static str) -> Question<'q> {
        let answer = AnswerLength::Short;
        Question { method: "GET", path, body: None, expected, may_be_missing: false, answer }
    }

    /// About something that may not be there.
    pub(crate) fn about_one(self) -> Question<'q> {
        Question { may_be_missing: true, ..self }
    }
}

/// How one attempt ended without what was asked for.
pub(crate) enum Miss {
    /// Another one may do better.
    Passing(Setback),
    /// No other will.
    Final(ApiError),
}

/// How one attempt ended that did not end the question.
pub(crate) enum Setback {
    /// With a no, and the wait that it names.
    Answer(Answer, Option<Duration>),
    /// With something else than expected.
    Unreadable,
    /// Without an answer, or in the middle of it.
    Transport(TransportError),
}

impl Setback {
    /// Whether there is any point in another attempt.
    pub(crate) fn may_pass(&self) -> bool {
        !matches!(self, Setback::Transport(error) if !error.fault.may_pass())
    }

    pub(crate) fn named_wait(&self) -> Option<Duration> {
        match self {
            Setback::Answer(_, wait) => *wait,
            Setback::Unreadable | Setback::Transport(_) => None,
        }
    }

    /// Without the key in any words of others.
    pub(crate) fn redacted(self, key: &ApiKey) -> Setback {
        match self {
            Setback::Transport(error) => {
                Setback::Transport(TransportError { detail: key.redact(&error.detail), ..error })
            }
            other => other,
        }
    }

    /// The error after the last attempt.
    pub(crate) fn give_up(self, attempts: u32, expected: &'static str) -> ApiError {
        match self {
            Setback::Answer(answer, _) => ApiError::Failed { attempts, answer },
            Setback::Unreadable => ApiError::Unreadable { attempts, expected },
            Setback::Transport(source) => ApiError::Unreachable { attempts, source },
        }
    }
}
