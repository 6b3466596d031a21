use batchwise_plan::Quote;
use batchwise_pricing::{Era, Prices, Rates, Usage};
use batchwise_tokens::CacheTtl;
use batchwise_units::{Estimate, Margin, Percent, Tokens, Usd};
use rust_decimal::Decimal;

use crate::candidates::{Candidates, End};
use crate::{CacheScenario, CostMargins};

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
    Calculation { prompt, era, surcharge }.quote(scenario)
}

/// How much of the width of the ranges of `quote`, made by [`quote()`] of the same arguments, is there
/// because the input is an estimate: what they reach beyond the ends that they would have, were the input
/// exactly what is likely. The length of the reply and what the cache does make the rest.
pub fn cost_margins(
    prompt: &Prompt,
    era: &Era,
    surcharge: Decimal,
    scenario: CacheScenario,
    quote: &Quote,
) -> CostMargins {
    let Some(input) = prompt.input.likely() else { return CostMargins::default() };
    let calculation = Calculation { prompt, era, surcharge };
    let uncached = |mode, cost: Estimate<Usd>| {
        let ends = [prompt.output.low(), prompt.output.high()];
        let [low, high] = ends.map(|output| calculation.uncached(mode, input, output));
        Margin::around(cost, low, high)
    };
    let batch = uncached(|prices| prices.batch, quote.batch);
    CostMargins {
        standard: uncached(|prices| prices.standard, quote.standard),
        batch,
        batch_cached: match calculation.hit_rates(scenario) {
            None => batch,
            Some((best, worst)) => {
                let low = calculation.candidates(End::Likely, input, prompt.output.low(), best).cheapest();
                let high = calculation.candidates(End::Likely, input, prompt.output.high(), worst).dearest();
                Margin::around(quote.batch_cached, low, high)
            }
        },
    }
}

/// What the cache does for one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It finds nothing, and writes all that it marks.
    Writes,
    /// It finds all that it marks.
    Reads,
    /// It finds a beginning of so many tokens, and writes the rest of what it marks.
    ReadsUpTo(Estimate<Tokens>),
    /// It finds nothing, and writes a beginning of so many tokens for an hour, whatever its breakpoints there say.
    Primes(Estimate<Tokens>),
}

impl Fate {
    /// The beginning of the prompt that is meant by name, marked or not.
    pub(crate) fn beginning(self) -> Option<Estimate<Tokens>> {
        match self {
            Fate::Writes | Fate::Reads => None,
            Fate::ReadsUpTo(tokens) | Fate::Primes(tokens) => Some(tokens),
        }
    }
}

/// What one request costs in a batch when the cache does one thing for certain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FateCost {
    pub(crate) range: Estimate<Usd>,
    /// How much of the width is there because the input is an estimate.
    pub(crate) margin: Margin<Usd>,
    /// With the likely input and the longest reply; `None` where no input is likely.
    pub(crate) at_cap: Option<Usd>,
    /// The tokens with the likely input and the expected reply, or the most where nothing is likely.
    pub(crate) usage: Usage,
}

impl FateCost {
    /// The same, unless it turns out as `other`: the range holds both, all else stays.
    pub(crate) fn unless(&self, other: &FateCost) -> FateCost {
        let (low, high) = (self.range.low(), self.range.high());
        let range = spanning(low.min(other.range.low()), self.range.likely(), high.max(other.range.high()));
        let inner_low = |cost: &FateCost| cost.range.low() + cost.margin.below();
        let inner_high = |cost: &FateCost| cost.range.high() - cost.margin.above();
        let low = inner_low(self).min(inner_low(other));
        let high = inner_high(self).max(inner_high(other));
        FateCost { range, margin: Margin::around(range, low, high), ..*self }
    }
}

/// The cost of one request under one fate. Where it marks nothing that is cached, all fates cost the same.
pub(crate) fn cost_of_fate(prompt: &Prompt, era: &Era, surcharge: Decimal, fate: Fate) -> FateCost {
    Calculation { prompt, era, surcharge }.fate(fate)
}

/// The tokens of one request without caching, with the likely input and the expected reply, or the most where nothing is
/// likely.
pub(crate) fn plain_usage(prompt: &Prompt) -> Usage {
    Usage { input: prompt.input.likely_or_high(), output: prompt.output.likely_or_high(), ..Usage::default() }
}

/// The cost of one request without caching, with the likely input and the longest reply.
pub(crate) fn plain_at_cap(prompt: &Prompt, era: &Era, surcharge: Decimal) -> Option<Usd> {
    let calculation = Calculation { prompt, era, surcharge };
    let input = prompt.input.likely()?;
    Some(calculation.uncached(|prices| prices.batch, input, prompt.output.high()))
}

/// What the cost of one request follows from.
struct Calculation<'c> {
    prompt: &'c Prompt,
    era: &'c Era,
    surcharge: Decimal,
}

/// Standard or batch.
type Mode = fn(&Prices) -> Rates;

impl<'c> Calculation<'c> {
    fn quote(&self, scenario: CacheScenario) -> Quote {
        let Prompt { input, output, .. } = *self.prompt;
        let uncached = |mode| input.zip(output, |input, output| self.uncached(mode, input, output));
        let batch = uncached(|prices| prices.batch);
        let batch_cached = self.with_cache(batch, scenario);
        let between_bounds = match scenario {
            CacheScenario::Bounds => batch_cached,
            _ => self.with_cache(batch, CacheScenario::Bounds),
        };
        Quote {
            standard: uncached(|prices| prices.standard),
            batch,
            batch_cached,
            batch_bound: batch.high().max(between_bounds.high()).max(self.ahead(scenario)),
        }
    }

    /// The most it costs to go ahead, which writes for an hour what is marked for five minutes.
    fn ahead(&self, scenario: CacheScenario) -> Usd {
        match scenario {
            CacheScenario::Primed => self.fate(Fate::Primes(self.prompt.cache_marked())).range.high(),
            _ => Usd::ZERO,
        }
    }

    fn uncached(&self, mode: Mode, input: Tokens, output: Tokens) -> Usd {
        self.rates(mode, input).cost(&Usage { input, output, ..Usage::default() })
    }

    fn rates(&self, mode: Mode, input: Tokens) -> Rates {
        let rates = mode(self.era.for_prompt(input));
        if self.surcharge == Decimal::ONE { rates } else { rates.times(self.surcharge) }
    }

    /// The best and the worst hit rate, where there is something to hit.
    fn hit_rates(&self, scenario: CacheScenario) -> Option<(Percent, Percent)> {
        let rates = match scenario {
            CacheScenario::Bounds | CacheScenario::Best | CacheScenario::Primed => {
                (Percent::HUNDRED, Percent::ZERO)
            }
            CacheScenario::HitRate(hit_rate) => (hit_rate, hit_rate),
            CacheScenario::Ignored => return None,
        };
        (self.prompt.cache_marked() != Estimate::default()).then_some(rates)
    }

    fn with_cache(&self, uncached: Estimate<Usd>, scenario: CacheScenario) -> Estimate<Usd> {
        let Some((best, worst)) = self.hit_rates(scenario) else { return uncached };
        let Prompt { input, output, .. } = *self.prompt;
        let low = self.candidates(End::Low, input.low(), output.low(), best).cheapest();
        let high = self.candidates(End::High, input.high(), output.high(), worst).dearest();
        let likely = match scenario {
            CacheScenario::HitRate(hit_rate) => input
                .likely()
                .zip(output.likely())
                .map(|(input, output)| self.candidates(End::Likely, input, output, hit_rate).likely()),
            _ => None,
        };
        spanning(low, likely, high)
    }

    fn fate(&self, fate: Fate) -> FateCost {
        let Prompt { input, output, .. } = *self.prompt;
        let at = |end, input, output| self.candidates(end, input, output, Percent::ZERO);
        let low = at(End::Low, input.low(), output.low()).cheapest_of(fate);
        let high = at(End::High, input.high(), output.high()).dearest_of(fate);
        let likely = input.likely().zip(output.likely());
        let likely = likely.map(|(input, output)| at(End::Likely, input, output).likely_of(fate));
        let range = spanning(low, likely, high);
        let usage = |end, input| at(end, input, output.likely_or_high()).usage_of(fate);
        let Some(input) = input.likely() else {
            let usage = usage(End::High, input.high());
            return FateCost { range, margin: Margin::none(), at_cap: None, usage };
        };
        let least = at(End::Likely, input, output.low()).cheapest_of(fate);
        let most = at(End::Likely, input, output.high());
        FateCost {
            range,
            margin: Margin::around(range, least, most.dearest_of(fate)),
            at_cap: Some(most.likely_of(fate)),
            usage: usage(End::Likely, input),
        }
    }

    /// The costs at the `end` of the prompt's estimate, which has `input` tokens there.
    fn candidates(&self, end: End, input: Tokens, output: Tokens, hit_rate: Percent) -> Candidates<'c> {
        let rates = self.rates(|prices| prices.batch, input);
        Candidates { prompt: self.prompt, end, input, output, rates, hit_rate }
    }
}

/// Prefix and prompt are each rounded outwards to whole tokens, so what is left between them may be a token more at the
/// low end than at the others: the ends are those of all that was found.
pub(crate) fn spanning(low: Usd, likely: Option<Usd>, high: Usd) -> Estimate<Usd> {
    let found = || [Some(low), likely, Some(high)].into_iter().flatten();
    let (low, high) = (found().min().unwrap_or(low), found().max().unwrap_or(high));
    match likely {
        Some(likely) => Estimate::new(low, likely, high),
        None => Estimate::between(low, high),
    }
}

impl Prompt {
    /// The tokens before the last breakpoint that may be effective: none, where no prefix is long enough.
    pub fn cache_marked(&self) -> Estimate<Tokens> {
        let effective =
            |prefix: &&CachedPrefix| self.cache_minimum.is_some_and(|min| prefix.tokens.high() >= min);
        self.prefixes.iter().rfind(effective).map(|prefix| prefix.tokens).unwrap_or_default()
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

    proptest! {
        /// The slow, obvious answer: quote it once more, with an input that is exactly what is likely.
        #[test]
        fn a_margin_is_what_an_exact_input_takes_away(prompt in some_prompt(), percent in proptest::option::of(0u64..=100)) {
            let scenario = percent.map_or(CacheScenario::Bounds, hits);
            let whole = quote(&prompt, haiku(), Decimal::ONE, scenario);
            let margins = cost_margins(&prompt, haiku(), Decimal::ONE, scenario, &whole);
            let exactly = |tokens: Estimate<Tokens>| Estimate::exactly(tokens.likely().unwrap());
            let unmarked = Prompt { input: exactly(prompt.input), prefixes: Vec::new(), ..prompt };
            let exact = quote(&unmarked, haiku(), Decimal::ONE, scenario);
            prop_assert_eq!(exact.standard.low(), whole.standard.low() + margins.standard.below());
            prop_assert_eq!(exact.standard.high(), whole.standard.high() - margins.standard.above());
            prop_assert_eq!(exact.batch.low(), whole.batch.low() + margins.batch.below());
            prop_assert_eq!(exact.batch.high(), whole.batch.high() - margins.batch.above());
            // Where no doubt is left which prefixes are long enough, the same holds with caching.
            let settled = |prefix: &CachedPrefix| {
                let long_enough = |tokens: Tokens| prompt.cache_minimum.is_some_and(|minimum| tokens >= minimum);
                long_enough(prefix.tokens.low()) == long_enough(prefix.tokens.high())
            };
            if prompt.prefixes.iter().all(settled) {
                let prefixes = prompt.prefixes.iter().map(|prefix| CachedPrefix { tokens: exactly(prefix.tokens), ..*prefix });
                let known = Prompt { prefixes: prefixes.collect(), ..unmarked };
                let exact = cached(&known, scenario);
                prop_assert_eq!(exact.low(), whole.batch_cached.low() + margins.batch_cached.below());
                prop_assert_eq!(exact.high(), whole.batch_cached.high() - margins.batch_cached.above());
            }
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
