//! What every plan rests on, in the words of the plan file.

use std::collections::BTreeSet;

use batchwise_plan::Assumption;
use batchwise_tokens::Estimator;
use batchwise_units::grouped;

use crate::{CacheScenario, Context, OutputExpectation, Terms};

/// The assumptions of every plan.
pub(crate) fn standing(context: &Context<'_>) -> Vec<Assumption> {
    let terms = context.terms;
    let known = context.book.limits();
    let limits = terms.limits;
    let sizes = format!(
        "{} bytes of HTTP body and {} requests per batch",
        limits.body_bytes_max, limits.requests_max
    );
    let documented =
        (limits.body_bytes_max, limits.requests_max) == (known.max_body.value, known.max_requests.value);
    let limits_source = match documented {
        true => format!("{}, read {}", known.max_body.source, known.max_body.checked),
        false => "--max-bytes, --max-requests".to_owned(),
    };
    let mut standing = vec![
        assumption("prices", prices(context), "price book; each model's row names its source"),
        assumption(
            "batch-price",
            "as the price book says: half of the standard price for every kind of token, unless your own prices differ",
            "https://platform.claude.com/docs/en/about-claude/pricing, read 2026-08-21",
        ),
    ];
    standing.extend(input_tokens(context.estimator));
    standing.extend([
        totals(context.estimator),
        assumption("output-tokens", output(terms), "`max_tokens` of each request"),
        assumption(
            "cache",
            cache(terms),
            "https://platform.claude.com/docs/en/build-with-claude/prompt-caching, read 2026-08-22",
        ),
        assumption("region", format!("{} where a request does not say", terms.region.name()), "--geo"),
        assumption("batch-limits", sizes, limits_source),
    ]);
    standing
}

/// How many requests may be queued at once, where that matters.
pub(crate) fn queue(context: &Context<'_>, requests: u64) -> Option<Assumption> {
    let tiers = &context.book.limits().queue_tiers;
    let smallest = tiers.first()?;
    if let Some(max) = context.terms.queued_requests_max {
        let value = format!(
            "at most {} requests at once; what others of the organization have queued counts too",
            grouped(max)
        );
        return Some(assumption("queue", value, "--tier"));
    }
    (requests > smallest.value.queued_requests).then(|| {
        let known =
            tiers.iter().map(|tier| format!("{} ({})", grouped(tier.value.queued_requests), tier.value.name));
        let known: Vec<String> = known.collect();
        let value =
            format!("all requests at once; no tier was given (--tier), which allow {}", known.join(", "));
        assumption("queue", value, format!("{}, read {}", smallest.source, smallest.checked))
    })
}

/// How tokens were counted: in the estimator's own words, where it has some.
pub(crate) fn input_tokens(estimator: &dyn Estimator) -> Vec<Assumption> {
    let basis = estimator.basis();
    if basis.is_empty() {
        let method = estimator.method();
        let value = format!("estimated offline by `{method}`; low and high are a range, not a bound");
        return vec![assumption("input-tokens", value, "docs/accuracy.md")];
    }
    basis.into_iter().map(|basis| assumption(&basis.key, basis.value, basis.source)).collect()
}

/// Where the user's own prices say why they differ from what is usual, for the models that were used.
pub(crate) fn own_exceptions(context: &Context<'_>, used: &BTreeSet<&str>) -> Vec<Assumption> {
    let models = used.iter().filter_map(|id| context.book.find(id).ok());
    let eras = models.filter_map(|model| Some((model, model.on(context.terms.day).ok()?)));
    let told = eras.flat_map(|(model, era)| {
        let reasons = era.exception.iter().chain(&era.no_tier);
        reasons.map(|reason| {
            assumption("price-exception", format!("`{}`: {reason}", model.id), era.source.clone())
        })
    });
    told.collect()
}

/// What the price book itself is not sure of, for the models that were used.
pub(crate) fn unconfirmed_prices(context: &Context<'_>, used: &BTreeSet<&str>) -> Vec<Assumption> {
    let models = used.iter().filter_map(|id| context.book.find(id).ok());
    let unconfirmed = models.flat_map(|model| {
        model.unconfirmed.iter().filter(|fact| fact.starts_with("era.")).map(|fact| {
            assumption(
                "unconfirmed-price",
                format!("`{fact}` of `{}` rests on third parties or derivation", model.id),
                format!("price book; `batchwise prices show {}` tells more", model.id),
            )
        })
    });
    unconfirmed.collect()
}

/// An assumption that only some requests need, with their number.
pub(crate) fn of_requests(assumption: Assumption, count: u64) -> Assumption {
    let requests = if count == 1 { "request" } else { "requests" };
    Assumption { value: format!("{} ({count} {requests})", assumption.value), ..assumption }
}

fn prices(context: &Context<'_>) -> String {
    let day = context.terms.day;
    match context.book.overlay_labels() {
        [] if context.book.version_label() == context.book.version().to_string() => {
            format!("list prices of {day}")
        }
        [] => format!("prices of {day}, your own laid over the list prices"),
        labels => format!("prices of {day}, with {} laid over the list prices", labels.join(", ")),
    }
}

/// How the ranges of totals come about.
pub(crate) fn totals(estimator: &dyn Estimator) -> Assumption {
    let (shared, whole) = (estimator.shared_error(), estimator.shared_error_of_whole());
    let of_whole = if whole == shared { String::new() } else { format!(" ({whole} for the whole workload)") };
    assumption(
        "totals",
        format!(
            "their ranges take errors of input estimates as shared by all requests to {shared} of their size{of_whole} and \
             independent beyond that; bounds add up in full"
        ),
        "docs/accuracy.md, Totals",
    )
}

fn output(terms: &Terms) -> String {
    match terms.output {
        OutputExpectation::Cap => {
            "unknown: from nothing to the cap `max_tokens`; no expectation was given".to_owned()
        }
        OutputExpectation::Tokens(tokens) => {
            format!("{tokens} tokens per reply, at most its `max_tokens`, which is the bound")
        }
        OutputExpectation::ShareOfCap(share) => format!("{share} of each `max_tokens`, which is the bound"),
    }
}

fn cache(terms: &Terms) -> String {
    match terms.cache {
        CacheScenario::Bounds => {
            "unknown: from one write for each group and wave (low) to every marked prefix written (high)"
                .to_owned()
        }
        CacheScenario::Best => {
            "the first request of each group and wave writes, and the others read what it wrote".to_owned()
        }
        CacheScenario::Primed => {
            "one request of each group goes ahead and writes for an hour; the others read, and nothing expires".to_owned()
        }
        CacheScenario::Ignored => "breakpoints are ignored".to_owned(),
        CacheScenario::HitRate(rate) => {
            format!("{rate} of the marked prefixes are read, the others are written")
        }
    }
}

fn assumption(key: &str, value: impl Into<String>, source: impl Into<String>) -> Assumption {
    Assumption { key: key.to_owned(), value: value.into(), source: source.into() }
}
