//! Prefixes that may or may not be long enough to be cached: whatever turns out, it costs no less than a low end and no
//! more than a high end.

use std::collections::BTreeMap;

use batchwise_plan::Plan;
use batchwise_planner::{CacheScenario, OutputExpectation, Planned};
use batchwise_units::{Estimate, Percent, Tokens, Usd};
use proptest::prelude::*;

use crate::asks::{Ask, Block, Lifetime, block, marked};
use crate::laws::copied;
use crate::planning::{decimal, ends, marked_blocks, terms, uncertain};
use crate::simulation::{self, Amount};
use crate::workloads::near_minima;

/// Requests of one model whose prefixes are about as long as what it caches: one block or two, and one of three ends.
/// Marked alike, or in any mixture; so many of the first marks live an hour.
fn close() -> impl Strategy<Value = Vec<Ask>> {
    let model = prop::sample::select(vec![
        ("claude-opus-5-5", 512u64),
        ("claude-sonnet-4-6", 1_024),
        ("claude-haiku-4-5", 4_096),
    ]);
    let world =
        (model, [70u64..125, 0u64..30, 0u64..30], 0usize..=3, proptest::option::of(any::<[bool; 3]>()));
    let asks = proptest::collection::vec((any::<bool>(), 0usize..3, any::<[bool; 3]>()), 2..12);
    (world, asks).prop_map(|(((model, minimum), percents, hours, alike), asks)| {
        let block = |letter: char, place: usize, marks: [bool; 3]| {
            let lifetime = if place < hours { Lifetime::Hour } else { Lifetime::FiveMinutes };
            let tokens = minimum * percents[place] / 100;
            Block { letter, tokens, mark: alike.unwrap_or(marks)[place].then_some(lifetime) }
        };
        let ask = |(is_longer, end, marks): (bool, usize, [bool; 3])| {
            let mut system = vec![block('A', 0, marks)];
            system.extend(is_longer.then(|| block('B', 1, marks)));
            Ask::new(model, system, block(['X', 'Y', 'Z'][end], 2, marks), 10)
        };
        asks.into_iter().map(ask).collect()
    })
}

/// How far the tokens of each letter lie from the fewest that they may be to the most, in percent.
type Truth = [u64; 7];

const LETTERS: &str = "TUABXYZ";

fn some_truth() -> impl Strategy<Value = Truth> {
    prop_oneof![Just([0; 7]), Just([100; 7]), proptest::array::uniform7(0u64..=100)]
}

/// The requests with the tokens that they have in truth. What begins alike in them is equally long.
fn truly(asks: &[Ask], spread: u64, truth: &Truth) -> Vec<Ask> {
    let size = |mut ask: Ask| {
        let sizes = ask.sizes();
        let mut before = [0, 0];
        for (block, size) in ask.blocks_mut().into_iter().zip(sizes) {
            let reached = ends(size, spread);
            let [fewest, most] = [0, 1].map(|end| reached[end] - before[end]);
            let share = LETTERS.find(block.letter).map_or(50, |letter| truth[letter]);
            (block.tokens, before) = (fewest + (most - fewest) * share / 100, reached);
        }
        ask
    };
    asks.iter().cloned().map(size).collect()
}

/// The requests with the breakpoints that the plan would give them, at the same sizes.
fn remarked(asks: &[Ask], sized: &[Ask], planned: &Planned) -> Vec<Ask> {
    let copy = copied(asks, planned);
    let marks = copy.lines().map(marked_blocks);
    let remark = |(mut ask, marks): (Ask, Vec<usize>)| {
        ask.mark_again(&marks);
        ask
    };
    sized.iter().cloned().zip(marks).map(remark).collect()
}

fn holds(name: &str, range: Estimate<Usd>, amounts: &[Amount]) -> Result<(), TestCaseError> {
    for amount in amounts {
        let (low, high) = (range.low().as_decimal(), range.high().as_decimal());
        prop_assert!(low <= amount.without_replies, "{name}: {low} <= {}", amount.without_replies);
        prop_assert!(amount.with_replies <= high, "{name}: {} <= {high}", amount.with_replies);
    }
    Ok(())
}

/// What turns out where those go ahead that were likely to be worth it: what the others find of each other, nobody says.
fn primed(truth: &[Ask], ahead: &BTreeMap<usize, usize>) -> [Amount; 2] {
    [true, false].map(|find_each_other| simulation::primed_as(truth, ahead, find_each_other))
}

fn check(asks: &[Ask], spread: u64, truth: &Truth) -> Result<(), TestCaseError> {
    let turned_out = truly(asks, spread, truth);
    let waves = vec![0; asks.len()];
    let [none, cold, best] =
        [simulation::none(&turned_out), simulation::cold(&turned_out), simulation::best(&turned_out, &waves)];
    let planned = |cache: CacheScenario| {
        let mut terms = terms();
        terms.cache = cache;
        let one = uncertain(asks, &terms, spread, None);
        match one.route.is_some() {
            true => uncertain(asks, &terms, spread, one.route.as_ref()),
            false => one,
        }
    };
    let quoted = |plan: &Plan| plan.quote.unwrap().batch_cached;
    let one = planned(CacheScenario::Bounds);
    let table = &one.plan.cache.as_ref().unwrap().scenarios;
    holds("none", table["none"].range, &[none])?;
    holds("cold", table["cold"].range, &[cold])?;
    holds("best", table["best"].range, &[best])?;
    for rate in ["30%", "98%"] {
        let hits = simulation::hits(&turned_out, decimal(rate.trim_end_matches('%')));
        if let Some(cost) = table.get(rate) {
            holds(rate, cost.range, &[hits])?;
        }
        let rate = Percent::parse(rate).unwrap();
        holds("hits", quoted(&planned(CacheScenario::HitRate(rate)).plan), &[hits])?;
    }
    holds("bounds", quoted(&one.plan), &[best, cold])?;
    prop_assert_eq!(quoted(&one.plan).likely(), None, "of bounds nothing is likely");
    holds("best", quoted(&planned(CacheScenario::Best).plan), &[best])?;
    let ahead = simulation::ahead(asks);
    let costs = primed(&turned_out, &ahead);
    let two = planned(CacheScenario::Primed).plan;
    // What a first pass adds for who goes ahead, and what other breakpoints save, is at the prices of the likely lengths.
    let tiers = |asks: &[Ask]| asks.iter().map(|ask| ask.prompt() <= 100_000).collect::<Vec<_>>();
    let same_prices = tiers(asks) == tiers(&turned_out);
    // Who comes before the first that writes may find more than is promised.
    if simulation::is_orderly(&truly(asks, spread, &[100; 7])) {
        holds("primed", quoted(&two), &costs)?;
        holds("primed", two.cache.as_ref().unwrap().scenarios["primed"].range, &costs)?;
        if same_prices {
            holds("primed before", table["primed"].range, &costs)?;
        }
    }
    let bound = two.quote.unwrap().batch_bound.as_decimal();
    prop_assert!(costs.iter().chain([&cold]).all(|cost| cost.with_replies <= bound));
    if let Some(advised) = table.get("advised").filter(|_| same_prices) {
        let [likely, turned_out] = [asks, &turned_out].map(|sized| remarked(asks, sized, &one));
        let ahead = simulation::ahead(&likely);
        holds("advised", advised.range, &[simulation::primed_as(&turned_out, &ahead, true)])?;
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Whatever the prefixes turn out to hold, and whichever of them are long enough then.
    #[test]
    fn what_turns_out_lies_within_the_ends(asks in prop_oneof![1 => near_minima(), 2 => close()], spread in 1u64..30, truth in some_truth()) {
        check(&asks, spread, &truth)?;
    }
}

/// Requests with one marked prefix of so many tokens, which the model caches from 512 on.
fn alike(tokens: u64) -> Vec<Ask> {
    vec![Ask::new("claude-opus-5-5", vec![marked('A', tokens, Lifetime::Hour)], block('X', 100), 10); 10]
}

/// A likely size on either side of the minimum decides what is likely, never what is possible.
#[test]
fn the_ends_hold_both_sides_of_the_minimum() {
    let shown = |tokens: u64, cache: CacheScenario| {
        let mut terms = terms();
        (terms.cache, terms.output) = (cache, OutputExpectation::Tokens(Tokens(10)));
        let range = uncertain(&alike(tokens), &terms, 10, None).plan.quote.unwrap().batch_cached;
        let likely = range.likely().map_or("-".to_owned(), |usd| usd.to_string());
        format!("{} {likely} {}", range.low(), range.high())
    };
    let mut told = String::new();
    let cold = CacheScenario::HitRate(Percent::ZERO);
    for (name, cache) in [("bounds", CacheScenario::Bounds), ("best", CacheScenario::Best), ("cold", cold)] {
        for tokens in [460, 500, 530, 580] {
            told += &format!("{name} {tokens}: {}\n", shown(tokens, cache));
        }
    }
    insta::assert_snapshot!(told, @"
    bounds 460: 0.01008 0.0122 0.01332
    bounds 500: 0.003105 - 0.0252
    bounds 530: 0.0031833 - 0.02652
    bounds 580: 0.0043578 - 0.02872
    best 460: 0.01008 0.0122 0.01332
    best 500: 0.003105 0.013 0.0153
    best 530: 0.0031833 0.005597 0.016026
    best 580: 0.0043578 0.005842 0.0063262
    cold 460: 0.01008 0.0122 0.01332
    cold 500: 0.0108 0.013 0.0252
    cold 530: 0.01134 0.0242 0.02652
    cold 580: 0.02268 0.0262 0.02872
    ");
}
