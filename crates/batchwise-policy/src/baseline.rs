use batchwise_plan::{Plan, Quote};
use batchwise_units::Usd;

use crate::Basis;

/// How many characters of an assumption are told.
const TOLD_MAX: usize = 100;

/// What another plan of the workload came to, and what that rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Baseline {
    /// What to call it: the plan's file.
    pub name: String,
    /// How many requests its batches hold.
    pub requests: u64,
    /// How many of them have no price.
    pub unpriced_requests: u64,
    /// How many of them may get input that nobody can know.
    pub unbounded_requests: u64,
    /// What they will probably cost as batches with caching, where it is known.
    pub likely: Option<Usd>,
    /// The most they can cost as batches (`batch_bound`); `None` where nothing has a price.
    pub bound: Option<Usd>,
    /// What counted the input: a tokenizer, as the plan's assumptions name it.
    pub tokenizer: Option<String>,
    /// How the tokenizer's counts were used.
    pub counting: Counting,
    /// How long replies were assumed to be, in the plan's words.
    pub replies: Option<String>,
    /// What the cache was assumed to do, in the plan's words.
    pub caching: Option<String>,
}

/// How a tokenizer's counts become estimates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Counting {
    /// As they are.
    #[default]
    Whole,
    /// From a share of the texts (`--sample`): no end of the range is a bound.
    Sampled,
    /// Corrected by what the API counted (`--exact`).
    Corrected,
}

/// Why two plans cannot be compared, and what to do.
pub(crate) struct Obstacle {
    pub(crate) why: String,
    pub(crate) way_out: &'static str,
}

impl Baseline {
    /// That of a plan.
    pub fn of(name: &str, plan: &Plan) -> Baseline {
        let quote: Option<&Quote> = plan.quote.as_ref();
        Baseline {
            name: name.to_owned(),
            requests: plan.requests,
            unpriced_requests: plan.unpriced_requests,
            unbounded_requests: plan.unbounded_requests,
            likely: quote.and_then(|quote| quote.batch_cached.likely()),
            bound: quote.map(|quote| quote.batch_bound),
            tokenizer: assumed(plan, "input-tokens").map(tokenizer),
            counting: Counting::of(plan),
            replies: assumed(plan, "output-tokens").map(str::to_owned),
            caching: assumed(plan, "cache").map(str::to_owned),
        }
    }

    /// What keeps `now` from being compared with this, by the numbers of `basis`.
    pub(crate) fn obstacle(&self, now: &Baseline, basis: Basis) -> Option<Obstacle> {
        let sides = [self, now];
        let lacking = sides.into_iter().find_map(|side| side.lack(basis));
        lacking.or_else(|| self.counted_unlike(now)).or_else(|| match basis {
            Basis::Likely => self.assumed_unlike(now),
            // The bound is that of the longest replies and the worst the cache can do, whatever is assumed.
            Basis::High => None,
        })
    }

    /// Why it has no number to compare.
    fn lack(&self, basis: Basis) -> Option<Obstacle> {
        let priced = "give every request a price, and keep those with tools that run on the server apart";
        let (why, way_out) = if self.requests == 0 {
            ("has no requests", "plan the baseline anew")
        } else if self.unpriced_requests > 0 || self.bound.is_none() {
            ("has requests without a price", priced)
        } else if self.unbounded_requests > 0 {
            ("has requests that may get input nobody can know", priced)
        } else if basis == Basis::High && self.counting == Counting::Sampled {
            (
                "was planned with --sample and has no bound",
                "plan it without --sample, or compare on = \"likely\" in the policy",
            )
        } else if basis == Basis::Likely && self.likely.is_none() {
            (
                "has no likely cost",
                "plan both with the same --output-tokens and --cache, or compare on = \"high\" in the policy",
            )
        } else {
            return None;
        };
        Some(Obstacle { why: format!("{} {why}", self.name), way_out })
    }

    fn counted_unlike(&self, now: &Baseline) -> Option<Obstacle> {
        if self.tokenizer != now.tokenizer {
            return Some(self.differs(
                now,
                "counted its input by",
                [&self.tokenizer, &now.tokenizer],
                "plan both with the same --tokenizer",
            ));
        }
        let corrected = [self, now].into_iter().filter(|side| side.counting == Counting::Corrected);
        match *corrected.collect::<Vec<_>>() {
            [only] => Some(Obstacle {
                why: format!(
                    "of {} and {}, only {} is corrected by counts of the API",
                    self.name, now.name, only.name
                ),
                way_out: "plan both with --exact, or both without",
            }),
            _ => None,
        }
    }

    fn assumed_unlike(&self, now: &Baseline) -> Option<Obstacle> {
        if self.replies != now.replies {
            let way_out = "plan both with the same --output-tokens, or compare on = \"high\" in the policy";
            return Some(self.differs(now, "assumes of replies", [&self.replies, &now.replies], way_out));
        }
        let way_out = "plan both with the same --cache, or compare on = \"high\" in the policy";
        let differs = || self.differs(now, "assumes of the cache", [&self.caching, &now.caching], way_out);
        (self.caching != now.caching).then(differs)
    }

    fn differs(
        &self,
        now: &Baseline,
        does: &str,
        whats: [&Option<String>; 2],
        way_out: &'static str,
    ) -> Obstacle {
        let [before, after] = whats.map(|what| match what {
            Some(what) => format!("\"{}\"", shortened(what)),
            None => "something it does not name".to_owned(),
        });
        Obstacle { why: format!("{} {does} {before}, {} {after}", self.name, now.name), way_out }
    }
}

impl Counting {
    /// What the assumptions of a plan tell: `--sample` alone has texts that were not sampled, and both it and `--exact`
    /// tell what was sampled.
    fn of(plan: &Plan) -> Counting {
        let has = |key| assumed(plan, key).is_some();
        match (has("input-tokens-unsampled"), has("input-tokens-sampled")) {
            (true, _) => Counting::Sampled,
            (false, true) => Counting::Corrected,
            (false, false) => Counting::Whole,
        }
    }
}

/// What a plan assumes about something.
fn assumed<'p>(plan: &'p Plan, key: &str) -> Option<&'p str> {
    plan.assumptions.iter().find(|assumption| assumption.key == key).map(|assumption| &*assumption.value)
}

/// The tokenizer that an assumption names: the first name in backticks.
fn tokenizer(value: &str) -> String {
    value.split('`').nth(1).unwrap_or(value).to_owned()
}

/// Cut to what a message can hold. Whoever wrote the plan may have written anything there.
fn shortened(value: &str) -> String {
    value.chars().take(TOLD_MAX).collect()
}
