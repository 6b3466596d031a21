use crate::{Answer, TransportError};

/// Why the API did not give what it was asked for. Each text can follow `cannot count: `.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApiError {
    /// It refuses this request. Others have their own chance.
    #[error("the API refuses the request: {0}")]
    Refused(Answer),
    /// It would refuse every request: the key, the balance, a limit, the address.
    #[error("the API refuses all requests: {0}")]
    Stopped(Answer),
    /// It does not find the batch that was asked for. Right after a batch was made, that may pass.
    #[error("the API does not find it: {0}")]
    NotFound(Answer),
    /// It sends elsewhere, where the key must not follow.
    #[error(
        "the server answers {status}, a redirect, which the key must not follow: give the final address as the base URL"
    )]
    Redirected {
        /// The status.
        status: u16,
    },
    /// It asks for more patience than there is.
    #[error("the API asks to wait {seconds} seconds: {answer}")]
    TooLong {
        /// How long.
        seconds: u64,
        /// What it said.
        answer: Answer,
    },
    /// It said no so often that trying again has no point.
    #[error("the API failed {attempts} times, at last with {answer}")]
    Failed {
        /// How often it was asked.
        attempts: u32,
        /// What it said last.
        answer: Answer,
    },
    /// It says yes, but not what was asked.
    #[error(
        "the server at the base URL answered {attempts} times with something that is not {expected}: is it the API?"
    )]
    Unreadable {
        /// How often it was asked.
        attempts: u32,
        /// What should have come.
        expected: &'static str,
    },
    /// It gives no answer.
    #[error("no answer from the API after {attempts} attempts")]
    Unreachable {
        /// How often it was tried.
        attempts: u32,
        /// What happened last.
        source: TransportError,
    },
    /// Somebody wanted an end.
    #[error("interrupted")]
    Interrupted,
    /// What was to be sent could not be read as it was said to be.
    #[error("the body could not be sent: {0}")]
    Body(String),
}

impl ApiError {
    /// Whether this is about one request only, so that the next one has a chance.
    pub fn is_about_one_request(&self) -> bool {
        matches!(self, ApiError::Refused(_))
    }

    /// Whether the same request has a chance after some time, without anybody changing anything. Of
    /// [`NotFound`](ApiError::NotFound) only the caller can tell, who knows how old the batch is.
    pub fn may_pass(&self) -> bool {
        match self {
            ApiError::Failed { .. } | ApiError::TooLong { .. } => true,
            ApiError::Unreachable { source, .. } => source.fault.may_pass(),
            ApiError::Refused(_)
            | ApiError::Stopped(_)
            | ApiError::NotFound(_)
            | ApiError::Redirected { .. }
            | ApiError::Unreadable { .. }
            | ApiError::Interrupted
            | ApiError::Body(_) => false,
        }
    }
}
