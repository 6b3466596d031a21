use std::collections::BTreeMap;

use batchwise_findings::Rule;
use batchwise_plan::{Batch, BodyDigest, ENVELOPE_BYTES, Limits, SEPARATOR_BYTES, Slice};
use batchwise_records::Line;
use batchwise_units::{Bytes, Percent};

use crate::Route;
use crate::cache::Spot;
use crate::consumed::{Consumed, RequestUsage};
use crate::totals::{Load, Shares, Totals};

/// By what requests are cut into batches and waves.
#[derive(Clone, Copy)]
pub(crate) struct Cuts<'r> {
    pub(crate) limits: Limits,
    /// The most requests of a wave.
    pub(crate) queued_max: Option<u64>,
    /// Which requests go together; `None` where all stay in the order of the inputs.
    pub(crate) route: Option<&'r Route>,
    /// How many of the requests find in the cache what they look for.
    pub(crate) hit_rate: Percent,
}

/// Cuts requests, as they come, into batches that keep the limits.
///
/// Each lane holds requests in the order of the inputs, and is cut into the fewest batches of consecutive requests of it:
/// taking each request into the open batch while it fits is enough for that, as a batch that ends earlier can only make
/// the following ones longer. Where waves are limited, a batch ends where its wave does, so that there are as few waves as
/// possible.
pub(crate) struct Slicer<'r> {
    cuts: Cuts<'r>,
    shares: Shares,
    lanes: BTreeMap<u32, Lane>,
    /// The lane of the last request.
    last: u32,
    /// How many batches were opened.
    opened: u32,
    /// How many requests each wave has.
    filled: Vec<u64>,
}

#[derive(Default)]
struct Lane {
    /// How many requests of its waves come before the next.
    reached: u64,
    first_wave: u32,
    open: Option<OpenBatch>,
    closed: Vec<Batch>,
}

struct OpenBatch {
    number: u32,
    wave: u32,
    body: BodyDigest,
    slices: Vec<Slice>,
    totals: Totals,
    consumed: Consumed,
}

impl<'r> Slicer<'r> {
    /// Cuts by `cuts`; `shares` are those of the estimates.
    pub(crate) fn new(cuts: Cuts<'r>, shares: Shares) -> Slicer<'r> {
        assert!(cuts.limits.requests_max > 0, "a batch holds at least one request");
        assert!(cuts.queued_max != Some(0), "a wave holds at least one request");
        Slicer { cuts, shares, lanes: BTreeMap::new(), last: 0, opened: 0, filled: Vec::new() }
    }

    /// The limit that keeps a request of `size` bytes out of every batch, if there is one.
    pub(crate) fn refusal(&self, size: Bytes, load: &Load) -> Option<Rule> {
        let limits = self.cuts.limits;
        if ENVELOPE_BYTES + size > limits.body_bytes_max {
            return Some(Rule::RequestTooLarge);
        }
        let (usd_max, quote) = (limits.usd_max?, load.quote?);
        (quote.batch_bound > usd_max).then_some(Rule::RequestOverBudget)
    }

    /// Finds the batch of a request for which there is no [`refusal`](Slicer::refusal). It has to be
    /// [taken](Slicer::take) next.
    pub(crate) fn find(&mut self, lane: u32, line: &Line<'_>, load: &Load) -> Spot {
        assert!(self.refusal(Bytes::of(line.content), load).is_none(), "line {} fits no batch", line.number);
        let (cuts, shares) = (self.cuts, self.shares);
        self.last = lane;
        let lane = self.lanes.entry(lane).or_insert_with(|| Lane::new(lane, cuts));
        let wave = free_wave(&self.filled, lane.wave(cuts.queued_max), cuts.queued_max);
        if lane.open.as_ref().is_some_and(|open| open.wave != wave || !open.can_take(line, load, cuts.limits))
        {
            lane.close_batch(shares, cuts.hit_rate);
        }
        let open = lane.open.get_or_insert_with(|| {
            self.opened += 1;
            OpenBatch::new(self.opened, wave)
        });
        Spot { batch: open.number, wave }
    }

    /// Takes the request for which a batch was found, and where it has a price, its model and what it uses.
    pub(crate) fn take(
        &mut self,
        input: u32,
        line: &Line<'_>,
        load: &Load,
        usage: Option<(&str, &RequestUsage)>,
    ) {
        let lane = self.lanes.get_mut(&self.last).expect("a batch was found");
        let open = lane.open.as_mut().expect("a batch was found");
        lane.reached += 1;
        let wave = open.wave as usize;
        if self.filled.len() <= wave {
            self.filled.resize(wave + 1, 0);
        }
        self.filled[wave] += 1;
        open.take(input, line, load);
        if let Some((model, usage)) = usage {
            open.consumed.add(model, usage);
        }
    }

    /// Takes a blank line: it belongs to the slice it follows.
    pub(crate) fn take_blank(&mut self, input: u32, line: &Line<'_>) {
        let open = self.lanes.get_mut(&self.last).and_then(|lane| lane.open.as_mut());
        let last = open.and_then(|open| open.slices.last_mut());
        if let Some(slice) = last.filter(|slice| slice.input == input && slice.end == line.extent.start) {
            slice.end = line.extent.end;
        }
    }

    /// The batches, wave by wave and lane by lane.
    pub(crate) fn finish(self) -> Vec<Batch> {
        let mut batches = Vec::new();
        for mut lane in self.lanes.into_values() {
            lane.close_batch(self.shares, self.cuts.hit_rate);
            batches.append(&mut lane.closed);
        }
        batches.sort_by_key(|batch| batch.wave);
        let mut waves: Vec<u32> = batches.iter().map(|batch| batch.wave).collect();
        waves.dedup();
        for (index, batch) in (0..).zip(&mut batches) {
            batch.index = index;
            let wave = waves.binary_search(&batch.wave).expect("the wave of a batch");
            batch.wave = u32::try_from(wave).expect("fewer waves than batches");
        }
        batches
    }
}

/// The first wave from `wave` on that takes one more request.
fn free_wave(filled: &[u64], wave: u32, queued_max: Option<u64>) -> u32 {
    let Some(max) = queued_max else { return wave };
    let is_full = |wave: u32| filled.get(wave as usize).is_some_and(|filled| *filled >= max);
    (wave..).find(|wave| !is_full(*wave)).expect("fewer than 2^32 waves")
}

impl Lane {
    /// Those who go ahead have waves of their own.
    fn new(number: u32, cuts: Cuts<'_>) -> Lane {
        let Some(route) = cuts.route.filter(|_| number > 0) else { return Lane::default() };
        let ahead = route.primers.len() as u64;
        let waves = ahead.div_ceil(cuts.queued_max.unwrap_or(u64::MAX));
        Lane {
            reached: route.starts.get(number as usize).copied().unwrap_or_default(),
            first_wave: u32::try_from(waves).expect("fewer than 2^32 waves"),
            ..Lane::default()
        }
    }

    /// The wave of the next request.
    fn wave(&self, queued_max: Option<u64>) -> u32 {
        let later = self.reached / queued_max.unwrap_or(u64::MAX);
        self.first_wave + u32::try_from(later).expect("fewer than 2^32 waves")
    }

    fn close_batch(&mut self, shares: Shares, hit_rate: Percent) {
        let Some(OpenBatch { wave, body, slices, totals, consumed, .. }) = self.open.take() else { return };
        self.closed.push(Batch {
            index: 0,
            wave,
            requests: totals.requests,
            unpriced_requests: totals.unpriced_requests,
            unbounded_requests: totals.unbounded_requests,
            body_bytes: body.bytes(),
            body_sha256: body.finish(),
            slices,
            tokens: totals.tokens(shares),
            quote: totals.quote(shares),
            usage: Some(consumed.lines(hit_rate)),
        });
    }
}

impl OpenBatch {
    fn new(number: u32, wave: u32) -> OpenBatch {
        OpenBatch {
            number,
            wave,
            body: BodyDigest::default(),
            slices: Vec::new(),
            totals: Totals::default(),
            consumed: Consumed::default(),
        }
    }

    fn can_take(&self, line: &Line<'_>, load: &Load, limits: Limits) -> bool {
        if self.totals.requests == 0 {
            return true;
        }
        let bytes = self.body.bytes() + SEPARATOR_BYTES + Bytes::of(line.content);
        let bound = self.totals.batch_bound + load.quote.unwrap_or_default().batch_bound;
        self.totals.requests < limits.requests_max
            && bytes <= limits.body_bytes_max
            && limits.usd_max.is_none_or(|usd_max| bound <= usd_max)
    }

    fn take(&mut self, input: u32, line: &Line<'_>, load: &Load) {
        self.body.add(line.content);
        self.totals.add(load);
        match self.slices.last_mut() {
            Some(slice) if slice.input == input && slice.end == line.extent.start => {
                slice.end = line.extent.end
            }
            _ => self.slices.push(Slice {
                input,
                first_line: line.number,
                start: line.content_start,
                end: line.extent.end,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use batchwise_units::SharedError;

    use crate::Margins;
    use batchwise_plan::{Quote, TokenTotals};
    use batchwise_units::Usd;
    use proptest::prelude::*;

    const ALL: Shares = Shares { requests: SharedError::ALL, prefixes: SharedError::ALL };

    fn limits(requests_max: u64, body_bytes_max: u64, usd_max: Option<u64>) -> Limits {
        let usd_max = usd_max.map(usd);
        Limits { requests_max, body_bytes_max: Bytes(body_bytes_max), usd_max }
    }

    fn usd(whole: u64) -> Usd {
        Usd::parse(&whole.to_string()).unwrap()
    }

    fn load(cost: u64) -> Load {
        let quote = Quote { batch_bound: usd(cost), ..Quote::default() };
        Load {
            tokens: TokenTotals::default(),
            quote: Some(quote),
            margins: Margins::default(),
            bounded: true,
        }
    }

    /// The requests per batch that the slicer makes of requests with these sizes and costs.
    fn slice(requests: &[(usize, u64)], limits: Limits) -> Vec<u64> {
        in_waves(requests, limits, None).into_iter().map(|(_, requests)| requests).collect()
    }

    /// The same with the wave of each batch.
    fn in_waves(requests: &[(usize, u64)], limits: Limits, queued_max: Option<u64>) -> Vec<(u32, u64)> {
        let mut slicer = Slicer::new(Cuts { limits, queued_max, route: None, hit_rate: Percent::ZERO }, ALL);
        let mut start = 0;
        for (number, &(size, cost)) in (1..).zip(requests) {
            let content = vec![b'x'; size];
            let end = start + size as u64 + 1;
            let line = Line {
                number,
                extent: start..end,
                content_start: start,
                content: &content,
                content_bytes: size as u64,
            };
            slicer.find(0, &line, &load(cost));
            slicer.take(0, &line, &load(cost), None);
            start = end;
        }
        slicer.finish().iter().map(|batch| (batch.wave, batch.requests)).collect()
    }

    /// The slow, obvious answer: try every way to cut.
    fn fewest(requests: &[(usize, u64)], limits: Limits) -> usize {
        let fits = |part: &[(usize, u64)]| {
            let bytes: usize = 15 + part.iter().map(|(size, _)| size).sum::<usize>() + part.len() - 1;
            let cost: u64 = part.iter().map(|(_, cost)| cost).sum();
            part.len() as u64 <= limits.requests_max
                && bytes as u64 <= limits.body_bytes_max.0
                && limits.usd_max.is_none_or(|max| usd(cost) <= max)
        };
        if requests.is_empty() {
            return 0;
        }
        let cuts = (1..=requests.len()).filter(|&cut| fits(&requests[..cut]));
        1 + cuts.map(|cut| fewest(&requests[cut..], limits)).min().expect("each request fits alone")
    }

    proptest! {
        #[test]
        fn batches_are_as_few_as_possible(
            requests in proptest::collection::vec((1usize..12, 0u64..6), 0..12),
            requests_max in 1u64..6, body in 26u64..70, usd_max in proptest::option::of(5u64..15),
        ) {
            let limits = limits(requests_max, body, usd_max);
            let batches = slice(&requests, limits);
            prop_assert_eq!(batches.iter().sum::<u64>(), requests.len() as u64);
            prop_assert_eq!(batches.len(), fewest(&requests, limits));
        }
    }

    #[test]
    fn limits_are_inclusive() {
        let three = [(10, 1), (10, 1), (10, 1)];
        assert_eq!(slice(&three, limits(3, 47, Some(3))), [3]);
        assert_eq!(slice(&three, limits(2, 47, Some(3))), [2, 1]);
        assert_eq!(slice(&three, limits(3, 46, Some(3))), [2, 1]);
        assert_eq!(slice(&three, limits(3, 47, Some(2))), [2, 1]);
    }

    #[test]
    fn a_wave_is_full_before_the_next_begins() {
        let seven = [(10, 1); 7];
        let limits = limits(3, 1_000, None);
        assert_eq!(in_waves(&seven, limits, None), [(0, 3), (0, 3), (0, 1)]);
        assert_eq!(in_waves(&seven, limits, Some(4)), [(0, 3), (0, 1), (1, 3)]);
        assert_eq!(in_waves(&seven, limits, Some(6)), [(0, 3), (0, 3), (1, 1)]);
        assert_eq!(in_waves(&seven, limits, Some(2)), [(0, 2), (1, 2), (2, 2), (3, 1)]);
    }

    #[test]
    fn what_fits_nowhere_is_refused() {
        let cuts =
            Cuts { limits: limits(1, 25, Some(5)), queued_max: None, route: None, hit_rate: Percent::ZERO };
        let slicer = Slicer::new(cuts, ALL);
        assert_eq!(slicer.refusal(Bytes(10), &load(5)), None);
        assert_eq!(slicer.refusal(Bytes(11), &load(5)), Some(Rule::RequestTooLarge));
        assert_eq!(slicer.refusal(Bytes(10), &load(6)), Some(Rule::RequestOverBudget));
    }
}
