use std::collections::BTreeMap;

use batchwise_findings::Rule;
use batchwise_plan::{Assumption, Quote, TokenTotals};
use batchwise_pricing::Model;

use crate::{Inspector, Terms};

/// A workload under other conditions than its own.
#[derive(Clone, Copy)]
pub struct Variant<'v> {
    /// The model of the price book that all requests are sent to; `None` where each keeps its own.
    pub model: Option<&'v Model>,
    /// The `max_tokens` of all requests; `None` where each keeps its own.
    pub max_tokens: Option<u64>,
    /// The terms. The day, the limits and the queue are those of the workload as it is.
    pub terms: &'v Terms,
    /// Who says what the API would answer. Variants that share it at one address, and their model, `max_tokens` and
    /// region, are inspected once.
    pub inspector: Option<&'v dyn Inspector>,
}

/// What a workload comes to under a [`Variant`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariantSum {
    /// How many requests the batches hold.
    pub requests: u64,
    /// How many of them have no price. The quote covers the others.
    pub unpriced_requests: u64,
    /// How many may get input that nobody can know: for them no high end is a bound.
    pub unbounded_requests: u64,
    /// How many the API would answer with an error. They are in the quote all the same.
    pub refused_requests: u64,
    /// Their tokens.
    pub tokens: TokenTotals,
    /// What the priced ones cost; `None` when not one has a price.
    pub quote: Option<Quote>,
    /// About how many requests each rule says something.
    pub rules: BTreeMap<Rule, u64>,
    /// Why the first request without a price has none.
    pub unpriced_because: Option<String>,
    /// What the prices rest on beside the terms.
    pub notes: Vec<Assumption>,
}
