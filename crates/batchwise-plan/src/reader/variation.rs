//! That what a plan tells of other replies and hit rates is what its own figures are made of.

use std::collections::BTreeMap;

use batchwise_units::{ExpectedTokens, Percent, Tokens};

use super::agreement::{Agreed, contradiction};
use crate::{Cap, Consumption, Plan, PromptTokens, WhatIf, WhatIfLine};

/// What batches say that the requests of one line use.
#[derive(Default)]
struct Used {
    requests: u64,
    uncached: Consumption,
    cached: Consumption,
}

/// Model, region and threshold of the tier.
type Row<'p> = (&'p str, &'p str, Option<Tokens>);

pub(super) fn check(plan: &Plan) -> Agreed {
    let Some(what_if) = &plan.what_if else { return Ok(()) };
    let mut used = used(plan);
    for (index, line) in what_if.lines.iter().enumerate() {
        let path = format!("what_if.lines[{index}].");
        let row = (line.model.as_str(), line.geo.as_ref(), line.prompt_tokens_over);
        let Some(used) = used.remove(&row) else {
            let expected = "no batch has such requests, or another line tells them".to_owned();
            return contradiction(format!("{path}model"), line.model.escape_debug(), expected);
        };
        requests(&path, line, &used)?;
        replies(&path, line, what_if, &used)?;
        prompts(&path, line, what_if, &used)?;
    }
    match used.keys().next() {
        Some((model, ..)) => {
            let model = model.escape_debug();
            let expected = format!("the batches have requests of {model} at prices that it lacks");
            contradiction("what_if.lines", format!("a list of {}", what_if.lines.len()), expected)
        }
        None => Ok(()),
    }
}

fn used(plan: &Plan) -> BTreeMap<Row<'_>, Used> {
    let mut rows: BTreeMap<Row<'_>, Used> = BTreeMap::new();
    for line in plan.batches.iter().flat_map(|batch| batch.usage.iter().flatten()) {
        let row = (line.model.as_str(), line.geo.as_ref(), line.prompt_tokens_over);
        let used = rows.entry(row).or_default();
        used.requests = used.requests.saturating_add(line.requests);
        add(&mut used.uncached, &line.uncached);
        add(&mut used.cached, &line.cached);
    }
    rows
}

fn add(sums: &mut Consumption, more: &Consumption) {
    for (kind, tokens) in more {
        let sum = sums.entry(kind.clone()).or_default();
        *sum = *sum + *tokens;
    }
}

fn requests(path: &str, line: &WhatIfLine, used: &Used) -> Agreed {
    if line.requests != used.requests {
        let expected = format!("its batches make it {}", used.requests);
        return contradiction(format!("{path}requests"), line.requests, expected);
    }
    let Some(caps) = &line.caps else { return Ok(()) };
    let sum = caps.iter().fold(0, |sum: u64, cap| sum.saturating_add(cap.requests));
    if sum != line.requests {
        let expected = format!("the line has {}", line.requests);
        return contradiction(format!("{path}caps"), format!("of {sum} requests"), expected);
    }
    if !caps.is_sorted_by(|one, next| one.max_tokens < next.max_tokens) {
        return contradiction(
            format!("{path}caps"),
            "out of order",
            "each has to be above the last".to_owned(),
        );
    }
    Ok(())
}

/// Replies as expected are those of the batches.
fn replies(path: &str, line: &WhatIfLine, what_if: &WhatIf, used: &Used) -> Agreed {
    let Some(caps) = &line.caps else { return Ok(()) };
    let Some(expected) = Reply::read(what_if.output_tokens.as_deref()) else {
        let value = what_if.output_tokens.as_deref().unwrap_or_default().escape_debug();
        let expected = "it must be a number of tokens, a percentage like 40%, or null".to_owned();
        return contradiction("what_if.output_tokens", value, expected);
    };
    let total = expected.total(caps);
    for (name, tokens) in [("uncached", &used.uncached), ("cached", &used.cached)] {
        let told = of(tokens, "output");
        if total != Some(told) {
            let expected = format!("the {name} output of the batches is {told}");
            let total = total.map_or("too many".to_owned(), |total| total.to_string());
            return contradiction(format!("{path}caps"), format!("of {total} tokens"), expected);
        }
    }
    Ok(())
}

/// Cold and warm prompts are as long as those without caching, and at the planned hit rate they are the cached ones.
fn prompts(path: &str, line: &WhatIfLine, what_if: &WhatIf, used: &Used) -> Agreed {
    let input = of(&used.uncached, "input");
    for (name, prompt) in [("cold", &line.cold), ("warm", &line.warm)] {
        let sum: ExpectedTokens = prompt.values().map(|tokens| ExpectedTokens::from(*tokens)).sum();
        if sum != input || prompt.contains_key("output") {
            let expected = format!("the uncached input of the batches is {input}");
            return contradiction(format!("{path}{name}"), format!("of {sum} tokens"), expected);
        }
    }
    let Some(hit_rate) = what_if.cache.strip_suffix('%').and_then(|rate| Percent::parse(rate).ok()) else {
        return Ok(());
    };
    let kinds = used.cached.keys().chain(line.cold.keys()).chain(line.warm.keys());
    for kind in kinds.filter(|kind| *kind != "output") {
        let share = |prompt: &PromptTokens, rate| prompt.get(kind).copied().unwrap_or_default() * rate;
        let made = share(&line.warm, hit_rate) + share(&line.cold, hit_rate.complement());
        let told = of(&used.cached, kind);
        if made != told {
            let expected = format!("the cached {} of the batches is {told}", kind.escape_debug());
            return contradiction(format!("{path}warm"), format!("with `cold`, {made} tokens"), expected);
        }
    }
    Ok(())
}

fn of(consumption: &Consumption, kind: &str) -> ExpectedTokens {
    consumption.get(kind).copied().unwrap_or_default()
}

/// How long a reply is expected to be.
enum Reply {
    Cap,
    Tokens(u64),
    Share(Percent),
}

impl Reply {
    fn read(text: Option<&str>) -> Option<Reply> {
        match text {
            None => Some(Reply::Cap),
            Some(text) => match text.strip_suffix('%') {
                Some(share) => Percent::parse(share).ok().map(Reply::Share),
                None => text.parse().ok().map(Reply::Tokens),
            },
        }
    }

    /// Of all requests; `None` where that is more than tokens can be.
    fn total(&self, caps: &[Cap]) -> Option<ExpectedTokens> {
        let of = |cap: u64| match self {
            Reply::Cap => cap,
            Reply::Tokens(tokens) => cap.min(*tokens),
            Reply::Share(share) => share.of_rounded_up(cap),
        };
        let total = caps.iter().try_fold(0u128, |sum, cap| {
            sum.checked_add(u128::from(of(cap.max_tokens.0)).checked_mul(u128::from(cap.requests))?)
        })?;
        ExpectedTokens::read(&total.to_string())
    }
}
