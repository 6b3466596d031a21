use std::borrow::Cow;
use std::collections::BTreeMap;

use batchwise_plan::{Cap, Consumption, Plan, PromptTokens, RatesUsed, WhatIf, WhatIfLine};
use batchwise_units::{Rate, Tokens, grouped};

use crate::PlanPart;

/// The longest `max_tokens` that is offered to choose from: beyond, a page's numbers are not exact.
const REPLY_MAX: Tokens = Tokens(1_000_000_000);

/// From what the stated costs can be told for replies of another length, another hit rate, and the same requests several
/// times: by the rules of the planner, so that they are those of a plan made with these terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calculator {
    /// All priced requests, by plan, model and row of prices.
    pub rows: Vec<CalculatorRow>,
    /// What can be said of the replies.
    pub reply: Lever,
    /// What can be said of the cache.
    pub cache: Lever,
    /// Whether the stated cost with caching, as planned, is so many times as much for so many times the requests. Not where
    /// one request is assumed to write what others read.
    pub cache_multiplies: bool,
}

/// Something that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lever {
    /// What the plans say of it.
    pub planned: String,
    /// The same as a number, where it is one.
    pub start: Option<String>,
    /// The most that can be chosen.
    pub max: u64,
    /// Why nothing else can be told exactly, where that is so: a sentence.
    pub fixed: Option<&'static str>,
}

/// The priced requests of one plan that share their model and their row of prices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalculatorRow {
    /// `standard` or `batch`, then the kind of token, then US dollars per million tokens.
    pub usd_per_mtok: BTreeMap<String, BTreeMap<String, Rate>>,
    /// The tokens as planned, without caching.
    pub uncached: Consumption,
    /// The tokens as planned, with caching.
    pub cached: Consumption,
    /// How many requests have which `max_tokens`, where that is known.
    pub caps: Option<Vec<Cap>>,
    /// Prompt tokens when each request writes all that it marks.
    pub cold: PromptTokens,
    /// Prompt tokens when each request reads all that it marks.
    pub warm: PromptTokens,
}

impl Calculator {
    /// That of some plans; `None` where one of them does not tell what its cost follows from, or nothing has a price.
    pub(crate) fn of(parts: &[PlanPart<'_>]) -> Option<Calculator> {
        let priced: Vec<&Plan> =
            parts.iter().map(|part| part.plan).filter(|plan| plan.quote.is_some()).collect();
        let told: Vec<&WhatIf> = priced.iter().map(|plan| plan.what_if.as_ref()).collect::<Option<_>>()?;
        let mut rows = Vec::new();
        for (plan, what_if) in priced.iter().zip(&told) {
            for line in &what_if.lines {
                rows.push(row(plan, line)?);
            }
        }
        (!rows.is_empty()).then(|| Calculator {
            reply: reply(&told, &rows),
            cache: cache(&priced, &told, &rows),
            cache_multiplies: told.iter().all(|what_if| !is_shared(what_if)),
            rows,
        })
    }
}

/// Whether what one request costs depends on the others.
fn is_shared(what_if: &WhatIf) -> bool {
    !matches!(what_if.cache.as_str(), "bounds" | "none") && !what_if.cache.ends_with('%')
}

fn row(plan: &Plan, line: &WhatIfLine) -> Option<CalculatorRow> {
    let model = plan.models.iter().find(|model| model.model == line.model)?;
    let is_row =
        |rates: &&RatesUsed| rates.geo == line.geo && rates.prompt_tokens_over == line.prompt_tokens_over;
    let rates = model.rates.iter().find(is_row)?;
    let (mut uncached, mut cached) = (Consumption::new(), Consumption::new());
    for used in plan.batches.iter().flat_map(|batch| batch.usage.iter().flatten()) {
        let same = (&used.model, &used.geo, used.prompt_tokens_over)
            == (&line.model, &line.geo, line.prompt_tokens_over);
        if same {
            add(&mut uncached, &used.uncached);
            add(&mut cached, &used.cached);
        }
    }
    Some(CalculatorRow {
        usd_per_mtok: rates.usd_per_mtok.clone(),
        uncached,
        cached,
        caps: line.caps.clone(),
        cold: line.cold.clone(),
        warm: line.warm.clone(),
    })
}

fn add(sums: &mut Consumption, more: &Consumption) {
    for (kind, tokens) in more {
        let sum = sums.entry(kind.clone()).or_default();
        *sum = *sum + *tokens;
    }
}

fn reply(told: &[&WhatIf], rows: &[CalculatorRow]) -> Lever {
    let longest = rows.iter().flat_map(|row| row.caps.iter().flatten()).map(|cap| cap.max_tokens).max();
    let longest = longest.unwrap_or_default();
    let fixed = match () {
        () if rows.iter().any(|row| row.caps.is_none()) => {
            Some("The requests have too many different `max_tokens` to tell what other replies would cost.")
        }
        () if longest > REPLY_MAX => Some("Some `max_tokens` is too large to choose from."),
        () => None,
    };
    let (planned, start) = match same(told.iter().map(|what_if| &what_if.output_tokens)) {
        None => ("differs from plan to plan".to_owned(), None),
        Some(None) => ("each as long as its `max_tokens`".to_owned(), Some(longest.to_string())),
        Some(Some(share)) if share.ends_with('%') => (format!("{share} of each `max_tokens`"), None),
        Some(Some(tokens)) => {
            let shown = tokens.parse().map_or(tokens.clone(), grouped);
            (format!("{shown} tokens, at most each `max_tokens`"), Some(tokens.clone()))
        }
    };
    Lever { planned, start, max: longest.0.min(REPLY_MAX.0), fixed }
}

fn cache(priced: &[&Plan], told: &[&WhatIf], rows: &[CalculatorRow]) -> Lever {
    let budget_depends =
        |(plan, what_if): (&&Plan, &&WhatIf)| plan.limits.usd_max.is_some() && what_if.cache == "primed";
    let fixed = match () {
        () if rows.iter().all(|row| row.cold == row.warm) => {
            Some("No prompt is marked for caching, so the cache changes nothing.")
        }
        () if priced.iter().zip(told).any(budget_depends) => {
            Some("With --max-usd and --cache primed, another hit rate may let other requests in.")
        }
        () => None,
    };
    let (planned, start) = match same(told.iter().map(|what_if| &what_if.cache)) {
        None => ("differs from plan to plan".to_owned(), None),
        Some(cache) => match cache.as_str() {
            "bounds" => ("unknown: stated with marked prefixes written, none read".to_owned(), None),
            "none" => ("breakpoints ignored".to_owned(), None),
            "best" => {
                ("best: of those that share a prefix, one writes and the others read it".to_owned(), None)
            }
            "primed" => ("primed: one request goes ahead and writes, the others read".to_owned(), None),
            rate => (
                format!("{rate} of marked prefixes read, the others written"),
                rate.strip_suffix('%').map(str::to_owned),
            ),
        },
    };
    Lever { planned, start, max: 100, fixed }
}

/// What all have in common.
fn same<'t, T: PartialEq>(mut all: impl Iterator<Item = &'t T>) -> Option<&'t T> {
    let first = all.next()?;
    all.all(|other| other == first).then_some(first)
}

/// Tokens by kind as decimal texts.
pub(crate) fn texts<T: ToString>(tokens: &BTreeMap<Cow<'static, str>, T>) -> BTreeMap<String, String> {
    tokens.iter().map(|(kind, tokens)| (kind.to_string(), tokens.to_string())).collect()
}
