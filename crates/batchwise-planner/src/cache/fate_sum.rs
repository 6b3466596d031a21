use batchwise_units::{Estimate, RangeSum, SharedError, Usd};

use crate::quoting::FateCost;

/// What many requests cost under fates that are settled.
#[derive(Clone, Default)]
pub(crate) struct FateSum {
    range: RangeSum<Usd>,
    at_cap: Usd,
    /// How many had no such amount.
    unknown: u64,
}

impl FateSum {
    pub(crate) fn add(&mut self, cost: &FateCost) {
        self.range.add(cost.range, cost.margin);
        match cost.at_cap {
            Some(usd) => self.at_cap += usd,
            None => self.unknown += 1,
        }
    }

    pub(crate) fn with(&self, other: &FateSum) -> FateSum {
        let mut sum = self.clone();
        sum.range.merge(&other.range);
        sum.at_cap += other.at_cap;
        sum.unknown += other.unknown;
        sum
    }

    pub(crate) fn range(&self, shared: SharedError) -> Estimate<Usd> {
        self.range.total(shared)
    }

    /// With the likely input and the longest replies; `None` where some input has no likely value.
    pub(crate) fn at_cap(&self) -> Option<Usd> {
        (self.unknown == 0).then_some(self.at_cap)
    }
}
