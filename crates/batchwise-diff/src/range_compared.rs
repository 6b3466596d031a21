use batchwise_plan::{Quote, Saving, Savings, TokenTotals};
use batchwise_units::{Estimate, Tokens, Usd};
use serde::Serialize;

use crate::{Compared, Quantity, Unlike};

/// A range of two plans, end by end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RangeCompared<Q> {
    /// The low ends.
    pub low: Compared<Q>,
    /// The likely values.
    pub likely: Compared<Q>,
    /// The high ends.
    pub high: Compared<Q>,
}

/// The tokens of two plans.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TokensCompared {
    /// All prompt tokens.
    pub input: RangeCompared<i128>,
    /// Those before an effective cache breakpoint.
    pub cache_marked: RangeCompared<i128>,
    /// Reply tokens.
    pub output: RangeCompared<i128>,
}

/// What two plans cost, by scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CostCompared {
    /// One by one, without caching.
    pub standard: RangeCompared<Usd>,
    /// As batches, without caching.
    pub batch: RangeCompared<Usd>,
    /// As batches, with caching.
    pub batch_cached: RangeCompared<Usd>,
    /// The most they can cost as batches.
    pub batch_bound: Compared<Usd>,
}

/// What batches save in two plans, by scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SavingsCompared {
    /// Batches without caching.
    pub batch: RangeCompared<Usd>,
    /// Batches with caching.
    pub batch_cached: RangeCompared<Usd>,
}

/// What keeps values from being alike.
#[derive(Clone, Copy)]
pub(crate) struct Obstacles {
    /// In whatever input was counted for.
    pub(crate) counting: Option<Unlike>,
    /// In costs.
    pub(crate) pricing: Option<Unlike>,
    /// In the ends of what rests on the cache.
    pub(crate) caching: Option<Unlike>,
}

/// The ends of a range, known or not.
type Ends<Q> = [Option<Q>; 3];

impl<Q: Quantity> RangeCompared<Q> {
    fn new(base: Ends<Q>, head: Ends<Q>, ends: Option<Unlike>, likely: Option<Unlike>) -> RangeCompared<Q> {
        RangeCompared {
            low: Compared::new(base[0], head[0], ends),
            likely: Compared::new(base[1], head[1], likely),
            high: Compared::new(base[2], head[2], ends),
        }
    }

    /// Low, likely and high.
    pub fn ends(&self) -> [&Compared<Q>; 3] {
        [&self.low, &self.likely, &self.high]
    }

    /// Whether an end differs.
    pub fn differs(&self) -> bool {
        self.ends().into_iter().any(Compared::differs)
    }
}

impl TokensCompared {
    pub(crate) fn new(base: TokenTotals, head: TokenTotals, obstacles: Obstacles) -> TokensCompared {
        let of = |base, head, unlike| RangeCompared::new(tokens(base), tokens(head), unlike, unlike);
        TokensCompared {
            input: of(base.input, head.input, obstacles.counting),
            cache_marked: of(base.cache_marked, head.cache_marked, obstacles.counting),
            output: of(base.output, head.output, None),
        }
    }

    /// Whether a number differs.
    pub fn differs(&self) -> bool {
        [&self.input, &self.cache_marked, &self.output].into_iter().any(RangeCompared::differs)
    }
}

impl CostCompared {
    pub(crate) fn new(base: Option<Quote>, head: Option<Quote>, obstacles: Obstacles) -> CostCompared {
        let unlike = obstacles.pricing.or(obstacles.counting);
        let ends = |quote: Option<Quote>, pick: fn(Quote) -> Estimate<Usd>| dollars(quote.map(pick));
        let of = |pick: fn(Quote) -> Estimate<Usd>, more: Option<Unlike>| {
            RangeCompared::new(ends(base, pick), ends(head, pick), unlike.or(more), unlike)
        };
        let bound = |quote: Option<Quote>| quote.map(|quote| quote.batch_bound);
        CostCompared {
            standard: of(|quote| quote.standard, None),
            batch: of(|quote| quote.batch, None),
            batch_cached: of(|quote| quote.batch_cached, obstacles.caching),
            batch_bound: Compared::new(bound(base), bound(head), unlike),
        }
    }

    /// The scenarios with a range: standard, batch, batch with caching.
    pub fn scenarios(&self) -> [&RangeCompared<Usd>; 3] {
        [&self.standard, &self.batch, &self.batch_cached]
    }

    /// Whether a number differs.
    pub fn differs(&self) -> bool {
        self.scenarios().into_iter().any(RangeCompared::differs) || self.batch_bound.differs()
    }
}

impl SavingsCompared {
    pub(crate) fn new(base: Option<Savings>, head: Option<Savings>, obstacles: Obstacles) -> SavingsCompared {
        let unlike = obstacles.pricing.or(obstacles.counting);
        let of = |pick: fn(&Savings) -> &Saving, more: Option<Unlike>| {
            let ends = |savings: &Option<Savings>| saved(savings.as_ref().map(pick));
            RangeCompared::new(ends(&base), ends(&head), unlike.or(more), unlike)
        };
        SavingsCompared {
            batch: of(|savings| &savings.batch, None),
            batch_cached: of(|savings| &savings.batch_cached, obstacles.caching),
        }
    }

    /// Whether a number differs.
    pub fn differs(&self) -> bool {
        self.batch.differs() || self.batch_cached.differs()
    }
}

fn tokens(range: Estimate<Tokens>) -> Ends<i128> {
    [Some(range.low()), range.likely(), Some(range.high())].map(|end| end.map(|tokens| tokens.0.into()))
}

fn dollars(range: Option<Estimate<Usd>>) -> Ends<Usd> {
    range.map_or([None; 3], |range| [Some(range.low()), range.likely(), Some(range.high())])
}

fn saved(saving: Option<&Saving>) -> Ends<Usd> {
    saving.map_or([None; 3], |saving| [Some(saving.low), saving.likely, Some(saving.high)])
}
