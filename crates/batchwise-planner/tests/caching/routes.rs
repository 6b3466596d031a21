//! Where requests go: every one into one batch, those that go ahead into waves of their own, groups together.

use std::collections::{BTreeMap, BTreeSet};

use batchwise_plan::{Batch, Fingerprint, Plan};
use batchwise_planner::{CacheScenario, Planned, Terms};
use batchwise_units::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::asks::{Ask, Block, Lifetime, block, lines, marked};
use crate::planning::{both, pass, terms};
use crate::simulation;
use crate::workloads::{any_marks, uniform};

fn within(start: u64, end: u64) -> std::ops::Range<usize> {
    usize::try_from(start).unwrap()..usize::try_from(end).unwrap()
}

/// The lines of a batch, by its slices.
fn held<'t>(batch: &Batch, text: &'t str) -> Vec<&'t str> {
    let slices = batch.slices.iter().map(|slice| &text[within(slice.start, slice.end)]);
    let lines = slices.flat_map(|slice| slice.split('\n'));
    lines.map(|line| line.trim_end_matches('\r')).filter(|line| !line.trim().is_empty()).collect()
}

/// Which requests a batch holds, by their numbers.
fn members(batch: &Batch, text: &str) -> Vec<usize> {
    let id = |line: &str| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        line["custom_id"].as_str().unwrap()[1..].parse().unwrap()
    };
    held(batch, text).into_iter().map(id).collect()
}

fn check_bodies(plan: &Plan, text: &str, terms: &Terms) -> Result<(), TestCaseError> {
    for batch in &plan.batches {
        let body = format!("{{\"requests\":[{}]}}", held(batch, text).join(","));
        prop_assert_eq!(batch.body_bytes, Bytes::of(body.as_bytes()));
        prop_assert_eq!(batch.body_sha256, Fingerprint::of(body.as_bytes()));
        prop_assert!(batch.body_bytes <= terms.limits.body_bytes_max);
        prop_assert!((1..=terms.limits.requests_max).contains(&batch.requests));
        prop_assert_eq!(batch.requests, held(batch, text).len() as u64);
    }
    let quotes = plan.batches.iter().map(|batch| batch.quote.unwrap()).chain(plan.quote);
    for quote in quotes {
        prop_assert!(quote.batch.high().max(quote.batch_cached.high()) <= quote.batch_bound, "{:?}", quote);
    }
    Ok(())
}

/// Every byte is in exactly one slice, or blank.
fn check_tiling(plan: &Plan, text: &str) -> Result<(), TestCaseError> {
    let mut covered = vec![0; text.len()];
    for slice in plan.batches.iter().flat_map(|batch| &batch.slices) {
        covered[within(slice.start, slice.end)].iter_mut().for_each(|count| *count += 1);
        let line = text[..within(0, slice.start).end].matches('\n').count() as u64 + 1;
        prop_assert_eq!(slice.first_line, line);
    }
    let wrong = text
        .bytes()
        .zip(&covered)
        .find(|(byte, count)| **count > 1 || (**count == 0 && !byte.is_ascii_whitespace()));
    prop_assert_eq!(wrong, None);
    Ok(())
}

fn check_waves(plan: &Plan, text: &str, terms: &Terms) -> Result<(), TestCaseError> {
    let order: Vec<u32> = plan.batches.iter().map(|batch| batch.wave).collect();
    prop_assert!(order.is_sorted());
    let told: Vec<u32> = plan.waves.iter().map(|wave| wave.wave).collect();
    prop_assert_eq!(told, (0..=order[order.len() - 1]).collect::<Vec<_>>());
    for wave in &plan.waves {
        let batches: Vec<&Batch> = plan.batches.iter().filter(|batch| batch.wave == wave.wave).collect();
        let requests = batches.iter().map(|batch| held(batch, text).len() as u64).sum::<u64>();
        prop_assert_eq!((wave.batches, wave.requests), (batches.len() as u64, requests));
        prop_assert!(terms.queued_requests_max.is_none_or(|max| requests <= max));
        prop_assert_eq!(wave.wave == 0, wave.waits_for == "nothing");
    }
    Ok(())
}

/// Those that go ahead fill the first waves, and nobody else is in them.
fn check_ahead(plan: &Plan, text: &str, asks: &[Ask], terms: &Terms) -> Result<(), TestCaseError> {
    let ahead: BTreeSet<usize> = simulation::ahead(asks).into_keys().collect();
    let queued = terms.queued_requests_max.unwrap_or(u64::MAX);
    let waves = (ahead.len() as u64).div_ceil(queued);
    let first = plan.batches.iter().filter(|batch| u64::from(batch.wave) < waves);
    prop_assert_eq!(first.flat_map(|batch| members(batch, text)).collect::<BTreeSet<_>>(), ahead);
    let next = plan.waves.iter().find(|wave| waves > 0 && u64::from(wave.wave) == waves);
    prop_assert!(next.is_none_or(|next| next.waits_for.contains("can be read")), "{:?}", next);
    Ok(())
}

fn some_terms() -> impl Strategy<Value = Terms> {
    let limits = (1u64..6, select(vec![4_000u64, 6_000, 256_000_000]), proptest::option::of(1u64..7));
    (limits, any::<bool>(), any::<bool>()).prop_map(|((requests_max, body, queued), primed, group)| {
        let mut terms = terms();
        terms.limits.requests_max = requests_max;
        terms.limits.body_bytes_max = Bytes(body);
        terms.queued_requests_max = queued;
        terms.group_by_prefix = group;
        terms.cache = if primed { CacheScenario::Primed } else { CacheScenario::Bounds };
        terms
    })
}

/// A file of these requests, with odd ends of lines.
fn file(asks: &[Ask], ends: &[&str]) -> String {
    lines(asks).iter().zip(ends.iter().cycle()).map(|(line, end)| format!("{line}{end}")).collect()
}

fn ends() -> impl Strategy<Value = Vec<&'static str>> {
    vec(select(vec!["\n", "\n", "\r\n", "\n\n", "\n \t\r\n"]), 1..13)
}

fn two_passes(text: &str, terms: &Terms, threads: usize) -> Planned {
    let (first, _) = pass(text, terms, None, threads);
    match &first.route {
        None => first,
        Some(route) => pass(text, terms, Some(route), threads).0,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn every_request_goes_into_one_batch(
        asks in prop_oneof![uniform(), any_marks()], terms in some_terms(), ends in ends(), threads in 2usize..5,
    ) {
        let text = file(&asks, &ends);
        let plan = two_passes(&text, &terms, threads).plan;
        let mut all: Vec<usize> = plan.batches.iter().flat_map(|batch| members(batch, &text)).collect();
        prop_assert!(plan.batches.iter().all(|batch| members(batch, &text).is_sorted()), "in the order of the input");
        all.sort_unstable();
        prop_assert_eq!(all, (0..asks.len()).collect::<Vec<_>>());
        check_bodies(&plan, &text, &terms)?;
        check_tiling(&plan, &text)?;
        check_waves(&plan, &text, &terms)?;
        if terms.cache == CacheScenario::Primed {
            check_ahead(&plan, &text, &asks, &terms)?;
        }
        let alone = two_passes(&text, &terms, 1).plan;
        prop_assert_eq!(&plan, &alone, "the number of threads changes nothing");
    }

    /// The fewest waves that hold those that go ahead and then the others.
    #[test]
    fn no_wave_is_wasted(asks in uniform(), mut terms in some_terms(), queued in 1u64..7) {
        prop_assume!(simulation::is_orderly(&asks));
        terms.queued_requests_max = Some(queued);
        let ahead = match terms.cache {
            CacheScenario::Primed => simulation::ahead(&asks).len() as u64,
            _ => 0,
        };
        let others = asks.len() as u64 - ahead;
        let plan = both(&asks, &terms).plan;
        prop_assert_eq!(plan.waves.len() as u64, ahead.div_ceil(queued) + others.div_ceil(queued));
    }
}

/// Requests of some groups, some of which have groups within them.
fn grouped() -> impl Strategy<Value = Vec<Ask>> {
    let ask = (select(vec!['A', 'B', 'C', 'D']), proptest::option::of(select(vec!['P', 'Q'])), 1u64..2_000);
    let asks = (vec(ask, 1..16), any::<bool>());
    asks.prop_map(|(asks, nested)| {
        let one = |(number, (outer, inner, question)): (usize, (char, Option<char>, u64))| {
            let mut system = vec![marked(outer, 2_000, Lifetime::Hour)];
            system.extend(inner.filter(|_| nested).map(|inner| marked(inner, 1_000, Lifetime::Hour)));
            let question = block(char::from(b'a' + u8::try_from(number).unwrap()), question);
            Ask::new("claude-opus-5-5", system, question, 10)
        };
        asks.into_iter().enumerate().map(one).collect()
    })
}

/// The requests by the longest system prompt that they mark and share with others.
fn homes(asks: &[Ask]) -> BTreeMap<String, Vec<usize>> {
    let marks = |ask: &Ask| ask.beginnings()[..ask.system.len()].to_vec();
    let mut homes: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (who, ask) in asks.iter().enumerate() {
        let is_shared =
            |beginning: &&String| asks.iter().filter(|ask| marks(ask).contains(beginning)).count() > 1;
        if let Some(home) = marks(ask).iter().rfind(is_shared) {
            homes.entry(home.clone()).or_default().push(who);
        }
    }
    homes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn groups_that_fit_a_batch_stay_together(
        asks in grouped(), requests_max in 1u64..9, body in 1_000u64..4_000, primed in any::<bool>(),
    ) {
        let mut terms = terms();
        terms.group_by_prefix = true;
        terms.limits.requests_max = requests_max;
        let nested = asks.iter().any(|ask| ask.system.len() > 1);
        if !nested {
            terms.limits.body_bytes_max = Bytes(body);
        }
        if primed {
            terms.cache = CacheScenario::Primed;
        }
        let (text, all) = (lines(&asks).join("\n"), lines(&asks));
        let plan = both(&asks, &terms).plan;
        let ahead = if primed { simulation::ahead(&asks) } else { BTreeMap::new() };
        for (home, who) in homes(&asks) {
            let bytes = 15 + who.iter().map(|who| all[*who].len() as u64 + 1).sum::<u64>() - 1;
            if who.len() as u64 > requests_max || bytes > terms.limits.body_bytes_max.0 {
                continue;
            }
            let others: Vec<usize> = who.into_iter().filter(|who| !ahead.contains_key(who)).collect();
            let batches = plan.batches.iter().filter(|batch| members(batch, &text).iter().any(|one| others.contains(one)));
            prop_assert!(batches.count() <= 1, "{home} {others:?}");
        }
    }
}

/// Two groups whose requests alternate, each as large as a wave: each has its own.
#[test]
fn groups_that_fill_a_wave_have_it_to_themselves() {
    let ask = |number: u8| {
        let system = vec![marked(if number.is_multiple_of(2) { 'A' } else { 'B' }, 2_000, Lifetime::Hour)];
        Ask::new("claude-opus-5-5", system, block(char::from(b'a' + number), 10), 10)
    };
    let asks: Vec<Ask> = (0..8).map(ask).collect();
    let mut terms = terms();
    terms.group_by_prefix = true;
    terms.queued_requests_max = Some(4);
    let plan = both(&asks, &terms).plan;
    let text = lines(&asks).join("\n");
    let found: Vec<(u32, Vec<usize>)> =
        plan.batches.iter().map(|batch| (batch.wave, members(batch, &text))).collect();
    assert_eq!(found, [(0, vec![0, 2, 4, 6]), (1, vec![1, 3, 5, 7])]);
    let waves: Vec<u64> = plan.cache.unwrap().groups.iter().map(|group| group.waves).collect();
    assert_eq!(waves, [1, 1]);
}

/// The first request shares with the others what it does not mark itself, so a place is kept for it where it does not go.
#[test]
fn waves_are_counted_without_gaps() {
    let ask = |last: Option<char>| {
        let mut ask = Ask::new(
            "claude-opus-5-5",
            vec![marked('S', 2_000, Lifetime::Hour)],
            Block { mark: last.is_none().then_some(Lifetime::Hour), ..block('m', 1_000) },
            10,
        );
        if let Some(letter) = last {
            ask.messages.push(vec![block(letter, 10)]);
            ask.automatic = Some(Lifetime::Hour);
        }
        ask
    };
    let asks = [ask(Some('x')), ask(None), ask(None)];
    let mut terms = terms();
    terms.group_by_prefix = true;
    terms.queued_requests_max = Some(1);
    let plan = both(&asks, &terms).plan;
    assert_eq!(plan.waves.iter().map(|wave| wave.wave).collect::<Vec<_>>(), [0, 1, 2]);
    check_waves(&plan, &lines(&asks).join("\n"), &terms).unwrap();
}
