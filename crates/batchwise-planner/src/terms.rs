use std::collections::BTreeMap;

use batchwise_plan::Limits;
use batchwise_pricing::PriceBook;
use batchwise_records::ApiVersion;
use batchwise_units::{Estimate, Percent, Tokens};
use jiff::civil::Date;

/// What the user decided about a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The day whose prices apply.
    pub day: Date,
    /// By what the batches are cut.
    pub limits: Limits,
    /// How long replies are expected to be.
    pub output: OutputExpectation,
    /// What the prompt cache is assumed to do.
    pub cache: CacheScenario,
    /// Where requests that do not say are processed: the workspace's default.
    pub region: Region,
    /// The version of the API that the batches will be created with.
    pub api_version: ApiVersion,
    /// The beta headers the batches will be created with.
    pub betas: Vec<String>,
    /// Whether requests without a price leave the plan usable.
    pub allow_unpriced: bool,
    /// How many requests may wait to be processed at once; later waves hold the others. `None` where nobody said.
    pub queued_requests_max: Option<u64>,
    /// Whether requests that share a marked prefix are kept in one batch, as far as they fit.
    pub group_by_prefix: bool,
    /// What the user calls the workload, by key.
    pub tags: BTreeMap<String, String>,
}

impl Terms {
    /// The terms of a plan about which nothing was said: the documented limits of `book`, in their safe
    /// reading.
    pub fn on(day: Date, book: &PriceBook) -> Terms {
        let limits = book.limits();
        Terms {
            day,
            limits: Limits {
                requests_max: limits.max_requests.value,
                body_bytes_max: limits.max_body.value,
                usd_max: None,
            },
            output: OutputExpectation::Cap,
            cache: CacheScenario::Bounds,
            region: Region::Global,
            api_version: ApiVersion::default(),
            betas: Vec::new(),
            allow_unpriced: false,
            queued_requests_max: None,
            group_by_prefix: false,
            tags: BTreeMap::new(),
        }
    }
}

/// How long replies are expected to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputExpectation {
    /// Nothing is expected: only the cap, `max_tokens`, is known.
    Cap,
    /// So many tokens each, or the cap where that is lower.
    Tokens(Tokens),
    /// So much of each request's cap.
    ShareOfCap(Percent),
}

impl OutputExpectation {
    /// The tokens of one reply: from none at all to the cap.
    pub fn reply(self, cap: Tokens) -> Estimate<Tokens> {
        match self {
            OutputExpectation::Cap => Estimate::between(Tokens::ZERO, cap),
            OutputExpectation::Tokens(expected) => Estimate::new(Tokens::ZERO, expected.min(cap), cap),
            OutputExpectation::ShareOfCap(share) => {
                Estimate::new(Tokens::ZERO, Tokens(share.of_rounded_up(cap.0)), cap)
            }
        }
    }
}

/// What the prompt cache is assumed to do with explicit breakpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheScenario {
    /// Nothing is assumed: the low end is [`Best`](CacheScenario::Best), the high end has every prefix written, and
    /// there is no likely value. Of one request alone, the low end has every prefix read.
    Bounds,
    /// Breakpoints are ignored.
    Ignored,
    /// This share of the marked prefixes is read; the others are written.
    HitRate(Percent),
    /// Of the requests of a wave that share a marked prefix, the first writes it and the others read it. Of one request
    /// alone, nothing is assumed.
    Best,
    /// One request for each shared prefix goes ahead in a batch of its own and writes it for an hour; the others read it.
    /// Of one request alone, nothing is assumed.
    Primed,
}

/// Where a request is processed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Region {
    /// Anywhere.
    Global,
    /// In the United States, at a surcharge.
    Us,
}

impl Region {
    /// The value of `inference_geo`.
    pub fn name(self) -> &'static str {
        match self {
            Region::Global => "global",
            Region::Us => "us",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_never_exceeds_its_cap() {
        let reply = |expected: OutputExpectation| expected.reply(Tokens(1000));
        let likely = |tokens| Estimate::new(Tokens(0), Tokens(tokens), Tokens(1000));
        assert_eq!(reply(OutputExpectation::Cap), Estimate::between(Tokens(0), Tokens(1000)));
        assert_eq!(reply(OutputExpectation::Tokens(Tokens(300))), likely(300));
        assert_eq!(reply(OutputExpectation::Tokens(Tokens(3000))), likely(1000));
        assert_eq!(reply(OutputExpectation::ShareOfCap(Percent::parse("12.55%").unwrap())), likely(126));
    }
}
