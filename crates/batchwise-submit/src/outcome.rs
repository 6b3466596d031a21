use std::io;

use batchwise_api::MessageBatch;

use crate::Attempt;

/// How an execution stopped for now. Everything is written down, and running it again goes on from here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Outcome {
    /// All is done.
    #[error("all is done")]
    Finished,
    /// The user wanted to stop.
    #[error("stopped")]
    Interrupted,
    /// All that can be sent now was sent, and the user did not want to wait.
    #[error("all that can be sent now is sent")]
    Sent,
    /// Nobody knows whether a batch was created.
    #[error("nobody knows whether batch {batch} was made")]
    Ambiguous {
        /// Its number.
        batch: u32,
        /// How it was sent.
        attempt: Attempt,
        /// What it could be.
        candidates: Vec<MessageBatch>,
    },
    /// The API refuses a batch, and will again.
    #[error("batch {batch} is refused: {error}")]
    Refused {
        /// Its number.
        batch: u32,
        /// Why.
        error: String,
    },
    /// The API gave no answer that helps, however often it was asked.
    #[error("cannot {doing}: {error}")]
    Stuck {
        /// What was tried.
        doing: String,
        /// What came of it.
        error: String,
    },
}

/// Why an execution had to stop on this side. Everything that was done is written down.
#[derive(Debug, thiserror::Error)]
pub enum ExecutionError {
    /// The journal cannot be written.
    #[error("cannot write the journal, so nothing more is sent")]
    Journal(#[source] io::Error),
    /// Results cannot be written.
    #[error("cannot write the results of batch {batch}")]
    Results {
        /// Its number.
        batch: u32,
        /// Why.
        source: io::Error,
    },
}
