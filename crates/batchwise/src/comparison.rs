use std::collections::BTreeMap;

use batchwise_plan::{Assumption, Findings, Input, PriceBookReference, Quote, TokenTotals};
use batchwise_planner::VariantSum;
use batchwise_units::{Estimate, Usd};
use serde::Serialize;

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
    /// The conditions that were given other values.
    pub(crate) keys: Vec<&'static str>,
    /// The workload as it is, then all combinations of the values.
    pub(crate) rows: Vec<Row>,
    /// What moves the total most, when one thing is changed; that which moves it most first.
    pub(crate) sensitivities: Vec<Sensitivity>,
    /// What the numbers of the workload as it is rest on.
    pub(crate) assumptions: Vec<Assumption>,
    /// What was found to be wrong with the workload as it is.
    pub(crate) findings: Findings,
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
    /// The same as it is written after `--what-if`; empty for another service.
    pub(crate) what_if: BTreeMap<&'static str, String>,
    /// As in a [`Row`].
    pub(crate) status: &'static str,
    pub(crate) refused_requests: u64,
    /// What it costs then; null when not one request has a price.
    pub(crate) cost: Option<Estimate<Usd>>,
    /// What it costs more than as it is; null where other requests lack a price.
    pub(crate) effect: Option<Effect>,
}

/// What something costs more than something else, end by end and exact; negative where it costs less.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Effect {
    pub(crate) low: Usd,
    /// Null where one of the two has no likely value.
    pub(crate) likely: Option<Usd>,
    pub(crate) high: Usd,
    /// Of the cost as it is, rounded to one decimal; null when that is nothing.
    pub(crate) percent_likely: Option<String>,
    pub(crate) percent_high: Option<String>,
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
        Sensitivity { change, instead_of, what_if, status, refused_requests, cost, effect }
    }

    /// What comes of sending requests one by one.
    pub(crate) fn of_service(as_is: Row) -> Sensitivity {
        let Row { status, refused_requests, quote, .. } = as_is;
        Sensitivity {
            change: "standard, one by one".to_owned(),
            instead_of: "batches with caching".to_owned(),
            what_if: BTreeMap::new(),
            status,
            refused_requests,
            cost: quote.map(|quote| quote.standard),
            effect: quote.map(|quote| Effect::of(quote.batch_cached, quote.standard)),
        }
    }

    /// How much it moves the total: at the likely value where that is known, else at the high end.
    pub(crate) fn weight(&self) -> Option<Usd> {
        let effect = self.effect.as_ref()?;
        let moved = effect.likely.unwrap_or(effect.high);
        Some(moved.max(Usd::ZERO - moved))
    }
}

impl Effect {
    fn of(base: Estimate<Usd>, other: Estimate<Usd>) -> Effect {
        let likely = base.likely().zip(other.likely()).map(|(base, other)| other - base);
        let high = other.high() - base.high();
        Effect {
            low: other.low() - base.low(),
            likely,
            high,
            percent_likely: likely.zip(base.likely()).and_then(|(moved, whole)| moved.percent_of(whole)),
            percent_high: high.percent_of(base.high()),
        }
    }

    /// Whether nothing changes, at any end.
    pub(crate) fn is_nothing(&self) -> bool {
        self.low == Usd::ZERO
            && self.high == Usd::ZERO
            && self.likely.is_none_or(|likely| likely == Usd::ZERO)
    }
}
