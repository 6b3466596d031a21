use batchwise_pricing::{Rates, Usage};
use batchwise_tokens::CacheTtl;
use batchwise_units::{Estimate, Percent, Tokens, Usd};

use crate::Prompt;
use crate::quoting::Fate;

/// Which of an estimate's three values is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Low,
    Likely,
    High,
}

impl End {
    fn of(self, estimate: Estimate<Tokens>) -> Tokens {
        match self {
            End::Low => estimate.low(),
            End::Likely => estimate.likely_or_high(),
            End::High => estimate.high(),
        }
    }
}

/// The costs of one prompt at one end of its estimate.
///
/// Whether a prefix reaches the model's minimum may itself depend on the estimate, so there is a cost for each answer
/// that is possible, and the bounds are the least and the most of them.
pub(crate) struct Candidates<'p> {
    pub(crate) prompt: &'p Prompt,
    pub(crate) end: End,
    pub(crate) input: Tokens,
    pub(crate) output: Tokens,
    pub(crate) rates: Rates,
    pub(crate) hit_rate: Percent,
}

/// Which prefixes are long enough to be cached: those that may be as long as the shortest of them, told by the high end of
/// its tokens. `None` where no prefix is.
///
/// All prefixes begin alike, so with one of them all longer ones are long enough.
type Answer = Option<Tokens>;

impl Candidates<'_> {
    /// The least it may cost.
    pub(crate) fn cheapest(&self) -> Usd {
        self.answers(None).map(|answer| self.cost(answer)).min().expect("there is an answer")
    }

    /// The most it may cost.
    pub(crate) fn dearest(&self) -> Usd {
        self.answers(None).map(|answer| self.cost(answer)).max().expect("there is an answer")
    }

    /// The cost when those prefixes are cached that are likely to be long enough.
    pub(crate) fn likely(&self) -> Usd {
        self.cost(self.answer_by(None, End::Likely))
    }

    /// The least it may cost under one fate.
    pub(crate) fn cheapest_of(&self, fate: Fate) -> Usd {
        let costs = self.answers(fate.beginning()).map(|answer| self.cost_of(answer, fate));
        costs.min().expect("there is an answer")
    }

    /// The most it may cost under one fate.
    pub(crate) fn dearest_of(&self, fate: Fate) -> Usd {
        let costs = self.answers(fate.beginning()).map(|answer| self.cost_of(answer, fate));
        costs.max().expect("there is an answer")
    }

    /// The cost under one fate when those prefixes are cached that are likely to be long enough.
    pub(crate) fn likely_of(&self, fate: Fate) -> Usd {
        self.rates.cost(&self.usage_of(fate))
    }

    /// The tokens under one fate when those prefixes are cached that are long enough at this end.
    pub(crate) fn usage_of(&self, fate: Fate) -> Usage {
        self.usage(self.answer_by(fate.beginning(), self.end), fate)
    }

    fn cost(&self, answer: Answer) -> Usd {
        let share = |percent: Percent, fate: Fate| match percent {
            none if none == Percent::ZERO => Usd::ZERO,
            all if all == Percent::HUNDRED => self.cost_of(answer, fate),
            _ => self.cost_of(answer, fate) * percent,
        };
        share(self.hit_rate, Fate::Reads) + share(self.hit_rate.complement(), Fate::Writes)
    }

    fn cost_of(&self, answer: Answer, fate: Fate) -> Usd {
        self.rates.cost(&self.usage(answer, fate))
    }

    /// The prefixes that matter: those that are marked, and perhaps another one.
    fn prefixes(&self, more: Option<Estimate<Tokens>>) -> impl Iterator<Item = Estimate<Tokens>> {
        self.prompt.prefixes.iter().map(|prefix| prefix.tokens).chain(more)
    }

    /// All answers that the estimates leave open; the same may come twice.
    fn answers(&self, more: Option<Estimate<Tokens>>) -> impl Iterator<Item = Answer> {
        let minimum = self.prompt.cache_minimum.unwrap_or(Tokens(u64::MAX));
        let may_be_too_short = move |tokens: &Estimate<Tokens>| tokens.low() < minimum;
        let may_be_shortest = move |tokens: &Estimate<Tokens>| {
            let mut shorter = self.prefixes(more).filter(|other| other.high() < tokens.high());
            tokens.high() >= minimum && shorter.all(|other| may_be_too_short(&other))
        };
        let nothing = self.prefixes(more).all(|tokens| may_be_too_short(&tokens));
        let shortest = self.prefixes(more).filter(may_be_shortest).map(|tokens| Some(tokens.high()));
        shortest.chain(nothing.then_some(None))
    }

    /// The answer when an end of each estimate tells whether it is long enough.
    fn answer_by(&self, more: Option<Estimate<Tokens>>, end: End) -> Answer {
        let minimum = self.prompt.cache_minimum?;
        let long = self.prefixes(more).filter(|tokens| end.of(*tokens) >= minimum);
        long.map(|tokens| tokens.high()).min()
    }

    /// The tokens under one fate.
    ///
    /// What is found is read. The rest is written: for an hour up to the last 1-hour breakpoint, for five minutes from
    /// there to the last one.
    /// Source: <https://platform.claude.com/docs/en/build-with-claude/prompt-caching>, read 2026-08-22.
    fn usage(&self, answer: Answer, fate: Fate) -> Usage {
        let is_cached = |tokens: Estimate<Tokens>| answer.is_some_and(|shortest| tokens.high() >= shortest);
        let length = |tokens: Estimate<Tokens>| self.end.of(tokens);
        let cached = || self.prompt.prefixes.iter().filter(|prefix| is_cached(prefix.tokens));
        let last = cached().map(|prefix| length(prefix.tokens)).max().unwrap_or(Tokens::ZERO);
        let hour = cached().filter(|prefix| prefix.ttl == CacheTtl::OneHour);
        let hour = hour.map(|prefix| length(prefix.tokens)).max().unwrap_or(Tokens::ZERO);
        let beginning = |tokens: Estimate<Tokens>| match is_cached(tokens) {
            true => length(tokens).min(last),
            false => Tokens::ZERO,
        };
        let (read, hour) = match fate {
            Fate::Writes => (Tokens::ZERO, hour),
            Fate::Reads => (last, hour),
            Fate::ReadsUpTo(tokens) => (beginning(tokens), hour),
            Fate::Primes(tokens) => (Tokens::ZERO, hour.max(beginning(tokens))),
        };
        let hour = hour.max(read);
        Usage {
            input: self.input - last,
            output: self.output,
            cache_read: read,
            cache_write_1h: hour - read,
            cache_write_5m: last - hour,
        }
    }
}
