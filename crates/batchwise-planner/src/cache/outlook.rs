use std::collections::BTreeSet;

use batchwise_plan::SEPARATOR_BYTES;
use batchwise_prefixes::{Caps, Found, Group, Groups, Member, NearCaps, NearRepeats, Place};
use batchwise_pricing::Era;
use batchwise_units::{Margin, SharedError, Tokens, Usd};

use super::Route;
use super::analysis::{Insight, analyse};
use super::fate_sum::FateSum;
use super::price_row::PriceRow;
use super::profile::{CacheProfile, CachedCosts};
use crate::quoting::{Fate, FateCost, spanning};
use crate::{CacheScenario, Context};

/// Where a request goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spot {
    /// A number of its batch.
    pub(crate) batch: u32,
    pub(crate) wave: u32,
}

/// What the cache may do to the workload, request by request in the order of the inputs.
pub(crate) struct Outlook<'c> {
    pub(crate) context: &'c Context<'c>,
    pub(crate) groups: Groups,
    pub(crate) near: NearRepeats,
    pub(crate) rows: Vec<PriceRow>,
    /// The requests that mark nothing that is long enough, or whose breakpoints the API refuses: whatever the cache does,
    /// they cost the same.
    unmarked: FateSum,
    /// The others, their breakpoints ignored.
    none: FateSum,
    cold: FateSum,
    warm: FateSum,
    best: FateSum,
    primed: FateSum,
    pub(crate) marked_requests: u64,
    /// Those all of whose breakpoints stand behind prefixes that are too short.
    pub(crate) inert_requests: u64,
    /// The numbers of their prices.
    pub(crate) inert_sorts: BTreeSet<u16>,
    /// By the number of their prices, the tokens that are to be written for an hour, if all is written.
    hour_tokens: Vec<Tokens>,
}

/// What one scenario costs all requests.
pub(crate) struct Sums {
    pub(crate) none: FateSum,
    pub(crate) cold: FateSum,
    pub(crate) warm: FateSum,
    pub(crate) best: FateSum,
    /// But for what the requests that go ahead cost more, where no first pass has told which they are.
    pub(crate) primed: FateSum,
}

impl<'c> Outlook<'c> {
    pub(crate) fn new(context: &'c Context<'c>) -> Outlook<'c> {
        Outlook {
            context,
            groups: Groups::new(Caps::default()),
            near: NearRepeats::new(NearCaps::default()),
            rows: Vec::new(),
            unmarked: FateSum::default(),
            none: FateSum::default(),
            cold: FateSum::default(),
            warm: FateSum::default(),
            best: FateSum::default(),
            primed: FateSum::default(),
            marked_requests: 0,
            inert_requests: 0,
            inert_sorts: BTreeSet::new(),
            hour_tokens: Vec::new(),
        }
    }

    /// Adds a request that `model` prices and that costs `plain` without caching. What it costs with caching under the
    /// scenario of the terms, where that depends on other requests.
    pub(crate) fn take(
        &mut self,
        profile: &CacheProfile,
        model: &str,
        plain: FateCost,
        (place, line, spot): (Place, &[u8], Spot),
    ) -> Option<FateCost> {
        self.near.take(line, model, place);
        let member = Member {
            chain: &profile.chain,
            sizes: &profile.sizes,
            minimum: profile.stakes.prompt.cache_minimum,
            sort: self.sort(model, profile),
            place,
            body_bytes: line.len() as u64 + SEPARATOR_BYTES.0,
            batch: spot.batch,
            wave: spot.wave,
        };
        let found = self.groups.find(&member);
        self.groups.take(&member, found);
        let is_refused = profile.chain.refusal().is_some();
        let Some(costs) = profile.stakes.cached.filter(|_| !is_refused) else {
            self.unmarked.add(&plain);
            if !is_refused && !profile.chain.marks().is_empty() {
                self.inert_requests += 1;
                self.inert_sorts.insert(member.sort);
            }
            // What is refused is cached by no assumption.
            return (is_refused && profile.stakes.cached.is_some()).then_some(plain);
        };
        self.marked_requests += 1;
        let hour = member.hour();
        self.hour_tokens[usize::from(member.sort)] += hour.likely_or_high();
        let era = self.era(model);
        let best = profile.when_found(found.in_wave, &costs, era);
        let primed = self.when_primed(profile, &costs, found, place, era);
        self.none.add(&plain);
        self.cold.add(&costs.cold);
        self.warm.add(&costs.warm);
        self.best.add(&best);
        self.primed.add(&primed);
        match self.context.terms.cache {
            CacheScenario::Primed => Some(primed),
            scenario => by_scenario(scenario, best, &costs),
        }
    }

    /// Nobody goes ahead for a prefix that is likely to be too short. If it is long enough after all, it may be found or not.
    fn when_primed(
        &self,
        profile: &CacheProfile,
        costs: &CachedCosts,
        found: Found,
        place: Place,
        era: &Era,
    ) -> FateCost {
        let found_ahead = match self.route() {
            None => found.ever.filter(|&block| profile.is_long_enough(block)),
            Some(route) => match route.primers.get(&place) {
                Some(&block) => return profile.cost(Fate::Primes(profile.sizes[block]), era),
                None => route.found(&profile.chain),
            },
        };
        match found_ahead {
            Some(_) => profile.when_found(found_ahead, costs, era),
            None => costs.cold.unless(&profile.when_found(found.ever, costs, era)),
        }
    }

    /// The first pass, if it told who goes ahead.
    pub(crate) fn route(&self) -> Option<&'c Route> {
        self.context.route.filter(|route| route.is_primed)
    }

    /// What writing for an hour costs more than for five minutes, if all is written.
    pub(crate) fn hour_premium(&self) -> Usd {
        let premium = |(row, hour): (&PriceRow, &Tokens)| {
            row.rates.cache_write_1h * *hour - row.rates.cache_write_5m * *hour
        };
        self.rows.iter().zip(&self.hour_tokens).map(premium).sum()
    }

    fn era(&self, model: &str) -> &'c Era {
        let model = self.context.book.find(model).expect("a model that was priced");
        model.on(self.context.terms.day).expect("a day that was priced")
    }

    fn sort(&mut self, model: &str, profile: &CacheProfile) -> u16 {
        let known =
            self.rows.iter().position(|row| row.is_of(model, profile.stakes.region, profile.stakes.tier));
        let sort = known.unwrap_or_else(|| {
            let key = (model, profile.stakes.region, profile.stakes.tier);
            self.rows.push(PriceRow::of(self.context.book, self.context.terms.day, key));
            self.hour_tokens.push(Tokens::ZERO);
            self.rows.len() - 1
        });
        u16::try_from(sort).expect("fewer rows of prices than that")
    }

    pub(crate) fn row(&self, sort: u16) -> &PriceRow {
        &self.rows[usize::from(sort)]
    }

    pub(crate) fn row_of(&self, group: &Group) -> &PriceRow {
        let (sort, _) = group.sorts.iter().next().expect("a group has members");
        self.row(sort)
    }

    /// Whether a group's prefix may be too short to be cached.
    pub(crate) fn may_be_too_short(&self, group: &Group) -> bool {
        self.row_of(group).minimum.is_none_or(|minimum| group.tokens.low() < minimum)
    }

    pub(crate) fn sums(&self) -> Sums {
        let with = |sum: &FateSum| sum.with(&self.unmarked);
        Sums {
            none: with(&self.none),
            cold: with(&self.cold),
            warm: with(&self.warm),
            best: with(&self.best),
            primed: with(&self.primed),
        }
    }

    /// What is known of the cache; `None` where no request has a price. `shared` is how much of their errors all
    /// requests share, `files` are the names of the inputs.
    pub(crate) fn close(&self, shared: SharedError, files: &[String]) -> Option<Insight> {
        (!self.rows.is_empty()).then(|| analyse(self, shared, files))
    }
}

/// What a request costs by a scenario in which nobody goes ahead, where that depends on what it finds: `best` is what it
/// costs if all that earlier requests wrote is there.
pub(crate) fn by_scenario(scenario: CacheScenario, best: FateCost, costs: &CachedCosts) -> Option<FateCost> {
    match scenario {
        CacheScenario::Bounds => Some(between(&best, &costs.cold)),
        CacheScenario::Best => Some(best),
        CacheScenario::Ignored | CacheScenario::HitRate(_) => None,
        CacheScenario::Primed => unreachable!("nobody goes ahead"),
    }
}

/// From the one to the other, with nothing likely; the tokens are those of the worst.
fn between(best: &FateCost, worst: &FateCost) -> FateCost {
    let (low, high) = (best.range.low(), worst.range.high());
    let range = spanning(low, None, high.max(low));
    let margin = Margin::around(range, low + best.margin.below(), high - worst.margin.above());
    FateCost { range, margin, at_cap: None, usage: worst.usage }
}
