use crate::OutcomeKind;
use serde::{Deserialize, Serialize};

/// How many rows there are of each type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowCounts {
    /// With a reply.
    pub succeeded: u64,
    /// With an error.
    pub errored: u64,
    /// Stopped before.
    pub canceled: u64,
    /// Out of time.
    pub expired: u64,
    /// Of types that this program does not know.
    pub other: u64,
}

impl RowCounts {
    /// Counts one row.
    pub fn add(&mut self, kind: OutcomeKind) {
        *self.of_mut(kind) += 1;
    }

    /// How many there are of a type.
    pub fn of(&self, kind: OutcomeKind) -> u64 {
        match kind {
            OutcomeKind::Succeeded => self.succeeded,
            OutcomeKind::Errored => self.errored,
            OutcomeKind::Canceled => self.canceled,
            OutcomeKind::Expired => self.expired,
            OutcomeKind::Other => self.other,
        }
    }

    /// How many there are.
    pub fn total(&self) -> u64 {
        OutcomeKind::ALL.iter().map(|kind| self.of(*kind)).sum()
    }

    fn of_mut(&mut self, kind: OutcomeKind) -> &mut u64 {
        match kind {
            OutcomeKind::Succeeded => &mut self.succeeded,
            OutcomeKind::Errored => &mut self.errored,
            OutcomeKind::Canceled => &mut self.canceled,
            OutcomeKind::Expired => &mut self.expired,
            OutcomeKind::Other => &mut self.other,
        }
    }
}
