//! Executes a plan: sends its batches once, waits for them, keeps their results, and survives being killed at any moment.
//!
//! Creating a batch has no idempotency key, and what is sent twice is paid twice. So everything goes through a
//! [`Journal`]: an [`Entry`] is written and synced before a batch is sent and after the answer came; the [`Execution`] that
//! the journal tells decides by [`next_step`], a pure function, what is done next. When nobody knows whether a batch was
//! made, the server's list is looked at ([`sighting`](fn@sighting)) before anything else is sent.
//!
//! An [`Executor`] does the steps. Files, network, clock and user are behind the traits of this crate ([`Inputs`],
//! [`Vault`], [`Batches`], [`Clock`], [`Watcher`]), so that all that can go wrong with them can be played through.

mod executor;
mod outcome;

mod step;

mod entry;
mod execution;
mod journal;

mod body_stream;
mod listing;
mod rows;
mod sighting;
mod survey;

mod status;
mod terms;

mod folder;

mod seams;

pub use body_stream::{BodyStream, CHANGED};
pub use entry::{Begun, Conclusion, Entry};
pub use execution::{Attempt, Contradiction, Execution, Record, Stage};
pub use executor::Executor;
pub use folder::{Folder, FolderError};
pub use journal::{Found, Journal, JournalError, SCHEMA, Stamped};
pub use listing::Listing;
pub use outcome::{ExecutionError, Outcome};
pub use seams::{Batches, Clock, Event, Inputs, Reply, Vault, Watcher};
pub use sighting::{Known, Sighting, sighting};
pub use status::{BatchStatus, STATUS_SCHEMA, State, Status};
pub use step::{Circumstances, Step, next_step};
pub use survey::{SurveyError, survey};
pub use terms::{OnAmbiguous, Terms};
