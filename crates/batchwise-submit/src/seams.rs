//! What an executor needs from outside. The command brings files, the network and the clock of the machine; tests bring
//! things that break when they are told to.

use std::io::{self, Read, Write};
use std::time::Duration;

use batchwise_api::{
    ApiError, BatchId, BatchPage, Client, CreateError, MessageBatch, Told, Transport, Upload,
};
use jiff::Timestamp;

use crate::Known;

/// The inputs of the plan.
pub trait Inputs {
    /// What input number `input` of the plan holds from byte `start` on, decompressed.
    ///
    /// # Errors
    /// When it cannot be read.
    fn open_at(&mut self, input: u32, start: u64) -> io::Result<Box<dyn Read>>;
}

/// Where an execution keeps what must outlast it.
pub trait Vault {
    /// Appends a line to the journal. When this returns, the line outlasts everything.
    ///
    /// # Errors
    /// When that is not sure. Then perhaps a part of the line is there, or all of it.
    fn append(&mut self, line: &str) -> io::Result<()>;

    /// A place for the results of a batch, empty, whatever was there before of unfinished ones.
    ///
    /// # Errors
    /// When there is none.
    fn begin_results(&mut self, batch: u32) -> io::Result<Box<dyn Write>>;

    /// What other executions know of batches of the same server, as it is now.
    fn elsewhere(&mut self) -> Known {
        Known::default()
    }

    /// What was written there are the results, complete. When this returns, they outlast everything, under their own name.
    ///
    /// # Errors
    /// When that is not sure.
    fn keep_results(&mut self, batch: u32) -> io::Result<()>;
}

/// The API, as far as an executor speaks to it.
pub trait Batches {
    /// See [`Client::create_batch`]: one attempt.
    ///
    /// # Errors
    /// When no batch was made, or nobody knows.
    fn create(&mut self, upload: Upload<'_>) -> Result<Told<MessageBatch>, CreateError>;

    /// See [`Client::retrieve_batch`].
    ///
    /// # Errors
    /// When there is no usable answer.
    fn retrieve(&mut self, id: &BatchId) -> Result<Told<MessageBatch>, ApiError>;

    /// See [`Client::list_batches`].
    ///
    /// # Errors
    /// When there is no usable answer.
    fn list(&mut self, after: Option<&BatchId>, limit: u32) -> Result<Told<BatchPage>, ApiError>;

    /// See [`Client::cancel_batch`].
    ///
    /// # Errors
    /// When there is no usable answer.
    fn cancel(&mut self, id: &BatchId) -> Result<Told<MessageBatch>, ApiError>;

    /// See [`Client::batch_results`].
    ///
    /// # Errors
    /// When there is no usable answer.
    fn results(&mut self, id: &BatchId) -> Result<Box<dyn Read + Send>, ApiError>;
}

impl<T: Transport, C: batchwise_api::Clock> Batches for Client<T, C> {
    fn create(&mut self, upload: Upload<'_>) -> Result<Told<MessageBatch>, CreateError> {
        self.create_batch(upload)
    }

    fn retrieve(&mut self, id: &BatchId) -> Result<Told<MessageBatch>, ApiError> {
        self.retrieve_batch(id)
    }

    fn list(&mut self, after: Option<&BatchId>, limit: u32) -> Result<Told<BatchPage>, ApiError> {
        self.list_batches(after, limit)
    }

    fn cancel(&mut self, id: &BatchId) -> Result<Told<MessageBatch>, ApiError> {
        self.cancel_batch(id)
    }

    fn results(&mut self, id: &BatchId) -> Result<Box<dyn Read + Send>, ApiError> {
        self.batch_results(id)
    }
}

/// Time, and whether the user wants to stop.
pub trait Clock {
    /// What time it is.
    fn timestamp(&self) -> Timestamp;

    /// The time since some fixed moment, which never goes back.
    fn uptime(&self) -> Duration;

    /// Waits, or less long when the user wants to stop.
    fn sleep(&self, time: Duration);

    /// Whether the user wants to stop.
    fn stop_is_wanted(&self) -> bool;
}

/// Who is told what happens, and asked what only a person can know.
pub trait Watcher {
    /// Something has happened.
    fn tell(&mut self, event: &Event<'_>);

    /// A batch was sent that perhaps exists, and the list does not tell. `candidates` are those that could be it, perhaps
    /// none. `None` when there is nobody to ask.
    fn ask(&mut self, batch: u32, candidates: &[MessageBatch]) -> Option<Reply> {
        let _ = (batch, candidates);
        None
    }
}

/// What a person says about a batch of which the list does not tell whether it exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// It is this one.
    Adopt(BatchId),
    /// It does not exist: send it again.
    SendAgain,
    /// It exists or existed, and its results are given up.
    GiveUp,
    /// Nothing is to be done now.
    Stop,
}

/// Something that has happened.
#[derive(Clone, Debug)]
pub enum Event<'e> {
    /// A batch goes out.
    Sending {
        /// Its number.
        batch: u32,
    },
    /// So many bytes of the body that goes out are on their way.
    Sent {
        /// How many.
        bytes: u64,
    },
    /// The server has made it.
    Created {
        /// Its number.
        batch: u32,
        /// Its name.
        id: &'e BatchId,
        /// Whether it was found in the list.
        is_adopted: bool,
    },
    /// The server has surely not made it, and takes it later.
    Held {
        /// Its number.
        batch: u32,
        /// Why.
        why: &'e str,
        /// When it is tried again.
        wait: Duration,
    },
    /// Nothing more can be done for it in this run. The others are cared for.
    SetAside {
        /// Its number.
        batch: u32,
        /// Why.
        why: &'e str,
    },
    /// Nobody knows whether the server has made it; now its list is looked at.
    Looking {
        /// Its number.
        batch: u32,
        /// Why nobody knows.
        why: &'e str,
    },
    /// It is in none of the places where it could be; it is looked for again.
    NotListed {
        /// Its number.
        batch: u32,
        /// After so long.
        wait: Duration,
    },
    /// Several batches could be it. Their results will tell which, as soon as there are some.
    Comparing {
        /// Its number.
        batch: u32,
        /// Those that could be it.
        candidates: &'e [MessageBatch],
        /// When they are looked at again.
        wait: Duration,
    },
    /// How far a batch is.
    Polled {
        /// Its number.
        batch: u32,
        /// What the server says.
        shown: &'e MessageBatch,
    },
    /// Its results are being fetched.
    Fetching {
        /// Its number.
        batch: u32,
        /// How many rows there are.
        rows: u64,
    },
    /// What came was not complete; it is fetched again.
    FetchingAgain {
        /// Its number.
        batch: u32,
        /// What was wrong.
        why: &'e str,
        /// After so long.
        wait: Duration,
    },
    /// Its results are here.
    Saved {
        /// Its number.
        batch: u32,
    },
    /// Its results cannot be had.
    Lost {
        /// Its number.
        batch: u32,
        /// Why.
        why: &'e str,
    },
    /// The batch that was taken for it is another one.
    Foreign {
        /// Its number.
        batch: u32,
        /// The other.
        id: &'e BatchId,
    },
    /// Something that the user should know.
    Doubt {
        /// What.
        message: &'e str,
    },
}
