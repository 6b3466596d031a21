use batchwise_plan::{Quote, TokenTotals};
use batchwise_tokens::Estimator;
use batchwise_units::{Estimate, RangeSum, SharedError, Tokens, Usd};

use crate::Margins;
use crate::quoting::FateCost;

/// What one request adds to a total.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    pub(crate) tokens: TokenTotals,
    /// `None` where there is no price.
    pub(crate) quote: Option<Quote>,
    pub(crate) margins: Margins,
    /// Whether the high end of its input is the most it can be.
    pub(crate) bounded: bool,
}

impl Load {
    /// Sets what it costs with caching, by what the cache does for other requests.
    pub(crate) fn set_cached(&mut self, cost: &FateCost) {
        if let Some(quote) = &mut self.quote {
            quote.batch_cached = cost.range;
            self.margins.cost.batch_cached = cost.margin;
        }
    }
}

/// How much of their errors the requests of a total share.
#[derive(Clone, Copy)]
pub(crate) struct Shares {
    /// Of whole requests.
    pub(crate) requests: SharedError,
    /// Of the prefixes that are marked for caching.
    pub(crate) prefixes: SharedError,
}

/// What some requests add up to: a batch, those of a model, or all.
///
/// Likely values, replies and the bound add up as they are; in the ranges of what the input makes, errors of
/// counting cancel as far as they are independent. Takes the same memory for any number of requests.
#[derive(Clone, Default)]
pub(crate) struct Totals {
    pub(crate) requests: u64,
    pub(crate) unpriced_requests: u64,
    pub(crate) unbounded_requests: u64,
    /// The sum of the most that each can cost.
    pub(crate) batch_bound: Usd,
    input: RangeSum<Tokens>,
    cache_marked: RangeSum<Tokens>,
    output: Estimate<Tokens>,
    /// In steps of two nano-dollars, so that batches at half the price have exactly half its range.
    standard: RangeSum<Usd, 2>,
    batch: RangeSum<Usd>,
    batch_cached: RangeSum<Usd>,
}

impl Totals {
    pub(crate) fn add(&mut self, load: &Load) {
        let Load { tokens, margins, .. } = load;
        self.requests += 1;
        self.unbounded_requests += u64::from(!load.bounded);
        self.input.add(tokens.input, margins.input);
        self.cache_marked.add(tokens.cache_marked, margins.cache_marked);
        self.output += tokens.output;
        let Some(quote) = load.quote else {
            self.unpriced_requests += 1;
            return;
        };
        self.batch_bound += quote.batch_bound;
        self.standard.add(quote.standard, margins.cost.standard);
        self.batch.add(quote.batch, margins.cost.batch);
        self.batch_cached.add(quote.batch_cached, margins.cost.batch_cached);
    }

    /// Adds all requests of `other`.
    pub(crate) fn merge(&mut self, other: &Totals) {
        self.requests += other.requests;
        self.unpriced_requests += other.unpriced_requests;
        self.unbounded_requests += other.unbounded_requests;
        self.batch_bound += other.batch_bound;
        self.input.merge(&other.input);
        self.cache_marked.merge(&other.cache_marked);
        self.output += other.output;
        self.standard.merge(&other.standard);
        self.batch.merge(&other.batch);
        self.batch_cached.merge(&other.batch_cached);
    }

    pub(crate) fn tokens(&self, shares: Shares) -> TokenTotals {
        TokenTotals {
            input: self.input.total(shares.requests),
            cache_marked: self.cache_marked.total(shares.prefixes),
            output: self.output,
        }
    }

    /// What those with a price cost; `None` where there is not one.
    pub(crate) fn quote(&self, shares: Shares) -> Option<Quote> {
        let cached = if self.marks_prefixes() { shares.prefixes } else { shares.requests };
        (self.requests > self.unpriced_requests).then(|| Quote {
            standard: self.standard.total(shares.requests),
            batch: self.batch.total(shares.requests),
            batch_cached: self.batch_cached.total(cached),
            batch_bound: self.batch_bound,
        })
    }

    fn marks_prefixes(&self) -> bool {
        self.cache_marked.end_by_end().high() > Tokens::ZERO
    }
}

impl Shares {
    /// Those of a part of a workload.
    pub(crate) fn of_part(estimator: &dyn Estimator) -> Shares {
        let shared = estimator.shared_error();
        Shares { requests: shared, prefixes: shared }
    }

    /// Those of the whole workload. Prefixes are a part of it.
    pub(crate) fn of_whole(estimator: &dyn Estimator) -> Shares {
        Shares { requests: estimator.shared_error_of_whole(), prefixes: estimator.shared_error() }
    }
}
