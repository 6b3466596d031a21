mod cache_way;
mod effect;

use std::collections::BTreeMap;

use batchwise_plan::{Assumption, Findings, Input, PriceBookReference, Quote, TokenTotals};
use batchwise_planner::VariantSum;
use batchwise_units::{Estimate, Usd};
use serde::Serialize;

pub(crate) use cache_way::CacheWay;
pub(crate) use effect::{Effect, End, common_end};

/// The name and version of the format. Within a version, fields are added only.
pub(crate) const SCHEMA: &str = "batchwise.compare/1";

/// A workload under several conditions.
#[derive(Debug, Serialize)]
pub(crate) struct Comparison {
    /// [`SCHEMA`].
    pub(crate) schema: &'static str,
    /// That of the workload as it is: `ok`, `refused` or `unusable`.
    pub(crate) verdict: &'static str,
    /// The day whose prices apply.
    pub(crate) priced_on: String,
    /// Which prices were used.
    pub(crate) price_book: PriceBookReference,
    /// The inputs in the order given.
    pub(crate) inputs: Vec<Input>,
    /// How many requests the batches hold.
    pub(crate) requests: u64,
    /// How many lines are in no batch and in no number.
    pub(crate) left_out_lines: u64,
    /// What has no price as it is, by model.
    pub(crate) unpriced: Vec<Unpriced>,
    /// The conditions that were given other values.
    pub(crate) keys: Vec<&'static str>,
    /// The workload as it is, then all combinations of the values.
    pub(crate) rows: Vec<Row>,
    /// At which end the sensitivities are put in order: one end for all of them, as only like can be compared with like.
    /// Null where there is nothing to compare.
    pub(crate) sensitivities_at: Option<End>,
    /// What moves the total most, when one thing is changed; that which moves it most first.
    pub(crate) sensitivities: Vec<Sensitivity>,
    /// What the numbers of the workload as it is rest on.
    pub(crate) assumptions: Vec<Assumption>,
    /// What was found to be wrong with the workload as it is.
    pub(crate) findings: Findings,
}

/// Requests of one model that have no price.
#[derive(Debug, Serialize)]
pub(crate) struct Unpriced {
    /// The model as the requests name it.
    pub(crate) model: String,
    pub(crate) requests: u64,
    /// Why the first of them has no price.
    pub(crate) because: String,
}

/// The workload under some conditions.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    /// What is otherwise, as it was written; empty for the workload as it is.
    pub(crate) what_if: BTreeMap<&'static str, String>,
    /// `refused` when the API would answer a request with an error, `unpriced` when a request has no price, else `ok`.
    pub(crate) status: &'static str,
    pub(crate) requests: u64,
    /// How many of them have no price. The quote covers the others.
    pub(crate) unpriced_requests: u64,
    /// How many may get input that nobody can know.
    pub(crate) unbounded_requests: u64,
    /// How many the API would answer with an error. They are in the quote all the same.
    pub(crate) refused_requests: u64,
    /// Why the first request without a price has none.
    pub(crate) unpriced_because: Option<String>,
    pub(crate) tokens: TokenTotals,
    /// Null when not one request has a price.
    pub(crate) quote: Option<Quote>,
    /// What batches with caching cost more than as it is; null for the workload as it is, and where other requests lack a
    /// price.
    pub(crate) change: Option<Effect>,
    /// About how many requests each rule says something.
    pub(crate) rules: BTreeMap<&'static str, u64>,
    /// What the prices rest on beside the assumptions.
    pub(crate) notes: Vec<Assumption>,
}

/// What changing one thing does.
#[derive(Debug, Serialize)]
pub(crate) struct Sensitivity {
    /// What is changed, in words.
    pub(crate) change: String,
    /// What it is as it is.
    pub(crate) instead_of: String,
    /// The same as it is written after `--what-if`; empty for another service. `primed` and `advised` are not written there,
    /// as they take what only a plan does.
    pub(crate) what_if: BTreeMap<&'static str, String>,
    /// What it takes that `--what-if` does not do, in words; null where that is nothing.
    pub(crate) takes: Option<&'static str>,
    /// As in a [`Row`].
    pub(crate) status: &'static str,
    pub(crate) refused_requests: u64,
    /// What it costs then; null when not one request has a price.
    pub(crate) cost: Option<Estimate<Usd>>,
    /// What it costs more than as it is; null where other requests lack a price.
    pub(crate) effect: Option<Effect>,
}

impl Row {
    /// A row; `base` is the quote of the workload as it is, where the two can be compared.
    pub(crate) fn new(what_if: BTreeMap<&'static str, String>, sum: &VariantSum, base: Option<Quote>) -> Row {
        let change =
            base.zip(sum.quote).map(|(base, quote)| Effect::of(base.batch_cached, quote.batch_cached));
        Row {
            what_if,
            status: match sum {
                VariantSum { refused_requests: 1.., .. } => "refused",
                VariantSum { unpriced_requests: 1.., .. } => "unpriced",
                _ => "ok",
            },
            requests: sum.requests,
            unpriced_requests: sum.unpriced_requests,
            unbounded_requests: sum.unbounded_requests,
            refused_requests: sum.refused_requests,
            unpriced_because: sum.unpriced_because.clone(),
            tokens: sum.tokens,
            quote: sum.quote,
            change,
            rules: sum.rules.iter().map(|(rule, count)| (rule.id(), *count)).collect(),
            notes: sum.notes.clone(),
        }
    }
}

impl Sensitivity {
    /// What comes of one change, by its row.
    pub(crate) fn of(change: String, instead_of: String, row: Row) -> Sensitivity {
        let Row { what_if, status, refused_requests, quote, change: effect, .. } = row;
        let cost = quote.map(|quote| quote.batch_cached);
        Sensitivity { change, instead_of, what_if, takes: None, status, refused_requests, cost, effect }
    }

    /// What comes of sending requests one by one.
    pub(crate) fn of_service(as_is: &Row) -> Sensitivity {
        Sensitivity {
            change: "standard, one by one".to_owned(),
            instead_of: "batches with caching".to_owned(),
            what_if: BTreeMap::new(),
            takes: None,
            status: as_is.status,
            refused_requests: as_is.refused_requests,
            cost: as_is.quote.map(|quote| quote.standard),
            effect: as_is.quote.map(|quote| Effect::of(quote.batch_cached, quote.standard)),
        }
    }

    /// What comes of a cache that does something else, by what a plan says of that.
    pub(crate) fn of_cache(
        name: &str,
        way: Option<CacheWay>,
        instead_of: String,
        as_is: &Row,
        cost: Estimate<Usd>,
    ) -> Sensitivity {
        Sensitivity {
            change: format!("cache={name}{}", way.map(CacheWay::hint).unwrap_or_default()),
            instead_of,
            what_if: [("cache", name.to_owned())].into(),
            takes: way.map(CacheWay::in_words),
            status: as_is.status,
            refused_requests: as_is.refused_requests,
            cost: Some(cost),
            effect: as_is.quote.map(|quote| Effect::of(quote.batch_cached, cost)),
        }
    }

    /// How much it moves the total at that end; where that is equal, at the others.
    pub(crate) fn weight(&self, end: End) -> Option<[Usd; 3]> {
        let size = |usd: Usd| usd.max(Usd::ZERO - usd);
        Some(self.effect.as_ref()?.order(end).map(size))
    }
}
