use batchwise_api::BatchId;
use batchwise_plan::Fingerprint;
use batchwise_results::{IdSum, RowCounts};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Something that is about to happen, or that has happened. One line of the journal.
///
/// No entry holds a key, nor anything of a request but sums over its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Entry {
    /// The execution begins. The first entry, and only that.
    Begun(Begun),
    /// A batch is about to be sent. Whatever happens next, it may exist.
    Sending {
        /// Its number in the plan.
        batch: u32,
        /// The time on the server's clock just before.
        #[serde(with = "time")]
        since: Timestamp,
        /// The batches that the server listed just before, as far as they could be taken for this one.
        #[serde(with = "ids")]
        known: Vec<BatchId>,
        /// The sum over the custom_ids that are sent, by which the results are known as those of this batch.
        #[serde(with = "sum")]
        ids: IdSum,
    },
    /// It is sure that the server has made no batch of what was sent.
    NotCreated {
        /// Its number in the plan.
        batch: u32,
        /// Why.
        why: String,
    },
    /// The server may have made a batch, but did not say so.
    Unclear {
        /// Its number in the plan.
        batch: u32,
        /// What it said instead.
        why: String,
    },
    /// After a while the server listed no batch that could be this one, or somebody who looked said so.
    Absent {
        /// Its number in the plan.
        batch: u32,
        /// How that is known.
        how: Conclusion,
    },
    /// The batch exists.
    Created {
        /// Its number in the plan.
        batch: u32,
        /// Its name on the server.
        #[serde(with = "id")]
        id: BatchId,
        /// Since when, on the server's clock.
        #[serde(with = "time")]
        created_at: Timestamp,
        /// How that is known.
        how: Conclusion,
    },
    /// Nothing of it is processed any more.
    Ended {
        /// Its number in the plan.
        batch: u32,
        /// How its requests ended.
        counts: RowCounts,
    },
    /// Its results are in the folder, complete.
    Saved {
        /// Its number in the plan.
        batch: u32,
        /// How many rows.
        rows: u64,
        /// How many bytes.
        bytes: u64,
        /// Their SHA-256, in the order received.
        #[serde(with = "fingerprint")]
        sha256: Fingerprint,
        /// How many there are of each kind.
        counts: RowCounts,
    },
    /// What was saved is not there any more, or not as it was.
    Unsaved {
        /// Its number in the plan.
        batch: u32,
        /// What is wrong with it.
        why: String,
    },
    /// The batch that was adopted has the results of other requests, so it is not this one.
    Foreign {
        /// Its number in the plan.
        batch: u32,
        /// The other batch.
        #[serde(with = "id")]
        id: BatchId,
    },
    /// Its results cannot be had any more.
    Lost {
        /// Its number in the plan.
        batch: u32,
        /// Why.
        why: String,
    },
    /// The user has called it off: what was not sent is not sent any more.
    CalledOff,
}

/// What all of an execution has in common.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// [`SCHEMA`](crate::SCHEMA).
    pub schema: String,
    /// The SHA-256 of the plan file.
    #[serde(with = "fingerprint")]
    pub plan_sha256: Fingerprint,
    /// How many batches the plan has.
    pub batches: u32,
    /// Where the API is.
    pub base_url: String,
    /// In which version it is spoken to.
    pub api_version: String,
    /// With which beta headers the batches are created.
    pub betas: Vec<String>,
    /// In which workspace, where the key can act in several.
    pub workspace: Option<String>,
    /// In the name of which user profile, where one was named.
    pub user_profile: Option<String>,
}

/// How it is known whether a batch exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conclusion {
    /// The server answered.
    Answered,
    /// It was the only one in the server's list that could be meant, or there was none for long enough.
    Listed,
    /// Its results are those of the requests that were sent.
    Compared,
    /// Somebody who looked said so.
    Told,
}

impl Conclusion {
    /// Whether there can be no doubt. What was only listed, or somebody's word, may be another's batch.
    pub fn is_certain(self) -> bool {
        matches!(self, Conclusion::Answered | Conclusion::Compared)
    }
}

impl Entry {
    /// The number of the batch that it is about.
    pub fn batch(&self) -> Option<u32> {
        match *self {
            Entry::Begun(_) | Entry::CalledOff => None,
            Entry::Sending { batch, .. }
            | Entry::NotCreated { batch, .. }
            | Entry::Unclear { batch, .. }
            | Entry::Absent { batch, .. }
            | Entry::Created { batch, .. }
            | Entry::Ended { batch, .. }
            | Entry::Saved { batch, .. }
            | Entry::Unsaved { batch, .. }
            | Entry::Foreign { batch, .. }
            | Entry::Lost { batch, .. } => Some(batch),
        }
    }
}

/// A value as the text that it is shown as.
macro_rules! as_text {
    ($module:ident, $type:ty, $read:expr, $expected:literal) => {
        mod $module {
            use super::*;

            pub(super) fn serialize<S: serde::Serializer>(
                value: &$type,
                serializer: S,
            ) -> Result<S::Ok, S::Error> {
                serializer.collect_str(value)
            }

            pub(super) fn deserialize<'d, D: serde::Deserializer<'d>>(
                deserializer: D,
            ) -> Result<$type, D::Error> {
                let text = String::deserialize(deserializer)?;
                let read: fn(&str) -> Option<$type> = $read;
                read(&text).ok_or_else(|| serde::de::Error::custom(concat!("it must be ", $expected)))
            }
        }
    };
}

as_text!(id, BatchId, BatchId::new, "the id of a batch");
as_text!(time, Timestamp, |text| text.parse().ok(), "a time");
as_text!(sum, IdSum, IdSum::read, "a sum of ids");
as_text!(fingerprint, Fingerprint, Fingerprint::read, "a SHA-256");

/// A list of ids.
mod ids {
    use super::*;

    pub(super) fn serialize<S: serde::Serializer>(ids: &[BatchId], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(ids.iter().map(BatchId::as_str))
    }

    pub(super) fn deserialize<'d, D: serde::Deserializer<'d>>(
        deserializer: D,
    ) -> Result<Vec<BatchId>, D::Error> {
        let texts = Vec::<String>::deserialize(deserializer)?;
        let ids: Option<Vec<BatchId>> = texts.iter().map(|text| BatchId::new(text)).collect();
        ids.ok_or_else(|| serde::de::Error::custom("each must be the id of a batch"))
    }
}
