//! The waves of a plan, and what each waits for.

use batchwise_plan::{Batch, Wave};
use batchwise_units::requests;

use crate::Context;

/// The waves of batches that stand in their order.
pub(crate) fn waves(batches: &[Batch], context: &Context<'_>) -> Vec<Wave> {
    let ahead = context.route.map_or(0, |route| route.primers.len() as u64);
    let waves_ahead = ahead.div_ceil(context.terms.queued_requests_max.unwrap_or(u64::MAX));
    let same_wave = batches.chunk_by(|one, next| one.wave == next.wave);
    let wave = |batches: &[Batch]| Wave {
        wave: batches[0].wave,
        batches: batches.len() as u64,
        requests: batches.iter().map(|batch| batch.requests).sum(),
        waits_for: waits_for(u64::from(batches[0].wave), waves_ahead, context.terms.queued_requests_max)
            .into(),
    };
    same_wave.map(wave).collect()
}

fn waits_for(wave: u64, waves_ahead: u64, queued_max: Option<u64>) -> String {
    match (wave, queued_max) {
        (0, _) => "nothing".to_owned(),
        (wave, _) if wave == waves_ahead => {
            format!("wave {} has ended, so that what it wrote to the cache can be read", wave - 1)
        }
        (wave, Some(max)) => {
            format!("wave {} has ended, as at most {} may be queued", wave - 1, requests(max))
        }
        (wave, None) => format!("wave {} has ended", wave - 1),
    }
}
