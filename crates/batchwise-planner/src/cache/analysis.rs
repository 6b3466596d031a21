use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};

use batchwise_findings::Finding;
use batchwise_plan::{CacheAnalysis, CacheGroup, CacheScenarioCost};
use batchwise_prefixes::{Group, Place, Writer};
use batchwise_tokens::CacheTtl;
use batchwise_units::{Estimate, Percent, SharedError, Tokens, Usd};
use rust_decimal::Decimal;

use super::Marking;
use super::advice;
use super::fate_sum::FateSum;
use super::marking::{Change, Choice, certain, choose, saved};
use super::outlook::{Outlook, Sums};
use super::price_row::PriceRow;
use crate::CacheScenario;
use crate::quoting::spanning;

/// How many groups are told.
const GROUPS_TOLD: usize = 1_000;

/// The hit rates that users of batches are documented to see, lowest and highest.
/// Source: <https://platform.claude.com/docs/en/build-with-claude/batch-processing>, read 2026-08-14.
const DOCUMENTED: [&str; 2] = ["30%", "98%"];

/// One scenario as it is told.
type Scenarios = BTreeMap<Cow<'static, str>, CacheScenarioCost>;

/// All that is known of the cache.
pub(crate) struct Insight {
    pub(crate) analysis: CacheAnalysis,
    /// Where breakpoints save most.
    pub(crate) marking: Marking,
    pub(crate) findings: Vec<Finding>,
}

/// What is known of the cache. `shared` is how much of their errors all requests share, `files` are the names of the
/// inputs.
pub(super) fn analyse(outlook: &Outlook<'_>, shared: SharedError, files: &[String]) -> Insight {
    let sums = outlook.sums();
    let (corrections, primers) = match outlook.route() {
        None => correct(outlook),
        Some(route) => ([Usd::ZERO; 3], route.primers.len() as u64),
    };
    let mut scenarios = scenarios(&sums, outlook.context.terms.cache, corrections, shared);
    let options = [false, true].map(|texts| choose(outlook, texts));
    let advised = options.each_ref().map(|chosen| advised(chosen, outlook, &scenarios));
    let amount = |cost: &CacheScenarioCost| cost.batch.unwrap_or(cost.range.high());
    let wraps = advised[1].as_ref().is_some_and(|wrapped| {
        advised[0].as_ref().is_none_or(|plain| is_clearly_less(amount(wrapped), amount(plain)))
    });
    let [plain, wrapped] = advised;
    let changes = [
        change(&options[0], plain.is_some(), outlook, &scenarios),
        change(&options[1], wrapped.is_some(), outlook, &scenarios),
    ];
    let marking = Marking::new(changes, wraps);
    let chosen = &options[usize::from(wraps)];
    if let Some(advised) = if wraps { wrapped } else { plain } {
        scenarios.insert("advised".into(), advised);
    }
    let hour = |row: &PriceRow| row.break_even_hit_rate(CacheTtl::OneHour);
    let break_even = break_even_hit_rate(&sums).or_else(|| outlook.rows.iter().filter_map(hour).max());
    let findings = advice::findings(outlook, &scenarios, chosen, break_even, files);
    let told = outlook.groups.shared();
    let analysis = CacheAnalysis {
        groups_total: told.len() as u64,
        groups_forgotten: outlook.groups.unrecorded() > 0,
        groups: groups(outlook, told),
        marked_requests: outlook.marked_requests,
        break_even_hit_rate: break_even.map(|rate| format!("{:.3}", rate.round_dp(3))),
        break_even_group_size: outlook
            .rows
            .iter()
            .filter_map(|row| row.break_even_group_size(CacheTtl::OneHour))
            .max(),
        primers,
        likely: advice::likely(&scenarios, outlook, primers, break_even),
        advice: advice::what_to_do(&scenarios, outlook, primers, wraps),
        scenarios,
    };
    Insight { analysis, marking, findings }
}

/// What the choices make of the costs, where that is clearly less than what can be had as it is.
fn advised(chosen: &[Choice<'_>], outlook: &Outlook<'_>, scenarios: &Scenarios) -> Option<CacheScenarioCost> {
    if chosen.is_empty() || forgets_marks(outlook) {
        return None;
    }
    let certain = certain(chosen, outlook);
    let advised = less(&scenarios["none"], saved(chosen, outlook), saved(&certain, outlook));
    let others = ["none", "primed"].map(|name| scenarios[name].batch);
    let is_better = match advised.batch {
        Some(advised) => others.iter().flatten().all(|other| is_clearly_less(advised, *other)),
        // Where some input has no likely size, only what nothing marks yet can be compared.
        None => outlook.marked_requests == 0,
    };
    is_better.then_some(advised)
}

/// Whether there may be marked groups of which nothing is known.
fn forgets_marks(outlook: &Outlook<'_>) -> bool {
    outlook.groups.unrecorded() > 0 && outlook.groups.marks() > 0
}

/// By more than a hundredth: less is not worth other breakpoints.
fn is_clearly_less(one: Usd, other: Usd) -> bool {
    one.as_decimal() * Decimal::ONE_HUNDRED < other.as_decimal() * Decimal::from(99)
}

/// What is to be done to the breakpoints. Never what makes the workload dearer than it can be had as it is.
fn change(chosen: &[Choice<'_>], is_advised: bool, outlook: &Outlook<'_>, scenarios: &Scenarios) -> Change {
    if is_advised {
        return Change::Replace(chosen.iter().map(|choice| choice.group.prefix).collect());
    }
    let [none, primed] = ["none", "primed"].map(|name| advice::cost(scenarios, name));
    match none < primed && !forgets_marks(outlook) {
        true => Change::Replace(HashSet::new()),
        false => Change::Live(primed_groups(outlook).map(|(group, _)| group.prefix).collect()),
    }
}

/// The groups with a breakpoint that other members read: priming writes their prefixes.
pub(super) fn primed_groups<'g>(outlook: &'g Outlook<'_>) -> impl Iterator<Item = (&'g Group, Writer)> {
    let shared = outlook.groups.shared().into_iter().filter(|group| group.marked() + group.found > 1);
    shared.filter_map(|group| Some((group, group.writer?)))
}

/// The requests that go ahead, each with the longest group that it writes first.
pub(super) fn primers<'g>(outlook: &'g Outlook<'_>) -> HashMap<Place, (&'g Group, Writer)> {
    let mut primers: HashMap<Place, (&Group, Writer)> = HashMap::new();
    for (group, writer) in primed_groups(outlook) {
        let longest = primers.entry(writer.place).or_insert((group, writer));
        if longest.0.blocks < group.blocks {
            *longest = (group, writer);
        }
    }
    primers
}

/// What the requests that go ahead cost more than in the order of the inputs: they find nothing, and write for an hour.
/// At the three ends of the sizes, and how many go ahead.
fn correct(outlook: &Outlook<'_>) -> ([Usd; 3], u64) {
    let primers = primers(outlook);
    let count = primers.len() as u64;
    let sum = |more: &mut dyn Iterator<Item = Usd>| more.fold(Usd::ZERO, |sum, more| sum + more);
    // Who goes ahead for a prefix that is too short after all pays nothing for it.
    let certain = primers.values().filter(|(group, _)| !outlook.may_be_too_short(group));
    let least = sum(&mut certain.map(|primer| more_ahead(primer, outlook, Estimate::low)));
    let ends: [fn(&Estimate<Tokens>) -> Tokens; 2] = [Estimate::likely_or_high, Estimate::high];
    let [likely, most] =
        ends.map(|end| sum(&mut primers.values().map(|primer| more_ahead(primer, outlook, end))));
    ([least, likely, most], count)
}

/// What one of them costs more, if its prefix is long enough to be cached, at an end of the sizes.
fn more_ahead(
    (group, writer): &(&Group, Writer),
    outlook: &Outlook<'_>,
    end: impl Fn(&Estimate<Tokens>) -> Tokens,
) -> Usd {
    let rates = &outlook.row(writer.sort).rates;
    let [prefix, hour, found] = [group.tokens, writer.hour, writer.found].map(|size| end(&size));
    let (five, one) = (rates.cache_write_5m, rates.cache_write_1h);
    // What is written for an hour with and without going ahead; the rest is written for five minutes.
    let (with, without) = (hour.max(prefix), hour.max(found));
    one * (with + found) + five * without - (rates.cache_read * found + one * without + five * with)
}

fn scenarios(sums: &Sums, given: CacheScenario, corrections: [Usd; 3], shared: SharedError) -> Scenarios {
    let plain = |sum: &FateSum, meaning: &'static str| CacheScenarioCost {
        batch: sum.at_cap(),
        range: sum.range(shared),
        meaning: meaning.into(),
    };
    let mut scenarios = Scenarios::new();
    let cold = "nothing is found: every request writes all that it marks";
    scenarios
        .insert("none".into(), plain(&sums.none, "no caching: breakpoints are ignored, or there are none"));
    scenarios.insert("cold".into(), plain(&sums.cold, cold));
    let best = "one request of each group and wave writes, its reply begins before the others are looked at, and they read";
    scenarios.insert("best".into(), plain(&sums.best, best));
    let primed = "one request of each group goes ahead in a batch of its own and writes for an hour; when that has ended, the \
                  others read";
    scenarios.insert("primed".into(), add(&plain(&sums.primed, primed), corrections));
    let given = match given {
        CacheScenario::HitRate(rate) if rate != Percent::ZERO => Some(rate),
        _ => None,
    };
    let documented = DOCUMENTED.map(|rate| Percent::parse(rate).expect("a percentage"));
    let best = scenarios["best"].range.high();
    // In small groups not so many can find anything.
    let documented = documented.map(|rate| (rate, at_rate(sums, rate, shared)));
    let possible = documented.into_iter().filter(|(_, cost)| cost.range.high() >= best);
    scenarios.extend(possible.map(|(rate, cost)| (rate.to_string().into(), cost)));
    scenarios.extend(given.map(|rate| (rate.to_string().into(), at_rate(sums, rate, shared))));
    scenarios
}

fn at_rate(sums: &Sums, rate: Percent, shared: SharedError) -> CacheScenarioCost {
    let (warm, cold) = (sums.warm.range(shared), sums.cold.range(shared));
    let mix = |warm: Usd, cold: Usd| warm * rate + cold * rate.complement();
    let likely = warm.likely().zip(cold.likely()).map(|(warm, cold)| mix(warm, cold));
    CacheScenarioCost {
        batch: sums.warm.at_cap().zip(sums.cold.at_cap()).map(|(warm, cold)| mix(warm, cold)),
        range: spanning(mix(warm.low(), cold.low()), likely, mix(warm.high(), cold.high())),
        meaning: format!("{rate} of the requests read all that they mark, the others write it").into(),
    }
}

/// With so much more at each end. Sizes of a group span those of its members, so that less than nothing may be left.
fn add(cost: &CacheScenarioCost, [low, likely, high]: [Usd; 3]) -> CacheScenarioCost {
    let range = cost.range;
    CacheScenarioCost {
        batch: cost.batch.map(|batch| (batch + likely).max(Usd::ZERO)),
        range: spanning(
            (range.low() + low).max(Usd::ZERO),
            range.likely().map(|usd| (usd + likely).max(Usd::ZERO)),
            (range.high() + high).max(Usd::ZERO),
        ),
        meaning: cost.meaning.clone(),
    }
}

/// What other breakpoints would make of it. The range is moved by what is saved at the likely sizes: what the sizes may
/// err is in it already; its high end only by what is saved for `certain`, as prefixes may be too short to be cached after
/// all. Where the low end has other prices, so that less than nothing would be left, it is scaled.
fn less(none: &CacheScenarioCost, saved: Option<Usd>, certain: Option<Usd>) -> CacheScenarioCost {
    let [saved, certain] = [saved, certain].map(|saved| saved.unwrap_or(Usd::ZERO));
    let moved = |usd: Usd| usd - saved;
    let batch = none.batch.map(moved);
    let scaled = |usd: Usd| match none.batch.zip(batch).filter(|(none, _)| *none > Usd::ZERO) {
        Some((none, batch)) => {
            Usd::from_decimal((usd.as_decimal() * (batch.as_decimal() / none.as_decimal())).round_dp(12))
        }
        None => usd,
    };
    let low = none.range.low();
    let low = if saved < low { moved(low) } else { scaled(low) };
    CacheScenarioCost {
        batch,
        range: spanning(low, none.range.likely().map(moved), none.range.high() - certain),
        meaning: "breakpoints of an hour where they pay and no others (--fix FILE), and one request of each group goes \
                  ahead"
            .into(),
    }
}

/// (cold - none) / (cold - warm): the costs fall in a line from no hits to all.
fn break_even_hit_rate(sums: &Sums) -> Option<Decimal> {
    let [none, cold, warm] = [&sums.none, &sums.cold, &sums.warm].map(FateSum::at_cap);
    let [none, cold, warm] = [none?, cold?, warm?].map(Usd::as_decimal);
    (warm < cold).then(|| ((cold - none) / (cold - warm)).max(Decimal::ZERO))
}

/// Those that hold most first; equal ones in the order of the inputs.
fn groups(outlook: &Outlook<'_>, mut shared: Vec<&Group>) -> Vec<CacheGroup> {
    shared.sort_by_key(|group| std::cmp::Reverse(group.held()));
    shared.truncate(GROUPS_TOLD);
    let told = |group: &Group| {
        let row = outlook.row_of(group);
        let size = group.tokens.likely_or_high();
        CacheGroup {
            model: row.model.clone(),
            prefix_tokens: group.tokens,
            members: group.members,
            ttl: match (group.marked_1h, group.marked_5m) {
                (0, 0) => None,
                (0, _) => Some("5m".into()),
                _ => Some("1h".into()),
            },
            marked: group.marked() > 0,
            users: group.marked() + group.found,
            minimum_tokens: row.minimum,
            cacheable: row.minimum.is_some_and(|minimum| size >= minimum),
            batches: group.batches.count(),
            waves: group.waves.count(),
            input: group.first.input,
            first_line: group.first.line,
            field: group.at.path().to_string(),
            complete: group.is_complete,
        }
    };
    shared.into_iter().map(told).collect()
}
