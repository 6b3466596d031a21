use batchwise_findings::Rule;
use batchwise_plan::{Batch, BodyDigest, ENVELOPE_BYTES, Limits, SEPARATOR_BYTES, Slice};
use batchwise_records::Line;
use batchwise_units::Bytes;

use crate::totals::{Load, Shares, Totals};

/// Cuts requests, as they come, into the fewest batches of consecutive requests that keep the limits.
///
/// Taking each request into the open batch while it fits is enough for that: a batch that ends earlier can
/// only make the following ones longer.
pub(crate) struct Slicer {
    limits: Limits,
    shares: Shares,
    open: Option<OpenBatch>,
    closed: Vec<Batch>,
}

#[derive(Default)]
struct OpenBatch {
    body: BodyDigest,
    slices: Vec<Slice>,
    totals: Totals,
}

impl Slicer {
    /// Cuts by `limits`; `shares` are those of the estimates.
    pub(crate) fn new(limits: Limits, shares: Shares) -> Slicer {
        assert!(limits.requests_max > 0, "a batch holds at least one request");
        Slicer { limits, shares, open: None, closed: Vec::new() }
    }

    /// The limit that keeps a request of `size` bytes out of every batch, if there is one.
    pub(crate) fn refusal(&self, size: Bytes, load: &Load) -> Option<Rule> {
        if ENVELOPE_BYTES + size > self.limits.body_bytes_max {
            return Some(Rule::RequestTooLarge);
        }
        let (usd_max, quote) = (self.limits.usd_max?, load.quote?);
        (quote.batch_bound > usd_max).then_some(Rule::RequestOverBudget)
    }

    /// Takes a request for which there is no [`refusal`](Slicer::refusal).
    pub(crate) fn take(&mut self, input: u32, line: &Line<'_>, load: &Load) {
        assert!(self.refusal(Bytes::of(line.content), load).is_none(), "line {} fits no batch", line.number);
        if self.open.as_ref().is_some_and(|open| !open.can_take(line, load, self.limits)) {
            self.close_batch();
        }
        self.open.get_or_insert_default().take(input, line, load);
    }

    /// Takes a blank line: it belongs to the slice it follows.
    pub(crate) fn take_blank(&mut self, input: u32, line: &Line<'_>) {
        let last = self.open.as_mut().and_then(|open| open.slices.last_mut());
        if let Some(slice) = last.filter(|slice| slice.input == input && slice.end == line.extent.start) {
            slice.end = line.extent.end;
        }
    }

    /// The batches.
    pub(crate) fn finish(mut self) -> Vec<Batch> {
        self.close_batch();
        self.closed
    }

    fn close_batch(&mut self) {
        let Some(OpenBatch { body, slices, totals }) = self.open.take() else { return };
        self.closed.push(Batch {
            index: u32::try_from(self.closed.len()).expect("fewer than 2^32 batches"),
            wave: 0,
            requests: totals.requests,
            unpriced_requests: totals.unpriced_requests,
            unbounded_requests: totals.unbounded_requests,
            body_bytes: body.bytes(),
            body_sha256: body.finish(),
            slices,
            tokens: totals.tokens(self.shares),
            quote: totals.quote(self.shares),
        });
    }
}

impl OpenBatch {
    fn can_take(&self, line: &Line<'_>, load: &Load, limits: Limits) -> bool {
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
        let mut slicer = Slicer::new(limits, ALL);
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
            slicer.take(0, &line, &load(cost));
            start = end;
        }
        slicer.finish().iter().map(|batch| batch.requests).collect()
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
    fn what_fits_nowhere_is_refused() {
        let slicer = Slicer::new(limits(1, 25, Some(5)), ALL);
        assert_eq!(slicer.refusal(Bytes(10), &load(5)), None);
        assert_eq!(slicer.refusal(Bytes(11), &load(5)), Some(Rule::RequestTooLarge));
        assert_eq!(slicer.refusal(Bytes(10), &load(6)), Some(Rule::RequestOverBudget));
    }
}
