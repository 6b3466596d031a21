//! The slow, obvious answer: requests are walked one by one, with a list of what was written to the cache.

use std::collections::BTreeMap;

use batchwise_pricing::{PriceBook, Rates};
use batchwise_units::Rate;
use rust_decimal::Decimal;

use crate::asks::{Ask, Lifetime};
use crate::planning::TODAY;

/// How many blocks a breakpoint looks at, its own included.
const LOOKED_AT: usize = 20;

/// An amount without replies, and with the longest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Amount {
    pub(crate) without_replies: Decimal,
    pub(crate) with_replies: Decimal,
}

/// What is read of a prompt, and up to where it is written for an hour whatever its breakpoints say.
#[derive(Clone, Copy, Default)]
struct Luck {
    read: u64,
    hour: u64,
}

/// What the cache may remember of one request.
struct Prompt<'a> {
    ask: &'a Ask,
    beginnings: Vec<String>,
    sizes: Vec<u64>,
    minimum: u64,
    /// The breakpoints behind beginnings that are long enough.
    marks: Vec<(usize, Lifetime)>,
}

impl<'a> Prompt<'a> {
    fn of(ask: &'a Ask) -> Prompt<'a> {
        let minimum = PriceBook::bundled().find(ask.model).unwrap().min_cacheable;
        let (minimum, sizes) = (minimum.map_or(u64::MAX, |minimum| minimum.0), ask.sizes());
        let marks = ask.marks().into_iter().filter(|(index, _)| sizes[*index] >= minimum).collect();
        Prompt { ask, beginnings: ask.beginnings(), sizes, minimum, marks }
    }

    fn marks(&self, beginning: &String) -> bool {
        self.marks.iter().any(|(index, _)| self.beginnings[*index] == *beginning)
    }

    /// The indexes of all blocks that some breakpoint looks at.
    fn looked_at(&self) -> Vec<usize> {
        let near =
            |index: &usize| self.marks.iter().any(|(mark, _)| index <= mark && mark - index < LOOKED_AT);
        (0..self.beginnings.len()).filter(near).collect()
    }

    fn looks_at(&self, beginning: &String) -> bool {
        self.looked_at().into_iter().any(|index| self.beginnings[index] == *beginning)
    }

    /// The tokens of the longest beginning that was written and that a breakpoint finds.
    fn finds(&self, written: &[String]) -> u64 {
        let found = self.looked_at().into_iter().filter(|index| written.contains(&self.beginnings[*index]));
        found.map(|index| self.sizes[index]).max().unwrap_or(0)
    }

    fn write(&self, written: &mut Vec<String>) {
        written.extend(self.marks.iter().map(|(index, _)| self.beginnings[*index].clone()));
    }

    /// The tokens up to a block that stands at or before a breakpoint, if they are enough to be cached.
    fn cacheable(&self, block: usize) -> u64 {
        if self.sizes[block] >= self.minimum { self.sizes[block] } else { 0 }
    }

    /// The last breakpoint's tokens.
    fn marked(&self) -> u64 {
        self.marks.iter().map(|(index, _)| self.sizes[*index]).max().unwrap_or(0)
    }

    fn cost(&self, luck: Luck) -> Amount {
        let rates = rates(self.ask);
        let hour = self.marks.iter().filter(|(_, lifetime)| *lifetime == Lifetime::Hour);
        let hour = hour.map(|(index, _)| self.sizes[*index]).max().unwrap_or(0).max(luck.hour).max(luck.read);
        let input = times(rates.input, self.ask.prompt() - self.marked())
            + times(rates.cache_read, luck.read)
            + times(rates.cache_write_1h, hour - luck.read)
            + times(rates.cache_write_5m, self.marked() - hour);
        Amount { without_replies: input, with_replies: input + times(rates.output, self.ask.max_tokens) }
    }
}

fn times(rate: Rate, tokens: u64) -> Decimal {
    rate.usd_per_mtok() * Decimal::from(tokens) / Decimal::from(1_000_000)
}

/// In a batch: the prices of the highest threshold that the prompt exceeds, for all of it.
fn rates(ask: &Ask) -> Rates {
    let book = PriceBook::bundled();
    let era = book.find(ask.model).unwrap().on(TODAY).unwrap();
    let exceeded = era.tiers.iter().rfind(|tier| ask.prompt() > tier.prompt_over.0);
    let prices = exceeded.map_or(&era.base, |tier| &tier.prices);
    let surcharge = if ask.us { book.geo_us() } else { Decimal::ONE };
    prices.batch.times(surcharge)
}

fn sum(amounts: impl IntoIterator<Item = Amount>) -> Amount {
    amounts.into_iter().fold(Amount::default(), |sum, amount| Amount {
        without_replies: sum.without_replies + amount.without_replies,
        with_replies: sum.with_replies + amount.with_replies,
    })
}

fn prompts(asks: &[Ask]) -> Vec<Prompt<'_>> {
    asks.iter().map(Prompt::of).collect()
}

/// How many breakpoints of each request are behind beginnings that are long enough.
pub(crate) fn cached_marks(asks: &[Ask]) -> Vec<usize> {
    prompts(asks).iter().map(|prompt| prompt.marks.len()).collect()
}

/// Without breakpoints.
pub(crate) fn none(asks: &[Ask]) -> Amount {
    let mut plain = asks.to_vec();
    plain.iter_mut().for_each(|ask| ask.mark_again(&[]));
    cold(&plain)
}

/// Nothing is found.
pub(crate) fn cold(asks: &[Ask]) -> Amount {
    sum(prompts(asks).iter().map(|prompt| prompt.cost(Luck::default())))
}

/// Of every request, `percent` is as if all were found that it marks, and the rest as if nothing were.
pub(crate) fn hits(asks: &[Ask], percent: Decimal) -> Amount {
    let all = sum(prompts(asks).iter().map(|prompt| prompt.cost(Luck { read: prompt.marked(), hour: 0 })));
    let nothing = cold(asks);
    let mix =
        |all, nothing| (all * percent + nothing * (Decimal::ONE_HUNDRED - percent)) / Decimal::ONE_HUNDRED;
    Amount {
        without_replies: mix(all.without_replies, nothing.without_replies),
        with_replies: mix(all.with_replies, nothing.with_replies),
    }
}

/// In the order of the inputs; what one wave wrote is gone in the next.
pub(crate) fn best(asks: &[Ask], waves: &[u32]) -> Amount {
    let mut written: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    sum(prompts(asks).iter().zip(waves).map(|(prompt, wave)| {
        let written = written.entry(*wave).or_default();
        let cost = prompt.cost(Luck { read: prompt.finds(written), hour: 0 });
        prompt.write(written);
        cost
    }))
}

/// The requests that go ahead: those that are the first to write a beginning that others mark too or, coming later, look
/// at. With the block at which the longest such beginning ends.
pub(crate) fn ahead(asks: &[Ask]) -> BTreeMap<usize, usize> {
    let prompts = prompts(asks);
    let mut ahead = BTreeMap::new();
    for (who, prompt) in prompts.iter().enumerate() {
        for (index, _) in &prompt.marks {
            let beginning = &prompt.beginnings[*index];
            let is_first = !prompts[..who].iter().any(|other| other.marks(beginning));
            let shared = prompts[who + 1..].iter().any(|other| other.looks_at(beginning));
            if is_first && shared {
                let longest = ahead.entry(who).or_default();
                *longest = (*index).max(*longest);
            }
        }
    }
    ahead
}

/// First those that go ahead, each finding nothing and writing for an hour; then the others, in order.
pub(crate) fn primed(asks: &[Ask]) -> Amount {
    primed_as(asks, &ahead(asks), true)
}

/// The same where it was decided before who goes ahead. The others find what those wrote, and perhaps what others wrote.
pub(crate) fn primed_as(asks: &[Ask], ahead: &BTreeMap<usize, usize>, find_each_other: bool) -> Amount {
    let prompts = prompts(asks);
    let mut written = Vec::new();
    ahead.keys().for_each(|who| prompts[*who].write(&mut written));
    sum(prompts.iter().enumerate().map(|(who, prompt)| match ahead.get(&who) {
        Some(&block) => prompt.cost(Luck { read: 0, hour: prompt.cacheable(block) }),
        None => {
            let cost = prompt.cost(Luck { read: prompt.finds(&written), hour: 0 });
            if find_each_other {
                prompt.write(&mut written);
            }
            cost
        }
    }))
}

/// Whether each beginning that somebody marks is marked by the first request that looks at it: then who comes first does
/// not matter.
pub(crate) fn is_orderly(asks: &[Ask]) -> bool {
    let prompts = prompts(asks);
    let beginnings =
        prompts.iter().flat_map(|prompt| prompt.marks.iter().map(|(index, _)| &prompt.beginnings[*index]));
    beginnings.into_iter().all(|beginning| {
        prompts.iter().find(|prompt| prompt.looks_at(beginning)).is_some_and(|first| first.marks(beginning))
    })
}
