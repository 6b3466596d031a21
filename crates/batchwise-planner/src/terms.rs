use batchwise_plan::Limits;
use batchwise_pricing::PriceBook;
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
    /// The beta headers the batches will be created with.
    pub betas: Vec<String>,
    /// Whether requests without a price leave the plan usable.
    pub allow_unpriced: bool,
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
            betas: Vec::new(),
            allow_unpriced: false,
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
    /// Nothing is assumed: the low end has every prefix read, the high end has every prefix written, and
    /// there is no likely value.
    Bounds,
    /// Breakpoints are ignored.
    Ignored,
    /// This share of the marked prefixes is read; the others are written.
    HitRate(Percent),
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
