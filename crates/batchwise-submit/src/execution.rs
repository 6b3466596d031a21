use std::collections::BTreeSet;

use batchwise_api::BatchId;
use batchwise_results::{IdSum, RowCounts};
use jiff::Timestamp;

use crate::{Begun, Conclusion, Entry};

/// How far the execution of a plan has come: what its journal says, summed up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Execution {
    begun: Begun,
    records: Vec<Record>,
    called_off: bool,
}

/// What is known of one batch of the plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// How far it has come.
    pub stage: Stage,
    /// Since when it exists, and how that is known.
    pub created: Option<(Timestamp, Conclusion)>,
    /// How it was sent the last time, if it ever was.
    pub attempt: Option<Attempt>,
    /// Batches that were taken for this one and are not.
    pub foreign: BTreeSet<BatchId>,
}

/// How far a batch has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Stage {
    /// Not sent, or sent and surely not created.
    #[default]
    Waiting,
    /// Sent, and nobody knows whether it was created.
    Unclear,
    /// Created, and not known to have ended.
    Running {
        /// Its name on the server.
        id: BatchId,
    },
    /// Ended, and its results are not here yet.
    Ended {
        /// Its name on the server.
        id: BatchId,
        /// How its requests ended.
        counts: RowCounts,
    },
    /// Its results are here.
    Saved {
        /// Its name on the server.
        id: BatchId,
        /// How its requests ended.
        counts: RowCounts,
    },
    /// It exists or existed, and its results cannot be had.
    Lost {
        /// Its name on the server.
        id: BatchId,
        /// Why.
        why: String,
    },
}

/// How a batch was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The time on the server's clock just before it was sent.
    pub since: Timestamp,
    /// Batches that were there before.
    pub known: BTreeSet<BatchId>,
    /// The sum over the custom_ids that were sent.
    pub ids: IdSum,
    /// What the server said in place of yes or no; `None` when nobody was left to hear it.
    pub unclear_because: Option<String>,
}

/// An entry that cannot follow those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Contradiction {
    /// The plan has no such batch.
    #[error("is about batch {batch} of a plan with {batches}")]
    NoSuchBatch {
        /// The number.
        batch: u32,
        /// How many there are.
        batches: usize,
    },
    /// It is not that batch's turn.
    #[error("cannot follow what happened to batch {batch} before")]
    NotNow {
        /// The number.
        batch: u32,
    },
    /// Two batches of the plan would be the same batch of the server.
    #[error("gives batch {batch} a name that another has")]
    Taken {
        /// The number.
        batch: u32,
    },
    /// A journal begins once.
    #[error("begins a second time")]
    Begun,
}

impl Stage {
    /// The name of the batch on the server, if it is known.
    pub fn id(&self) -> Option<&BatchId> {
        match self {
            Stage::Waiting | Stage::Unclear => None,
            Stage::Running { id }
            | Stage::Ended { id, .. }
            | Stage::Saved { id, .. }
            | Stage::Lost { id, .. } => Some(id),
        }
    }

    /// Whether nothing of it is processed any more, so that what waits for it can go on.
    pub fn has_ended(&self) -> bool {
        matches!(self, Stage::Ended { .. } | Stage::Saved { .. } | Stage::Lost { .. })
    }
}

impl Execution {
    /// An execution in which nothing has happened yet.
    pub fn new(begun: Begun) -> Execution {
        let records = vec![Record::default(); begun.batches as usize];
        Execution { begun, records, called_off: false }
    }

    /// What all of it has in common.
    pub fn begun(&self) -> &Begun {
        &self.begun
    }

    /// The batches, in the order of the plan.
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// Whether what was not sent stays unsent.
    pub fn is_called_off(&self) -> bool {
        self.called_off
    }

    /// Whether nothing is left to do.
    pub fn is_finished(&self) -> bool {
        self.records.iter().all(|record| match record.stage {
            Stage::Saved { .. } | Stage::Lost { .. } => true,
            Stage::Waiting => self.called_off,
            Stage::Unclear | Stage::Running { .. } | Stage::Ended { .. } => false,
        })
    }

    /// Whether anything was ever sent that may exist.
    pub fn has_sent(&self) -> bool {
        self.records.iter().any(|record| record.stage != Stage::Waiting)
    }

    /// The batches of the server that are taken for batches of this plan.
    pub fn names(&self) -> impl Iterator<Item = &BatchId> {
        self.records.iter().filter_map(|record| record.stage.id())
    }

    /// Those of them that are so without a doubt, or if not so, those that only seem to be.
    pub fn names_by(&self, is_certain: bool) -> impl Iterator<Item = &BatchId> {
        let wanted = self.records.iter().filter(move |record| record.is_certain() == is_certain);
        wanted.filter_map(|record| record.stage.id())
    }

    /// The batch of the plan for which a batch of the server is taken.
    pub fn holder(&self, id: &BatchId) -> Option<u32> {
        (0..).zip(&self.records).find(|(_, record)| record.stage.id() == Some(id)).map(|(batch, _)| batch)
    }

    /// Adds what has happened.
    ///
    /// # Errors
    /// When it cannot have happened after what happened before; then nothing is added.
    pub fn apply(&mut self, entry: &Entry) -> Result<(), Contradiction> {
        match (self.changed(entry)?, entry.batch()) {
            (Some(record), Some(batch)) => self.records[batch as usize] = record,
            _ => self.called_off = true,
        }
        Ok(())
    }

    /// That it can have happened after what happened before.
    ///
    /// # Errors
    /// When it cannot.
    pub fn check(&self, entry: &Entry) -> Result<(), Contradiction> {
        self.changed(entry).map(|_| ())
    }

    /// What an entry makes of the batch that it is about.
    fn changed(&self, entry: &Entry) -> Result<Option<Record>, Contradiction> {
        let Some(batch) = entry.batch() else {
            return if *entry == Entry::CalledOff { Ok(None) } else { Err(Contradiction::Begun) };
        };
        if let Entry::Created { id, .. } = entry
            && self.holder(id).is_some()
        {
            return Err(Contradiction::Taken { batch });
        }
        let no_such_batch = Contradiction::NoSuchBatch { batch, batches: self.records.len() };
        let mut record = self.records.get(batch as usize).ok_or(no_such_batch)?.clone();
        record.apply(entry, self.called_off).ok_or(Contradiction::NotNow { batch })?;
        Ok(Some(record))
    }
}

impl Record {
    /// Whether the batch of the server is this one without a doubt: the server said so, or its results did.
    pub fn is_certain(&self) -> bool {
        matches!(self.stage, Stage::Saved { .. }) || self.created.is_some_and(|(_, how)| how.is_certain())
    }

    /// `None` when the entry cannot follow.
    fn apply(&mut self, entry: &Entry, called_off: bool) -> Option<()> {
        self.stage = match (entry, &self.stage) {
            (Entry::Sending { since, known, ids, .. }, Stage::Waiting) if !called_off => {
                let known = known.iter().cloned().collect();
                self.attempt = Some(Attempt { since: *since, known, ids: *ids, unclear_because: None });
                Stage::Unclear
            }
            (Entry::NotCreated { .. } | Entry::Absent { .. }, Stage::Unclear) => Stage::Waiting,
            (Entry::Unclear { why, .. }, Stage::Unclear) => {
                self.attempt.as_mut()?.unclear_because = Some(why.clone());
                Stage::Unclear
            }
            (Entry::Created { id, created_at, how, .. }, Stage::Unclear) if !self.foreign.contains(id) => {
                self.created = Some((*created_at, *how));
                Stage::Running { id: id.clone() }
            }
            (Entry::Ended { counts, .. }, Stage::Running { id }) => {
                Stage::Ended { id: id.clone(), counts: *counts }
            }
            (Entry::Saved { counts, .. }, Stage::Ended { id, .. }) => {
                Stage::Saved { id: id.clone(), counts: *counts }
            }
            (Entry::Unsaved { .. }, Stage::Saved { id, counts }) => {
                Stage::Ended { id: id.clone(), counts: *counts }
            }
            (Entry::Lost { why, .. }, Stage::Running { id } | Stage::Ended { id, .. }) => {
                Stage::Lost { id: id.clone(), why: why.clone() }
            }
            (Entry::Foreign { id, .. }, Stage::Running { id: own } | Stage::Ended { id: own, .. })
                if own == id =>
            {
                self.created = None;
                self.foreign.insert(id.clone());
                Stage::Unclear
            }
            _ => return None,
        };
        Some(())
    }
}
