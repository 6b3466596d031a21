use batchwise_units::{Estimate, Tokens, Usd};
use serde::Serialize;

/// What some requests cost, in each scenario, as a range.
///
/// Of several requests, likely values and `batch_bound` are the sums of theirs. The ranges are narrower than
/// their sums, because errors of counting cancel in part: so the ends of several quotes do not add up to those
/// of all their requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Quote {
    /// Sent one by one to the Messages API, without caching.
    pub standard: Estimate<Usd>,
    /// Sent as batches, `cache_control` ignored.
    pub batch: Estimate<Usd>,
    /// Sent as batches, with the requests' own `cache_control` breakpoints under the plan's cache
    /// assumption. A miss is a write, so this may be more than `batch`.
    pub batch_cached: Estimate<Usd>,
    /// The most they can cost as batches with every request at the high end of its range, whatever the cache
    /// does: the larger of no caching and of every marked prefix being written, request by request; for an hour, where
    /// the plan's assumption is that some go ahead. A plain sum, in which nothing cancels. This is what budgets are held
    /// to.
    pub batch_bound: Usd,
}

impl Quote {
    /// What batches save against one-by-one requests.
    pub fn savings(&self) -> Savings {
        Savings {
            batch: Saving::between(self.standard, self.batch),
            batch_cached: Saving::between(self.standard, self.batch_cached),
        }
    }
}

/// What each batch scenario saves against `standard`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Savings {
    /// Batches without caching.
    pub batch: Saving,
    /// Batches with caching; negative where caching costs more than it saves.
    pub batch_cached: Saving,
}

/// A saving at the low end, the likely value and the high end of the estimate. The three are differences
/// of like with like, so they need not rise from low to high.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Saving {
    /// At the low ends.
    pub low: Usd,
    /// At the likely values, where both are known.
    pub likely: Option<Usd>,
    /// At the high ends.
    pub high: Usd,
    /// The saving at the high ends as a percentage of `standard`, rounded to one decimal; null when
    /// `standard` is nothing.
    pub percent_high: Option<String>,
    /// The same at the likely values.
    pub percent_likely: Option<String>,
}

impl Saving {
    fn between(standard: Estimate<Usd>, other: Estimate<Usd>) -> Saving {
        let likely = standard.likely().zip(other.likely()).map(|(standard, other)| standard - other);
        let high = standard.high() - other.high();
        Saving {
            low: standard.low() - other.low(),
            likely,
            high,
            percent_high: high.percent_of(standard.high()),
            percent_likely: likely.zip(standard.likely()).and_then(|(saved, whole)| saved.percent_of(whole)),
        }
    }
}

/// The tokens of some requests. As in a [`Quote`], the likely values of several add up, and so does all of
/// `output`, but not the ends of what is estimated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TokenTotals {
    /// All prompt tokens, cached or not.
    pub input: Estimate<Tokens>,
    /// Those of them that stand before the last effective cache breakpoint of their request: long enough for
    /// the model's minimum, at least at the high end.
    pub cache_marked: Estimate<Tokens>,
    /// Reply tokens, thinking included: `high` is the sum of the caps (`max_tokens`), `low` is 0 and
    /// `likely` is known only where an expectation was given.
    pub output: Estimate<Tokens>,
}
