use batchwise_plan::{Consumption, Quote, UsageLine};
use batchwise_units::{Estimate, Usd};
use serde::Serialize;

/// How the requests are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scenario {
    /// One by one, without caching.
    Standard,
    /// As batches, breakpoints ignored.
    Batch,
    /// As batches, with the requests' own breakpoints.
    BatchCached,
}

impl Scenario {
    /// All of them, the dearest first as a rule.
    pub const ALL: [Scenario; 3] = [Scenario::Standard, Scenario::Batch, Scenario::BatchCached];

    /// Its name in files.
    pub fn name(self) -> &'static str {
        match self {
            Scenario::Standard => "standard",
            Scenario::Batch => "batch",
            Scenario::BatchCached => "batch_cached",
        }
    }

    /// Its name for people.
    pub fn title(self) -> &'static str {
        match self {
            Scenario::Standard => "standard, one by one",
            Scenario::Batch => "batch",
            Scenario::BatchCached => "batch with caching",
        }
    }

    /// Whose prices it has, as named in a plan's rates.
    pub fn prices(self) -> &'static str {
        match self {
            Scenario::Standard => "standard",
            Scenario::Batch | Scenario::BatchCached => "batch",
        }
    }

    /// What `quote` says of it.
    pub(crate) fn range(self, quote: &Quote) -> Estimate<Usd> {
        match self {
            Scenario::Standard => quote.standard,
            Scenario::Batch => quote.batch,
            Scenario::BatchCached => quote.batch_cached,
        }
    }

    /// What `line` uses in it.
    pub(crate) fn tokens(self, line: &UsageLine) -> &Consumption {
        match self {
            Scenario::Standard | Scenario::Batch => &line.uncached,
            Scenario::BatchCached => &line.cached,
        }
    }
}
