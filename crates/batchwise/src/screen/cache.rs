use batchwise_plan::{CacheAnalysis, CacheGroup, CacheScenarioCost, Plan};
use batchwise_units::{Usd, dollars, grouped, requests};

use super::lines::wrapped;
use super::{Table, harmless};

/// How many groups are listed.
const GROUPS_LISTED: usize = 5;

/// What the cache may do, in dollars, and what to do about it.
pub(super) fn cache(plan: &Plan, places: u32) -> String {
    let Some(cache) = plan.cache.as_ref().filter(|cache| matters(cache)) else { return String::new() };
    let sections = [
        "Cache\n".to_owned(),
        wrapped(&harmless(&cache.advice), "  "),
        table(cache, places),
        wrapped(&format!("likely: {}", harmless(&cache.likely)), "  "),
        break_even(cache),
        groups(plan, cache),
    ];
    sections.concat()
}

/// Whether there is anything to say: something is marked, or shared and long enough.
fn matters(cache: &CacheAnalysis) -> bool {
    cache.marked_requests > 0 || cache.groups.iter().any(|group| group.cacheable || group.marked)
}

/// The scenarios in the order of their costs in most workloads.
fn table(cache: &CacheAnalysis, places: u32) -> String {
    if cache.marked_requests == 0 && !cache.scenarios.contains_key("advised") {
        return String::new();
    }
    let none = cache.scenarios.get("none");
    let expects = none.is_some_and(|none| none.range.likely().is_some());
    let middle: fn(&CacheScenarioCost) -> Option<Usd> =
        if expects { |cost| cost.range.likely() } else { |cost| cost.batch };
    let mut table = Table::new(1);
    let header = if expects { "likely" } else { "likely input" };
    table.row(["USD", "low", header, "high", "against none"]);
    let mut meanings = String::new();
    for name in names(cache) {
        let cost = &cache.scenarios[&name[..]];
        table.row(row(&name, cost, middle(cost), none.and_then(middle), places));
        meanings.push_str(&wrapped(&format!("{name}: {}", harmless(&cost.meaning)), "    "));
    }
    let note = match expects {
        true => "low, likely and high as above; those of hit rates may be wider than with --cache N%",
        false => {
            "likely input: with every reply as long as its `max_tokens`; low and high as above, those of hit rates perhaps wider \
             than with --cache N%"
        }
    };
    table.draw(2) + &wrapped(note, "    ") + &meanings
}

fn names(cache: &CacheAnalysis) -> Vec<String> {
    let is_rate = |name: &&str| name.ends_with('%');
    let all = || cache.scenarios.keys().map(AsRef::as_ref);
    let mut rates: Vec<&str> = all().filter(is_rate).collect();
    rates.sort_by_key(|rate| std::cmp::Reverse(cache.scenarios[*rate].range.high()));
    let known = |names: &'static [&'static str]| {
        names.iter().copied().filter(|name| cache.scenarios.contains_key(*name))
    };
    let first = known(&["none"]).chain(known(&["cold"]).filter(|_| cache.marked_requests > 0));
    let rates = rates.into_iter().filter(|_| cache.marked_requests > 0);
    let others = known(&["best", "primed"]).filter(|_| cache.marked_requests > 0);
    let names = first.chain(rates).chain(others).chain(known(&["advised"]));
    names.map(str::to_owned).collect()
}

/// A scenario with the amount in the middle, which is compared with that of no caching.
fn row(
    name: &str,
    cost: &CacheScenarioCost,
    middle: Option<Usd>,
    none: Option<Usd>,
    places: u32,
) -> [String; 5] {
    let amount = |usd: Option<Usd>| usd.map_or("-".to_owned(), |usd| dollars(usd, places));
    let percent = none.zip(middle).and_then(|(none, usd)| (usd - none).percent_of(none));
    [
        name.to_owned(),
        amount(Some(cost.range.low())),
        amount(middle),
        amount(Some(cost.range.high())),
        if name == "none" {
            String::new()
        } else {
            percent.map_or("-".to_owned(), |percent| signed(&percent))
        },
    ]
}

fn signed(percent: &str) -> String {
    if percent.starts_with('-') { format!("{percent}%") } else { format!("+{percent}%") }
}

fn break_even(cache: &CacheAnalysis) -> String {
    let rate = cache.break_even_hit_rate.as_ref().map(|rate| format!("a hit rate of {}", harmless(rate)));
    let size = cache
        .break_even_group_size
        .map(|size| format!("groups of {size} requests, where one writes for an hour and the others read"));
    let parts: Vec<String> = rate.into_iter().chain(size).collect();
    if parts.is_empty() || cache.marked_requests == 0 && !cache.scenarios.contains_key("advised") {
        String::new()
    } else {
        wrapped(&format!("pays from: {}", parts.join("; ")), "  ")
    }
}

fn groups(plan: &Plan, cache: &CacheAnalysis) -> String {
    let long: Vec<&CacheGroup> =
        cache.groups.iter().filter(|group| group.cacheable || group.marked).collect();
    let mut text = String::new();
    for group in long.iter().take(GROUPS_LISTED) {
        text.push_str(&wrapped(&group_line(plan, group), "  "));
    }
    let told = cache.groups.len() as u64;
    let more = (long.len().saturating_sub(GROUPS_LISTED)) as u64 + cache.groups_total.saturating_sub(told);
    if more > 0 {
        let most = if cache.groups_total > told {
            format!("the first {}", grouped(told))
        } else {
            "them".to_owned()
        };
        text.push_str(&format!(
            "  … and {} more shared prefixes; --format json lists {most}\n",
            grouped(more)
        ));
    }
    if cache.groups_forgotten {
        text.push_str("  More prefixes are shared than are remembered: what those save is in no figure.\n");
    }
    text
}

fn group_line(plan: &Plan, group: &CacheGroup) -> String {
    let tokens = match group.prefix_tokens.likely() {
        Some(likely) => grouped(likely.0),
        None => format!("up to {}", grouped(group.prefix_tokens.high().0)),
    };
    let ttl = match &group.ttl {
        Some(ttl) => format!("marked for {}", harmless(ttl)),
        None => "not marked".to_owned(),
    };
    let file = if plan.inputs.len() > 1 { format!("file {}, ", group.input + 1) } else { String::new() };
    let spread = match (group.batches, group.waves) {
        (1, _) => String::new(),
        (batches, 1) => format!(", in {} batches", grouped(batches)),
        (batches, waves) => format!(", in {} batches of {} waves", grouped(batches), grouped(waves)),
    };
    let short = match (group.cacheable, group.minimum_tokens) {
        (true, _) => String::new(),
        (false, Some(minimum)) => format!(", too short to be cached (the least is {})", grouped(minimum.0)),
        (false, None) => ", of a model that caches nothing".to_owned(),
    };
    let more = if group.complete { "" } else { " or more" };
    format!(
        "shared: {} tokens by {}{more} of {}, {ttl}{short}{spread}: up to {} (from {file}line {} on)",
        tokens,
        requests(group.members),
        harmless(&group.model),
        harmless(&group.field),
        grouped(group.first_line)
    )
}
