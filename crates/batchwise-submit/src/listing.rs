use batchwise_api::{ApiError, BatchId, MessageBatch};
use jiff::{SignedDuration, Timestamp};

use crate::Batches;
use crate::sighting::BEFORE;

/// The newest batches of a workspace, as the server lists them.
#[derive(Clone, Debug)]
pub struct Listing {
    /// The time on the server's clock; that of this machine where the server does not tell.
    pub now: Timestamp,
    /// The batches, newest first.
    pub batches: Vec<MessageBatch>,
    /// How many requests of them are not processed yet.
    pub queued: u64,
}

/// How many batches are asked for at once: the most that the API gives.
const PAGE: u32 = 1000;

/// How many pages are read. There is no workspace with more batches in the time that is looked at.
const PAGES_MAX: usize = 100;

/// Batches are processed within a day of their creation.
const PROCESSED_WITHIN: SignedDuration = SignedDuration::from_hours(25);

/// What is there just before a batch is sent: all that may be queued, or else the last minutes only.
pub(crate) fn read_list(
    batches: &mut dyn Batches,
    with_queue: bool,
    now: Timestamp,
) -> Result<Listing, ApiError> {
    let reach = if with_queue { PROCESSED_WITHIN } else { BEFORE * 5 };
    list(batches, now, |now| now.checked_sub(reach).unwrap_or(Timestamp::MIN))
}

impl Listing {
    /// All batches that were created since `earliest`.
    pub(crate) fn since(
        batches: &mut dyn Batches,
        earliest: Timestamp,
        now: Timestamp,
    ) -> Result<Listing, ApiError> {
        list(batches, now, |_| earliest)
    }

    /// Those that could be taken for one that is sent now.
    pub(crate) fn same_size(&self, requests: u64) -> Vec<BatchId> {
        let earliest = self.now.checked_sub(BEFORE * 5).unwrap_or(Timestamp::MIN);
        let alike = |batch: &&MessageBatch| batch.counts.total() == requests && batch.created_at >= earliest;
        self.batches.iter().filter(alike).map(|batch| batch.id.clone()).collect()
    }
}

fn list(
    batches: &mut dyn Batches,
    here: Timestamp,
    earliest: impl Fn(Timestamp) -> Timestamp,
) -> Result<Listing, ApiError> {
    let first = batches.list(None, PAGE)?;
    let now = first.date.unwrap_or(here);
    let earliest = earliest(now);
    let mut page = first.value;
    let mut all = Vec::new();
    for _ in 0..PAGES_MAX {
        // Newest first, so what follows an older one is older still.
        let is_last = !page.has_more || page.batches.iter().any(|batch| batch.created_at < earliest);
        let next = page.last_id.take();
        all.append(&mut page.batches);
        let Some(next) = next.filter(|_| !is_last) else { break };
        page = batches.list(Some(&next), PAGE)?.value;
    }
    let queued = all.iter().fold(0, |sum: u64, batch| sum.saturating_add(batch.counts.processing));
    Ok(Listing { now, batches: all, queued })
}
