use batchwise_plan::Quote;
use batchwise_pricing::{Era, Rates, Usage};
use batchwise_tokens::CacheTtl;
use batchwise_units::{Estimate, Percent, Tokens, Usd};
use rust_decimal::Decimal;

use crate::CacheScenario;

/// What is sent with one request, in tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt {
    /// The whole prompt.
    pub input: Estimate<Tokens>,
    /// The reply.
    pub output: Estimate<Tokens>,
    /// The prefixes that end at a cache breakpoint, shortest first.
    pub prefixes: Vec<CachedPrefix>,
    /// Prefixes shorter than this are not cached; `None` where the model caches nothing.
    pub cache_minimum: Option<Tokens>,
}

/// A prefix of a prompt that ends at a cache breakpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CachedPrefix {
    /// All tokens up to and including the marked block.
    pub tokens: Estimate<Tokens>,
    /// How long it is kept.
    pub ttl: CacheTtl,
}

/// Quotes one request at the prices of `era` times `surcharge` (1 outside of surcharged regions).
///
/// The price tier is chosen for each end of the estimate by the prompt's length at that end, cached or not.
pub fn quote(prompt: &Prompt, era: &Era, surcharge: Decimal, scenario: CacheScenario) -> Quote {
    let rates = |input: Tokens| {
        let prices = era.for_prompt(input);
        if surcharge == Decimal::ONE {
            return (prices.standard, prices.batch);
        }
        (prices.standard.times(surcharge), prices.batch.times(surcharge))
    };
    let usage = |input, output| Usage { input, output, ..Usage::default() };
    let standard =
        prompt.input.zip(prompt.output, |input, output| rates(input).0.cost(&usage(input, output)));
    let batch = prompt.input.zip(prompt.output, |input, output| rates(input).1.cost(&usage(input, output)));
    let cached = |end: End, hit_rate| {
        let whole = prompt.whole_at(end)?;
        Some(Candidates { prompt, whole, end, rates: rates(whole.0).1, hit_rate })
    };
    let cold = with_cache(prompt, batch, cached, CacheScenario::Bounds).high();
    Quote {
        standard,
        batch,
        batch_cached: with_cache(prompt, batch, cached, scenario),
        batch_bound: batch.high().max(cold),
    }
}

fn with_cache<'p>(
    prompt: &Prompt,
    uncached: Estimate<Usd>,
    at: impl Fn(End, Percent) -> Option<Candidates<'p>> + Copy,
    scenario: CacheScenario,
) -> Estimate<Usd> {
    let (best, worst) = match scenario {
        CacheScenario::Bounds => (Percent::HUNDRED, Percent::ZERO),
        CacheScenario::HitRate(hit_rate) => (hit_rate, hit_rate),
        CacheScenario::Ignored => return uncached,
    };
    if prompt.cache_marked() == Estimate::default() {
        return uncached;
    }
    let low = at(End::Low, best).map_or(uncached.low(), |candidates| candidates.cheapest());
    let high = at(End::High, worst).map_or(uncached.high(), |candidates| candidates.dearest());
    let likely = match scenario {
        CacheScenario::HitRate(hit_rate) => {
            at(End::Likely, hit_rate).map(|candidates| candidates.cost(End::Likely))
        }
        _ => None,
    };
    // Prefix and prompt are each rounded outwards to whole tokens, so what is left between them may be a
    // token more at the low end than at the others: the ends are those of all that was found.
    let found = || [Some(low), likely, Some(high)].into_iter().flatten();
    let (low, high) = (found().min().unwrap_or(low), found().max().unwrap_or(high));
    match likely {
        Some(likely) => Estimate::new(low, likely, high),
        None => Estimate::between(low, high),
    }
}

/// Which of an estimate's three values is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Low,
    Likely,
    High,
}

impl End {
    const ALL: [End; 3] = [End::Low, End::Likely, End::High];

    fn of(self, estimate: Estimate<Tokens>) -> Option<Tokens> {
        match self {
            End::Low => Some(estimate.low()),
            End::Likely => estimate.likely(),
            End::High => Some(estimate.high()),
        }
    }
}

impl Prompt {
    /// The tokens before the last breakpoint that may be effective: none, where no prefix is long enough.
    pub fn cache_marked(&self) -> Estimate<Tokens> {
        let effective =
            |prefix: &&CachedPrefix| self.cache_minimum.is_some_and(|min| prefix.tokens.high() >= min);
        self.prefixes.iter().rfind(effective).map(|prefix| prefix.tokens).unwrap_or_default()
    }

    fn whole_at(&self, end: End) -> Option<(Tokens, Tokens)> {
        end.of(self.input).zip(end.of(self.output))
    }
}

/// The cost of one prompt at one end of its estimate.
///
/// Whether a prefix reaches the model's minimum may itself depend on the estimate, so the bounds consider
/// each answer: whether it does by its low, its likely or its high count.
struct Candidates<'p> {
    prompt: &'p Prompt,
    whole: (Tokens, Tokens),
    end: End,
    rates: Rates,
    hit_rate: Percent,
}

impl Candidates<'_> {
    fn cheapest(&self) -> Usd {
        self.all().min().expect("the low end always has a cost")
    }

    fn dearest(&self) -> Usd {
        self.all().max().expect("the high end always has a cost")
    }

    fn all(&self) -> impl Iterator<Item = Usd> {
        End::ALL.into_iter().map(|judged_by| self.cost(judged_by))
    }

    /// The cost when the prefixes long enough by their `judged_by` count are the cached ones.
    ///
    /// A hit reads up to the last breakpoint. A miss writes: for an hour up to the last 1-hour breakpoint,
    /// for five minutes from there to the last one.
    /// Source: <https://platform.claude.com/docs/en/build-with-claude/prompt-caching>, read 2026-08-22.
    fn cost(&self, judged_by: End) -> Usd {
        let minimum = self.prompt.cache_minimum.unwrap_or(Tokens(u64::MAX));
        let long_enough =
            |prefix: &&CachedPrefix| judged_by.of(prefix.tokens).unwrap_or(prefix.tokens.high()) >= minimum;
        let length = |prefix: &CachedPrefix| self.end.of(prefix.tokens).unwrap_or(prefix.tokens.high());
        let cached = || self.prompt.prefixes.iter().filter(long_enough);
        let last = cached().map(length).max().unwrap_or(Tokens::ZERO);
        let hour = cached().filter(|prefix| prefix.ttl == CacheTtl::OneHour).map(length).max();
        let hour = hour.unwrap_or(Tokens::ZERO);

        let (input, output) = self.whole;
        let rest = Usage { input: input - last, output, ..Usage::default() };
        let hit = Usage { cache_read: last, ..rest };
        let miss = Usage { cache_write_1h: hour, cache_write_5m: last - hour, ..rest };
        self.rates.cost(&hit) * self.hit_rate + self.rates.cost(&miss) * self.hit_rate.complement()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use batchwise_pricing::PriceBook;
    use jiff::civil::date;
    use proptest::prelude::*;

    /// A part of a prompt: its tokens as a range, and whether a breakpoint ends it.
    type Part = ((u64, u64, u64), Option<bool>);

    fn prompt(parts: &[Part], reply: (u64, u64), minimum: Option<u64>) -> Prompt {
        let mut input = Estimate::exactly(Tokens::ZERO);
        let mut prefixes = Vec::new();
        for &((low, more, most), marked) in parts {
            input += Estimate::new(Tokens(low), Tokens(low + more), Tokens(low + more + most));
            if let Some(hour) = marked {
                let ttl = if hour { CacheTtl::OneHour } else { CacheTtl::FiveMinutes };
                prefixes.push(CachedPrefix { tokens: input, ttl });
            }
        }
        let output = Estimate::new(Tokens::ZERO, Tokens(reply.0), Tokens(reply.0 + reply.1));
        Prompt { input, output, prefixes, cache_minimum: minimum.map(Tokens) }
    }

    fn some_prompt() -> impl Strategy<Value = Prompt> {
        let tokens = (0u64..60_000, 0u64..2_000, 0u64..2_000);
        let parts = proptest::collection::vec((tokens, proptest::option::of(any::<bool>())), 0..5);
        let minimum = proptest::option::of(prop_oneof![Just(512u64), Just(4096), Just(60_000)]);
        (parts, (0u64..1_000, 0u64..1_000), minimum)
            .prop_map(|(parts, reply, minimum)| prompt(&parts, reply, minimum))
    }

    fn haiku() -> &'static Era {
        PriceBook::bundled().find("claude-haiku-5-5").unwrap().on(date(2026, 11, 21)).unwrap()
    }

    fn cached(prompt: &Prompt, scenario: CacheScenario) -> Estimate<Usd> {
        quote(prompt, haiku(), Decimal::ONE, scenario).batch_cached
    }

    fn hits(percent: u64) -> CacheScenario {
        CacheScenario::HitRate(Percent::parse(&percent.to_string()).unwrap())
    }

    proptest! {
        /// That the estimates are in order is asserted where they are made.
        #[test]
        fn any_hit_rate_lies_within_the_bounds(prompt in some_prompt(), percent in 0u64..=100) {
            let bounds = cached(&prompt, CacheScenario::Bounds);
            let known = cached(&prompt, hits(percent));
            prop_assert!(bounds.low() <= known.low() && known.high() <= bounds.high());
            let quote = quote(&prompt, haiku(), Decimal::ONE, hits(percent));
            prop_assert_eq!(quote.batch_bound, quote.batch.high().max(bounds.high()));
        }

        #[test]
        fn a_better_hit_rate_never_costs_more(prompt in some_prompt(), low in 0u64..=100, high in 0u64..=100) {
            let (worse, better) = (hits(low.min(high)), hits(low.max(high)));
            prop_assert!(cached(&prompt, better).low() <= cached(&prompt, worse).low());
            prop_assert!(cached(&prompt, better).high() <= cached(&prompt, worse).high());
        }

        #[test]
        fn ignored_breakpoints_and_inert_ones_cost_nothing(prompt in some_prompt()) {
            let uncached = quote(&prompt, haiku(), Decimal::ONE, CacheScenario::Ignored);
            prop_assert_eq!(uncached.batch_cached, uncached.batch);
            prop_assert_eq!(uncached.batch.map(|usd| usd + usd), uncached.standard);
            let nothing_cached = Prompt { cache_minimum: None, ..prompt };
            prop_assert_eq!(cached(&nothing_cached, CacheScenario::Bounds), uncached.batch);
        }
    }

    #[test]
    fn rounding_of_parts_never_disorders_the_ends() {
        let estimate = |low, likely, high| Estimate::new(Tokens(low), Tokens(likely), Tokens(high));
        let odd = Prompt {
            input: estimate(201, 201, 201),
            output: Estimate::exactly(Tokens::ZERO),
            prefixes: vec![CachedPrefix { tokens: estimate(100, 100, 101), ttl: CacheTtl::OneHour }],
            cache_minimum: Some(Tokens(1)),
        };
        for percent in [0, 50, 100] {
            let known = cached(&odd, hits(percent));
            assert!(known.low() <= known.high());
        }
        let late = Prompt { input: estimate(200, 201, 201), ..odd };
        assert!(cached(&late, hits(100)).likely().is_some());
    }

    #[test]
    fn a_miss_writes_each_part_for_its_own_time() {
        let parts = [((20_000, 0, 0), Some(true)), ((30_000, 0, 0), Some(false)), ((10_000, 0, 0), None)];
        let prompt = prompt(&parts, (0, 0), Some(512));
        // 20,000 at 0.10 (1 hour), 30,000 at 0.0625 (5 minutes), 10,000 at 0.05.
        assert_eq!(cached(&prompt, hits(0)).high().to_string(), "0.004375");
        // 50,000 read at 0.005, 10,000 at 0.05.
        assert_eq!(cached(&prompt, hits(100)).high().to_string(), "0.00075");
    }
}
