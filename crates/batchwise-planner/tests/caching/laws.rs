//! What holds for every workload.

use batchwise_plan::CacheAnalysis;
use batchwise_planner::{CacheScenario, Planned};
use batchwise_prefixes::{PrefixChain, Remarking};
use batchwise_records::Request;
use batchwise_tokens::CacheTtl;
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

/// The requests with the breakpoints that a plan advises, and no others.
fn marked_as_advised(asks: &[Ask], planned: &Planned) -> Vec<Ask> {
    let mark = |(ask, line): (&Ask, String)| {
        let request = Request::parse(line.as_bytes()).unwrap();
        let chain = PrefixChain::of(&request, &model_id(ask.model));
        let marks = planned.marking.marks(&chain);
        assert!(marks.len() <= 4 && marks.iter().all(|(_, ttl)| *ttl == CacheTtl::OneHour));
        let mut again = ask.clone();
        again.mark_again(&marks.into_iter().map(|(index, _)| index).collect::<Vec<_>>());
        again
    };
    asks.iter().zip(lines(asks)).map(mark).collect()
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

/// The same as lines of a file.
fn remarked(asks: &[Ask], planned: &Planned) -> Vec<String> {
    let remark = |(ask, line): (&Ask, String)| {
        let request = Request::parse(line.as_bytes()).unwrap();
        let wanted = planned.marking.marks(&PrefixChain::of(&request, &model_id(ask.model)));
        let remarked = Remarking { wanted: &wanted, wrap_texts: false }.of(&line, &request);
        assert_eq!(remarked.unplaced, []);
        remarked.line.into_owned()
    };
    asks.iter().zip(lines(asks)).map(remark).collect()
}

fn model_id(name: &str) -> String {
    batchwise_pricing::PriceBook::bundled().find(name).unwrap().id.clone()
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
            prop_assert_eq!(after.scenarios[name].batch, Some(grown), "{}", name);
        }
        prop_assert_eq!(before.scenarios.len(), after.scenarios.len());
        prop_assert_eq!((before.primers, before.marked_requests), (after.primers, after.marked_requests));
    }

    /// What is advised costs what a walk says that costs the requests with the breakpoints advised; it is advised where
    /// that is less than what they can have now.
    #[test]
    fn advice_is_worth_what_it_says(asks in prop_oneof![any_marks(), uniform()]) {
        let planned = first(&asks, &terms());
        let analysis = planned.plan.cache.as_ref().unwrap();
        let advised = marked_as_advised(&asks, &planned);
        let simulated = simulation::primed(&advised);
        let [none, primed] = ["none", "primed"].map(|name| amount(analysis, name).with_replies);
        let is_better = !planned.marking.is_empty() && simulated.with_replies < none.min(primed);
        prop_assert_eq!(analysis.scenarios.contains_key("advised"), is_better);
        if is_better {
            prop_assert_eq!(amount(analysis, "advised"), simulated);
            let after = first(&advised, &terms()).plan.cache.unwrap();
            prop_assert_eq!(amount(&after, "primed"), simulated, "a plan of the marked requests says so too");
            let (after, _) = pass(&remarked(&asks, &planned).join("\n"), &terms(), None, 1);
            prop_assert_eq!(amount(&after.plan.cache.unwrap(), "primed"), simulated, "and one of the lines remarked");
        }
    }
}

fn simulation_of_none(asks: &[Ask]) -> Usd {
    Usd::from_decimal(simulation::none(asks).with_replies)
}
