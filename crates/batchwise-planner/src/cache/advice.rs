//! What the analysis comes to, in sentences.

use std::borrow::Cow;
use std::collections::BTreeMap;

use batchwise_findings::{Finding, Reference, Rule};
use batchwise_plan::CacheScenarioCost;
use batchwise_prefixes::{BlockPlace, Group, NearRepeat};
use batchwise_tokens::CacheTtl;
use batchwise_units::{Percent, Tokens, Usd, dollars, grouped, places, requests as many};
use rust_decimal::Decimal;

use super::analysis::primed_groups;
use super::marking::{Choice, times};
use super::outlook::Outlook;
use super::price_row::PriceRow;
use crate::{CacheScenario, Context, model_traits};

type Scenarios = BTreeMap<Cow<'static, str>, CacheScenarioCost>;

/// How many prefixes are told one by one.
const PREFIXES_TOLD: usize = 5;

/// What a scenario costs: with replies as long as expected, else with the longest and the likely input, else at its high
/// end.
pub(super) fn cost(scenarios: &Scenarios, name: &str) -> Usd {
    let cost = &scenarios[name];
    cost.range.likely().or(cost.batch).unwrap_or(cost.range.high())
}

fn shown(usd: Usd) -> String {
    dollars(usd, places([usd].into_iter()))
}

fn shown_alike<const N: usize>(amounts: [Usd; N]) -> [String; N] {
    let places = places(amounts.into_iter());
    amounts.map(|usd| dollars(usd, places))
}

/// Which scenario is likely, and why.
pub(super) fn likely(
    scenarios: &Scenarios,
    outlook: &Outlook<'_>,
    primers: u64,
    break_even: Option<Decimal>,
) -> String {
    if outlook.marked_requests == 0 {
        return "none, as no request has a breakpoint behind a prefix that is long enough to be cached"
            .to_owned();
    }
    if primers == 0 {
        return "cold, as no two requests share a prefix that is marked, so each writes its own and reads nothing"
            .to_owned();
    }
    if outlook.route().is_some() {
        return "primed, as what the requests of the first wave write is there for the others, unless it expires".to_owned();
    }
    let best = cost(scenarios, "best");
    let at = |rate: &str| if scenarios.contains_key(rate) { cost(scenarios, rate).max(best) } else { best };
    let [many, few, cold] = shown_alike([at("98%"), at("30%"), cost(scenarios, "cold")]);
    if !scenarios.contains_key("30%") {
        return format!(
            "{many} to {cold}, from best to cold: these groups are too small for the 30% to 98% hits that users of batches \
             are documented to see"
        );
    }
    let even = break_even.map(|rate| {
        let percent = (rate * Decimal::ONE_HUNDRED).round_dp(1);
        format!("; below {percent}% caching costs more than none")
    });
    format!(
        "{few} to {many}, as users of batches are documented to see 30% to 98% hits{}; a batch whose requests start together \
         may find nothing: {cold}{}",
        if scenarios.contains_key("98%") { "" } else { ", and these groups are too small for 98%" },
        even.unwrap_or_default()
    )
}

/// The one sentence. `wraps` tells whether the advised breakpoints need texts to become blocks.
pub(super) fn what_to_do(scenarios: &Scenarios, outlook: &Outlook<'_>, primers: u64, wraps: bool) -> String {
    let [none, cold, best, primed] = ["none", "cold", "best", "primed"].map(|name| cost(scenarios, name));
    if let Some(advised) = scenarios.get("advised").map(|_| cost(scenarios, "advised")) {
        let [advised, none, cold, primed] = shown_alike([advised, none, cold, primed]);
        let otherwise = match outlook.marked_requests {
            0 => format!("{none} without caching"),
            _ if primers > 0 => {
                format!(
                    "{primed} if that is done with the breakpoints that are there, and {none} without caching"
                )
            }
            _ => format!("{none} without caching and up to {cold} as it is"),
        };
        return format!(
            "Mark what is shared (--fix FILE{}) and let one request of each group go ahead (--cache primed): {advised}, \
             against {otherwise}.",
            if wraps { " --wrap-texts" } else { "" }
        );
    }
    if outlook.marked_requests == 0 {
        return "Caching saves nothing here: no prefix that several requests share is long enough."
            .to_owned();
    }
    if primers == 0 {
        let [none, cold] = shown_alike([none, cold]);
        return format!(
            "Send it without breakpoints, for {none}: no two requests share what they mark, so caching can only add to it, \
             up to {cold}."
        );
    }
    let least = none.min(primed);
    let [none_shown, cold, best, primed_shown] = shown_alike([none, cold, best, primed]);
    match least == none && primed > none {
        true => format!(
            "Send it without breakpoints, for {none_shown}: too few requests share what they mark; with them it costs \
             {best} to {cold}, and {primed_shown} with one request of each group going ahead."
        ),
        false if outlook.route().is_some() => format!(
            "One request of each group goes ahead, {} in all: {primed_shown}, against {none_shown} without caching.",
            grouped(primers)
        ),
        false if primed_groups(outlook).any(|(_, writer)| writer.ttl == CacheTtl::FiveMinutes) => format!(
            "Mark what is shared for an hour (--fix FILE) and let one request of each group go ahead (--cache primed): \
             {primed_shown}, against {none_shown} without caching and up to {cold} if the batch starts cold."
        ),
        false => format!(
            "Let one request of each group go ahead (--cache primed): {primed_shown}, against {none_shown} without caching \
             and up to {cold} if the batch starts cold."
        ),
    }
}

/// What is worth changing, with the dollars it is worth. `files` are the names of the inputs.
pub(super) fn findings(
    outlook: &Outlook<'_>,
    scenarios: &Scenarios,
    chosen: &[Choice<'_>],
    break_even: Option<Decimal>,
    files: &[String],
) -> Vec<Finding> {
    let mut findings = unmarked(outlook, chosen, files);
    findings.extend(almost_shared(outlook, files));
    findings.extend(refused(outlook));
    findings.extend(too_short(outlook));
    findings.extend(costs_more(outlook, scenarios, break_even));
    findings.extend(lifetime(outlook, files));
    findings
}

/// Long prefixes that many requests share, and that some of them do not mark.
fn unmarked(outlook: &Outlook<'_>, chosen: &[Choice<'_>], files: &[String]) -> Vec<Finding> {
    let is_used = |group: &Group| group.marked() + group.found == group.members;
    let mut choices: Vec<&Choice<'_>> = chosen.iter().filter(|choice| !is_used(choice.group)).collect();
    choices.sort_by_key(|choice| (std::cmp::Reverse(choice.worth), choice.group.first));
    let help = |group: &Group| match group.at {
        BlockPlace::System(None) | BlockPlace::Message(_, None) => {
            "write a copy where the text is a block that is marked (--fix FILE --wrap-texts) and plan that with --cache \
             primed"
        }
        _ => "write a copy with breakpoints (--fix FILE) and plan that with --cache primed",
    };
    let mut findings: Vec<Finding> = choices
        .iter()
        .take(PREFIXES_TOLD)
        .map(|choice| {
            let group = choice.group;
            let without = group.members - group.marked() - group.found;
            let marks = match (group.marked(), without) {
                (0, _) => "no breakpoint is there".to_owned(),
                (_, 1) => "1 has no breakpoint there".to_owned(),
                _ => format!("{} have no breakpoint there", grouped(without)),
            };
            let worth = if group.marked() == 0 { choice.worth } else { worth_of(group, without, outlook) };
            let message = format!(
                "{} requests of `{}` begin with the same {} tokens, up to `{}`, and {marks}: one of an hour saves about {} \
                 against no caching, if one request goes ahead",
                grouped(group.members),
                outlook.row_of(group).model,
                size(group),
                group.at.path(),
                shown(worth)
            );
            let finding = Finding::new(Rule::CacheUnmarked, message).with_help(help(group));
            finding.see(reference(group, files))
        })
        .collect();
    let rest = &choices[choices.len().min(PREFIXES_TOLD)..];
    if !rest.is_empty() {
        let worth = rest.iter().fold(Usd::ZERO, |sum, choice| sum + choice.worth);
        let message = format!(
            "{} more prefixes are shared and not marked: breakpoints of an hour save about {} in all",
            grouped(rest.len() as u64),
            shown(worth)
        );
        findings.push(Finding::new(Rule::CacheUnmarked, message).with_help(help(rest[0].group)));
    }
    findings
}

/// What it saves that so many more members read the prefix: at the prices at which that is least, as nobody knows which
/// members they are.
fn worth_of(group: &Group, members: u64, outlook: &Outlook<'_>) -> Usd {
    let size = group.tokens.likely().unwrap_or_default();
    let rates = group.sorts.iter().map(|(sort, _)| &outlook.row(sort).rates);
    let saved = rates.map(|rates| rates.input * size - rates.cache_read * size).min();
    times(saved.unwrap_or(Usd::ZERO), members)
}

/// Long prefixes that many requests would share, but for something small that differs early.
fn almost_shared(outlook: &Outlook<'_>, files: &[String]) -> Vec<Finding> {
    let found = outlook.near.found();
    let mut worth: Vec<(Usd, Finding)> =
        found.iter().filter_map(|near| worth_of_moving(outlook, near, files)).collect();
    worth.sort_by_key(|(worth, _)| std::cmp::Reverse(*worth));
    worth.into_iter().take(PREFIXES_TOLD).map(|(_, finding)| finding).collect()
}

/// What it is worth to move what differs behind what repeats, as far as a sample tells; `None` where that is nothing.
fn worth_of_moving(outlook: &Outlook<'_>, near: &NearRepeat, files: &[String]) -> Option<(Usd, Finding)> {
    let Context { book, estimator, .. } = *outlook.context;
    let row = outlook.rows.iter().find(|row| row.model == near.model)?;
    let traits = model_traits(book.find(&near.model).ok()?);
    let words = format!("{}\n{}", near.shared, near.repeated);
    let tokens = estimator.estimate_text(words.trim(), &traits).likely()?;
    if row.minimum.is_none_or(|minimum| tokens < minimum) {
        return None;
    }
    let share = u128::from(near.requests) * u128::from(near.alike + 1) / u128::from(near.sampled.max(1));
    let requests = u64::try_from(share).unwrap_or(near.requests).min(near.requests);
    let others = requests.saturating_sub(1);
    let worth = |row: &PriceRow| {
        let [write, input, read] =
            [row.rates.cache_write_1h, row.rates.input, row.rates.cache_read].map(|rate| rate * tokens);
        times(input - read, others) - (write - input)
    };
    // A sample does not tell which prices these requests have, where there are several.
    let worth = outlook.rows.iter().filter(|row| row.model == near.model).map(worth).min()?;
    if worth <= Usd::ZERO {
        return None;
    }
    let byte =
        near.byte.map(|byte| format!(", at byte {} of the line", grouped(byte as u64))).unwrap_or_default();
    let message = format!(
        "about {} of `{}` would begin with the same {} tokens, but they part in `{}`{byte}: one prefix for all saves about {} \
         against no caching, if one request goes ahead ({} of {} compared pairs)",
        many(requests),
        near.model,
        grouped(tokens.0),
        near.right.path,
        shown(worth),
        near.alike,
        near.compared
    );
    let help = match near.repeated.is_empty() {
        true => "end a block before the byte where they part, and mark it",
        false => "move what differs behind what repeats, for example to the end of the last message",
    };
    let see = Reference {
        file: files.get(near.other.input as usize).cloned().unwrap_or_default(),
        line: near.other.line,
        column: None,
        label: format!("it parts from line {}", grouped(near.first.line)),
        excerpt: None,
    };
    Some((worth, Finding::new(Rule::CacheAlmostShared, message).with_help(help).see(see)))
}

/// `check` tells it of each request by itself.
fn refused(outlook: &Outlook<'_>) -> Option<Finding> {
    let requests = outlook.groups.refused();
    if requests == 0 || outlook.context.inspector.is_some() {
        return None;
    }
    let message = format!(
        "{} have breakpoints that the API refuses, so that it answers with an error: more than four, or one of an hour \
         behind one of five minutes",
        many(requests)
    );
    let finding = Finding::new(Rule::CacheBreakpoints, message)
        .with_help("see which with `batchwise check`, and mend them; they are quoted without caching");
    Some(Finding { requests, ..finding })
}

/// `check` tells it of each request by itself.
fn too_short(outlook: &Outlook<'_>) -> Option<Finding> {
    let requests = outlook.inert_requests;
    if requests == 0 || outlook.context.inspector.is_some() {
        return None;
    }
    let rows = outlook.inert_sorts.iter().map(|sort| outlook.row(*sort));
    let minima: BTreeMap<&str, Option<Tokens>> = rows.map(|row| (row.model.as_str(), row.minimum)).collect();
    let minima: Vec<String> = minima
        .into_iter()
        .map(|(model, minimum)| match minimum {
            Some(minimum) => format!("`{model}` caches from {} tokens on", grouped(minimum.0)),
            None => format!("`{model}` caches nothing"),
        })
        .collect();
    let message = format!(
        "{} have breakpoints only behind prefixes that are too short to be cached: {}",
        many(requests),
        minima.join(", ")
    );
    let finding = Finding::new(Rule::CacheBreakpointInert, message)
        .with_help("remove them, or put more of what all requests share before them");
    Some(Finding { requests, ..finding })
}

/// Where caching costs more than it saves.
fn costs_more(outlook: &Outlook<'_>, scenarios: &Scenarios, break_even: Option<Decimal>) -> Option<Finding> {
    // One request alone is an example more often than a workload.
    if outlook.marked_requests < 2 {
        return None;
    }
    let (none, cold, primed) = (cost(scenarios, "none"), cost(scenarios, "cold"), cost(scenarios, "primed"));
    let given = match outlook.context.terms.cache {
        CacheScenario::HitRate(rate) => Some(rate),
        _ => None,
    };
    let (more, why) = match given {
        None if primed <= none => return None,
        None => (
            primed - none,
            "even if one request of each group goes ahead: too few requests share what they mark".to_owned(),
        ),
        Some(rate) => {
            let cost = if rate == Percent::ZERO { cold } else { cost(scenarios, &rate.to_string()) };
            let even = break_even.map(|rate| (rate * Decimal::ONE_HUNDRED).round_dp(1).to_string());
            let even = even.map(|even| format!(", below the {even}% at which it pays")).unwrap_or_default();
            (cost - none, format!("at a hit rate of {rate}{even}"))
        }
    };
    if more <= Usd::ZERO {
        return None;
    }
    let misses = given.map_or(Percent::HUNDRED, Percent::complement);
    let premium = outlook.hour_premium() * misses;
    let [more, saved] = shown_alike([more, premium]);
    let shorter = match premium > Usd::ZERO {
        true => format!("; with the same hits, five minutes instead of an hour cost {saved} less"),
        false => String::new(),
    };
    let message = format!("caching costs about {more} more than none {why}");
    let help = format!("remove the breakpoints, or move them to where requests agree (--fix FILE){shorter}");
    Some(Finding::new(Rule::CacheCostsMore, message).with_help(help))
}

/// Five minutes where an hour pays.
fn lifetime(outlook: &Outlook<'_>, files: &[String]) -> Vec<Finding> {
    let short: Vec<&Group> = primed_groups(outlook)
        .filter(|(_, writer)| writer.ttl == CacheTtl::FiveMinutes)
        .map(|(group, _)| group)
        .collect();
    let Some(largest) = short.iter().max_by_key(|group| (group.members, std::cmp::Reverse(group.first)))
    else {
        return Vec::new();
    };
    let members = grouped(largest.members);
    let prefix =
        format!("the {} tokens that {members} requests share, up to `{}`", size(largest), largest.at.path());
    if outlook.context.terms.cache == CacheScenario::Primed {
        let message =
            format!("{prefix}, are kept five minutes: a batch that goes ahead may take longer than that");
        let finding = Finding::new(Rule::CachePrimedLifetime, message)
            .with_help("write a copy with breakpoints of an hour (--fix FILE) and plan that");
        return vec![finding.see(reference(largest, files))];
    }
    let (rates, tokens) = (&outlook.row_of(largest).rates, largest.tokens.likely().unwrap_or_default());
    let users = largest.marked() + largest.found;
    let expired = times((rates.cache_write_5m * tokens) - (rates.cache_read * tokens), users - 1);
    let worth = expired - (rates.cache_write_1h * tokens - rates.cache_write_5m * tokens);
    if worth <= Usd::ZERO {
        return Vec::new();
    }
    let message = format!(
        "{prefix}, are kept five minutes, and a batch may take longer: an hour saves up to about {} if one request of each \
         group goes ahead",
        shown(worth)
    );
    let finding = Finding::new(Rule::CacheLifetime, message)
        .with_help("write a copy with breakpoints of an hour (--fix FILE) and plan that with --cache primed");
    vec![finding.see(reference(largest, files))]
}

fn size(group: &Group) -> String {
    grouped(group.tokens.likely_or_high().0)
}

fn reference(group: &Group, files: &[String]) -> Reference {
    let file = files.get(group.first.input as usize).cloned().unwrap_or_default();
    let label = format!("the first of them, `{}`", group.at.path());
    Reference { file, line: group.first.line, column: None, label, excerpt: None }
}
