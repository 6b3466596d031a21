//! What holds for every workload.

use batchwise_plan::CacheAnalysis;
use batchwise_planner::{CacheScenario, Planned, RemarkContext, Source, remark};
use batchwise_units::{Percent, Usd};
use proptest::prelude::*;
use rust_decimal::Decimal;

use crate::asks::{Ask, Lifetime, block, lines, marked};
use crate::planning::{amount, analysis, ends, first, pass, terms, uncertain, usd};
use crate::simulation;
use crate::workloads::{MODELS, any_marks, uniform};

fn at_rate(asks: &[Ask], hundredths: i64) -> Usd {
    let rate = Percent::parse(&Decimal::new(hundredths, 2).to_string()).unwrap();
    let mut terms = terms();
    terms.cache = CacheScenario::HitRate(rate);
    let name = if rate == Percent::ZERO { "cold".to_owned() } else { rate.to_string() };
    usd(&first(asks, &terms).plan.cache.unwrap(), &name)
}

/// The requests as they are, if all tokens are the fewest or the most that they may be.
fn truly(asks: &[Ask], spread: u64, end: usize) -> Vec<Ask> {
    let size = |mut ask: Ask| {
        let sizes = ask.sizes();
        let mut before = 0;
        for (block, size) in ask.blocks_mut().into_iter().zip(sizes) {
            let reached = ends(size, spread)[end];
            (block.tokens, before) = (reached - before, reached);
        }
        ask
    };
    asks.iter().cloned().map(size).collect()
}

/// The copy of the requests with other breakpoints, as the command writes it.
pub(crate) fn copied(asks: &[Ask], planned: &Planned) -> String {
    let text = lines(asks).join("\n");
    let source = Source { name: "requests.jsonl".to_owned(), content: Box::new(text.as_bytes()) };
    let context = RemarkContext {
        book: batchwise_pricing::PriceBook::bundled(),
        marking: &planned.marking,
        wrap_texts: false,
        threads: std::num::NonZero::<usize>::MIN,
    };
    let mut copy = Vec::new();
    remark(vec![source], &context, &mut copy).unwrap();
    String::from_utf8(copy).unwrap()
}

/// A tree of prompts: each request goes some levels down, to the left or to the right.
fn paths() -> impl Strategy<Value = Vec<Ask>> {
    let path = proptest::collection::vec(any::<bool>(), 0..=5);
    let sizes = proptest::array::uniform5(prop::sample::select(vec![600u64, 900, 3_000, 20_000]));
    (proptest::collection::vec(path, 2..9), sizes).prop_map(|(paths, sizes)| {
        let ask = |(letter, path): (char, Vec<bool>)| {
            let side = |(right, size): (bool, u64)| block(if right { 'R' } else { 'L' }, size);
            let system = path.into_iter().zip(sizes).map(side).collect();
            Ask::new("claude-opus-5-5", system, block(letter, 100), 10)
        };
        ('a'..).zip(paths).map(ask).collect()
    })
}

/// The least that the requests cost with any breakpoints of an hour in the system prompt, at most four in each of them,
/// if one of each group goes ahead.
fn least(asks: &[Ask]) -> Decimal {
    let name = |ask: &Ask, levels: usize| -> String {
        ask.system[..levels].iter().map(|block| block.letter).collect()
    };
    let names = |ask: &Ask| (1..=ask.system.len()).map(|levels| name(ask, levels)).collect::<Vec<_>>();
    let mut shared: Vec<String> = asks.iter().flat_map(names).collect();
    shared.sort();
    let shared: Vec<String> = shared
        .chunk_by(|one, next| one == next)
        .filter(|same| same.len() > 1)
        .map(|same| same[0].clone())
        .collect();
    let with = |choice: usize| {
        let is_chosen = |name: &String| {
            shared.iter().position(|known| known == name).is_some_and(|bit| choice >> bit & 1 == 1)
        };
        let mut asks = asks.to_vec();
        for ask in &mut asks {
            let marks: Vec<bool> = names(ask).iter().map(is_chosen).collect();
            if marks.iter().filter(|mark| **mark).count() > 4 {
                return None;
            }
            for (block, mark) in ask.system.iter_mut().zip(marks) {
                block.mark = mark.then_some(Lifetime::Hour);
            }
        }
        Some(simulation::primed(&asks).with_replies)
    };
    (0..1 << shared.len()).filter_map(with).min().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// However long the prompts turn out to be, whatever is long enough to be cached then and whichever prices hold: no
    /// scenario costs more than its high end says.
    #[test]
    fn no_scenario_exceeds_its_high_end(asks in prop_oneof![uniform(), any_marks()], spread in 1u64..30) {
        let mut terms = terms();
        let one = uncertain(&asks, &terms, spread, None).plan;
        terms.cache = CacheScenario::Primed;
        let route = uncertain(&asks, &terms, spread, None).route;
        let two = uncertain(&asks, &terms, spread, route.as_ref()).plan;
        let [table, second] = [&one, &two].map(|plan| plan.cache.as_ref().unwrap());
        let high = |analysis: &CacheAnalysis, name: &str| analysis.scenarios[name].range.high().as_decimal();
        for end in [0, 1] {
            let truth = truly(&asks, spread, end);
            let waves = vec![0; asks.len()];
            prop_assert!(simulation::none(&truth).with_replies <= high(table, "none"));
            prop_assert!(simulation::cold(&truth).with_replies <= high(table, "cold"));
            prop_assert!(simulation::best(&truth, &waves).with_replies <= high(table, "best"));
            prop_assert!(simulation::cold(&truth).with_replies <= one.quote.unwrap().batch_bound.as_decimal());
            prop_assert!(high(second, "primed") <= two.quote.unwrap().batch_bound.as_decimal());
            // Who goes ahead is decided by the likely lengths, and what a first pass adds for it is at the likely prices.
            let is_below = |asks: &[Ask]| asks.iter().map(|ask| ask.prompt() <= 100_000).collect::<Vec<_>>();
            let is_decided = simulation::cached_marks(&truth) == simulation::cached_marks(&asks);
            let primed = simulation::primed(&truth).with_replies;
            prop_assert!(!is_decided || primed <= high(second, "primed"));
            prop_assert!(!is_decided || is_below(&truth) != is_below(&asks) || primed <= high(table, "primed"));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn more_hits_never_cost_more(asks in any_marks(), rates in proptest::array::uniform2(0i64..=10_000)) {
        let [few, many] = [rates[0].min(rates[1]), rates[0].max(rates[1])].map(|rate| at_rate(&asks, rate));
        prop_assert!(many <= few);
        prop_assert_eq!(at_rate(&asks, 0), usd(&analysis(&asks), "cold"));
        prop_assert!(at_rate(&asks, 10_000) <= many);
    }

    /// What a request finds, it marks or marks more: so nothing costs less than if each found all, and nothing more than
    /// if none found anything. One that goes ahead may cost more than cold, where it writes for an hour what it marks for
    /// five minutes; all others cost less.
    #[test]
    fn the_best_lies_between_all_hits_and_none(asks in any_marks(), queued in proptest::option::of(1u64..5)) {
        let mut terms = terms();
        terms.queued_requests_max = queued;
        let analysis = first(&asks, &terms).plan.cache.unwrap();
        prop_assert!(at_rate(&asks, 10_000) <= usd(&analysis, "best"));
        prop_assert!(usd(&analysis, "best") <= usd(&analysis, "cold"));
        prop_assert!(at_rate(&asks, 10_000) <= usd(&analysis, "primed"));
        prop_assert_eq!(usd(&analysis, "none"), simulation_of_none(&asks));
    }

    /// If a prefix is worth caching for one group, going ahead never costs more than no caching.
    #[test]
    fn going_ahead_pays_for_one_large_group(
        model in 0usize..4, prefix in 4_096u64..200_000, question in 0u64..5_000, us in any::<bool>(), count in 3usize..9,
    ) {
        let mut ask = Ask::new(MODELS[model], vec![marked('S', prefix, Lifetime::Hour)], block('q', question), 50);
        ask.us = us && model != 3;
        let analysis = analysis(&vec![ask; count]);
        prop_assert!(usd(&analysis, "primed") <= usd(&analysis, "none"));
        prop_assert!(count as u64 >= analysis.break_even_group_size.unwrap());
    }

    /// A request that has nothing in common with the others and no breakpoint adds what it costs, everywhere the same.
    #[test]
    fn a_stranger_changes_nothing_else(asks in any_marks(), at in any::<prop::sample::Index>(), tokens in 1u64..9_000) {
        let stranger = Ask::new("claude-sonnet-5-5", Vec::new(), block('!', tokens), 77);
        let alone = simulation::none(std::slice::from_ref(&stranger));
        let mut more = asks.clone();
        more.insert(at.index(asks.len() + 1), stranger);
        let (before, after) = (analysis(&asks), analysis(&more));
        for (name, cost) in &before.scenarios {
            let grown = cost.batch.unwrap() + Usd::from_decimal(alone.with_replies);
            if name == "advised" && !after.scenarios.contains_key("advised") {
                // Of a larger whole, the same saving may be less than a hundredth.
                let least = usd(&after, "none").min(usd(&after, "primed")).as_decimal();
                prop_assert!(grown.as_decimal() * Decimal::ONE_HUNDRED >= least * Decimal::from(99));
                continue;
            }
            prop_assert_eq!(after.scenarios[name].batch, Some(grown), "{}", name);
        }
        prop_assert!(after.scenarios.keys().all(|name| before.scenarios.contains_key(name)));
        prop_assert_eq!((before.primers, before.marked_requests), (after.primers, after.marked_requests));
    }

    /// A copy with other breakpoints costs what is advised, and where nothing is advised, no more than what can be had as
    /// it is: with one request of each group going ahead, or without caching.
    #[test]
    fn a_copy_never_costs_more(asks in prop_oneof![any_marks(), uniform()]) {
        let planned = first(&asks, &terms());
        let analysis = planned.plan.cache.as_ref().unwrap();
        let (after, _) = pass(&copied(&asks, &planned), &terms(), None, 1);
        let after = after.plan.cache.unwrap();
        let [none, primed] = ["none", "primed"].map(|name| amount(analysis, name).with_replies);
        if analysis.scenarios.contains_key("advised") {
            let advised = amount(analysis, "advised");
            prop_assert!(advised.with_replies < none.min(primed));
            prop_assert_eq!(amount(&after, "primed"), advised);
        } else {
            let [still, then] = ["none", "primed"].map(|name| amount(&after, name).with_replies);
            prop_assert!(still.min(then) <= none.min(primed));
            prop_assert!(none < primed || then <= primed, "breakpoints that pay stay");
        }
    }

    /// No other breakpoints save more than those advised, but for a hundredth.
    #[test]
    fn advice_is_the_best_that_can_be_had(asks in paths()) {
        let analysis = analysis(&asks);
        let name = if analysis.scenarios.contains_key("advised") { "advised" } else { "none" };
        let (advised, least) = (amount(&analysis, name).with_replies, least(&asks));
        prop_assert!(advised >= least, "{advised} {least}");
        prop_assert!(name == "advised" || advised * Decimal::from(99) <= least * Decimal::ONE_HUNDRED);
        prop_assert!(name == "none" || advised == least, "{advised} {least}");
    }
}

fn simulation_of_none(asks: &[Ask]) -> Usd {
    Usd::from_decimal(simulation::none(asks).with_replies)
}
