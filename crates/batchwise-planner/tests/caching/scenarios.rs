//! The scenarios of a plan cost what the simulation says, to the last digit.

use batchwise_plan::Plan;
use batchwise_planner::{CacheScenario, Planned, Terms};
use batchwise_units::Percent;
use proptest::prelude::*;
use rust_decimal::Decimal;

use crate::asks::{Ask, lines};
use crate::planning::{amount, both, decimal, first, pass, terms};
use crate::simulation::{self, Amount};
use crate::workloads::{any_marks, uniform};

/// The waves of the requests, in their order, by where the slices stand in the file.
pub(crate) fn waves(plan: &Plan, asks: &[Ask]) -> Vec<u32> {
    let mut start = 0;
    let starts = lines(asks).into_iter().map(|line| {
        let own = start;
        start += line.len() as u64 + 1;
        own
    });
    let wave = |start: u64| {
        let holds = |batch: &&batchwise_plan::Batch| {
            batch.slices.iter().any(|slice| (slice.start..slice.end).contains(&start))
        };
        plan.batches.iter().find(holds).expect("each request is in a batch").wave
    };
    starts.collect::<Vec<_>>().into_iter().map(wave).collect()
}

fn some_terms() -> impl Strategy<Value = Terms> {
    (proptest::option::of(1u64..6), 1u64..6, 0u16..=10_000).prop_map(|(queued, requests_max, rate)| {
        let mut terms = terms();
        terms.queued_requests_max = queued;
        terms.limits.requests_max = requests_max;
        terms.cache = CacheScenario::HitRate(percent(rate));
        terms
    })
}

/// Of hundredths of a percent.
fn percent(hundredths: u16) -> Percent {
    Percent::parse(&Decimal::new(i64::from(hundredths), 2).to_string()).unwrap()
}

/// The scenarios in which it does not matter who goes first, and the one of one wave.
fn check(planned: &Planned, asks: &[Ask], rate: Percent) -> Result<(), TestCaseError> {
    let analysis = planned.plan.cache.as_ref().unwrap();
    let is = |name: &str, simulated: Amount| {
        prop_assert_eq!(amount(analysis, name), simulated, "{}", name);
        Ok(())
    };
    is("none", simulation::none(asks))?;
    is("cold", simulation::cold(asks))?;
    for documented in ["30%", "98%"] {
        let simulated = simulation::hits(asks, decimal(documented.trim_end_matches('%')));
        match analysis.scenarios.contains_key(documented) {
            true => is(documented, simulated)?,
            false => prop_assert!(
                simulated.with_replies < amount(analysis, "best").with_replies,
                "so many cannot hit"
            ),
        }
    }
    if rate != Percent::ZERO {
        is(&rate.to_string(), simulation::hits(asks, rate.as_fraction() * Decimal::ONE_HUNDRED))?;
    }
    is("best", simulation::best(asks, &waves(&planned.plan, asks)))
}

/// What the plan says that it costs under its own terms is what the table says.
fn check_quote(planned: &Planned, low: &str, high: &str) -> Result<(), TestCaseError> {
    let (quote, analysis) = (planned.plan.quote.unwrap(), planned.plan.cache.as_ref().unwrap());
    prop_assert_eq!(quote.batch_cached.low(), analysis.scenarios[low].range.low());
    prop_assert_eq!(quote.batch_cached.high(), analysis.scenarios[high].range.high());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn each_scenario_costs_what_a_walk_with_a_cache_costs(asks in uniform(), terms in some_terms()) {
        let planned = first(&asks, &terms);
        let CacheScenario::HitRate(rate) = terms.cache else { unreachable!() };
        check(&planned, &asks, rate)?;
        let (analysis, simulated) = (planned.plan.cache.as_ref().unwrap(), simulation::primed(&asks));
        prop_assert_eq!(analysis.primers, simulation::ahead(&asks).len() as u64);
        match simulation::is_orderly(&asks) {
            true => prop_assert_eq!(amount(analysis, "primed"), simulated),
            false => prop_assert!(amount(analysis, "primed").with_replies >= simulated.with_replies),
        }
    }

    #[test]
    fn no_breakpoints_promise_too_much(asks in any_marks(), terms in some_terms()) {
        let planned = first(&asks, &terms);
        let CacheScenario::HitRate(rate) = terms.cache else { unreachable!() };
        check(&planned, &asks, rate)?;
        let (analysis, simulated) = (planned.plan.cache.as_ref().unwrap(), simulation::primed(&asks));
        prop_assert_eq!(analysis.primers, simulation::ahead(&asks).len() as u64);
        prop_assert!(amount(analysis, "primed").with_replies >= simulated.with_replies);
    }

    #[test]
    fn a_second_pass_says_what_the_first_said(asks in any_marks(), mut terms in some_terms(), group in any::<bool>()) {
        terms.cache = CacheScenario::Primed;
        terms.group_by_prefix = group;
        let one = first(&asks, &terms);
        let text = lines(&asks).join("\n");
        let (two, _) = pass(&text, &terms, one.route.as_ref(), 1);
        check(&two, &asks, Percent::ZERO)?;
        check_quote(&two, "primed", "primed")?;
        let [said, says] = [&one, &two].map(|planned| amount(planned.plan.cache.as_ref().unwrap(), "primed"));
        let simulated = simulation::primed(&asks);
        match simulation::is_orderly(&asks) {
            true => prop_assert_eq!((said, says), (simulated, simulated)),
            false => {
                prop_assert!(said.with_replies >= says.with_replies, "the first pass is the more careful one");
                prop_assert!(says.with_replies >= simulated.with_replies);
            }
        }
    }

    #[test]
    fn uniform_breakpoints_cost_the_same_in_both_passes(asks in uniform(), mut terms in some_terms()) {
        prop_assume!(simulation::is_orderly(&asks));
        terms.cache = CacheScenario::Primed;
        let [said, says] = [first(&asks, &terms), both(&asks, &terms)]
            .map(|planned| amount(planned.plan.cache.as_ref().unwrap(), "primed"));
        prop_assert_eq!(said, says);
        prop_assert_eq!(says, simulation::primed(&asks));
    }

    #[test]
    fn the_quote_is_that_of_its_scenario(asks in any_marks(), mut terms in some_terms()) {
        let CacheScenario::HitRate(rate) = terms.cache else { unreachable!() };
        let given = if rate == Percent::ZERO { "cold".to_owned() } else { rate.to_string() };
        check_quote(&first(&asks, &terms), &given, &given)?;
        for (scenario, low, high) in [
            (CacheScenario::Bounds, "best", "cold"),
            (CacheScenario::Ignored, "none", "none"),
            (CacheScenario::Best, "best", "best"),
        ] {
            terms.cache = scenario;
            check_quote(&first(&asks, &terms), low, high)?;
        }
    }
}
