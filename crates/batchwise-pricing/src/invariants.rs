//! What must hold between the numbers of a book.

use std::collections::BTreeMap;

use batchwise_units::Rate;
use rust_decimal::Decimal;

use crate::document::Document;
use crate::{Era, Limits, Model, Prices, Status, TokenKind};

/// The keys that may be called unconfirmed.
const FACTS: [&str; 22] = [
    "retires_on",
    "retires_not_before",
    "deprecated_on",
    "released",
    "context_window",
    "max_output",
    "max_output_batch_beta",
    "batch_supported",
    "inference_geo",
    "min_cacheable_tokens",
    "forced_tool_choice",
    "thinking_optional",
    "sampling_parameters",
    "thinking",
    "tokenizer",
    "image_tier",
    "frame_tokens",
    "tool_prompt_tokens_auto_none",
    "tool_prompt_tokens_any_tool",
    "era.standard",
    "era.batch",
    "era.tier",
];

/// Checks one model. Its eras have been checked by [`check_era`] one by one.
pub(crate) fn check_model(document: &Document, path: &str, model: &Model) {
    let at = |name: &str| join(path, name);
    check_facts(document, path, model);
    check_order(document, path, &model.eras);
    if model.eras[0].from < model.released {
        let message =
            format!("is before the model was released on {}: a price starts with its model", model.released);
        document.error_at(&at("era[0].from"), message);
    }
}

fn check_facts(document: &Document, path: &str, model: &Model) {
    let at = |name: &str| join(path, name);
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    if !model.id.bytes().all(plain) {
        document.error_at(&at("id"), "is not a model id: write letters, digits, `-`, `_` and `.`".to_owned());
    }
    if model.max_output_batch_beta.is_some_and(|beta| beta <= model.max_output) {
        let message =
            format!("is not more than max_output ({}): leave it out or correct one", model.max_output);
        document.error_at(&at("max_output_batch_beta"), message);
    }
    if model.max_output > model.context_window {
        let message = format!("is more than context_window ({}): correct one", model.context_window);
        document.error_at(&at("max_output"), message);
    }
    if model.status == Status::Retired && model.retires_on.is_none() {
        document.error_at(&at("status"), "needs the day: write retires_on, like 2026-11-30".to_owned());
    }
    for unknown in model.unconfirmed.iter().filter(|name| !FACTS.contains(&name.as_str())) {
        let message =
            format!("has `{unknown}`, which is not a fact of a model: write one of {}", FACTS.join(", "));
        document.error_at(&at("unconfirmed"), message);
    }
}

/// Eras must follow each other. `path` is the table that holds them.
pub(crate) fn check_order(document: &Document, path: &str, eras: &[Era]) {
    for (index, era) in eras.iter().enumerate() {
        let at = |name: &str| join(path, &format!("era[{index}].{name}"));
        if let Some(end) = era.to.filter(|end| *end < era.from) {
            document.error_at(
                &at("to"),
                format!("is before its start {}: {end} cannot be the last day", era.from),
            );
        }
        let Some(earlier) = index.checked_sub(1).map(|before| &eras[before]) else { continue };
        if era.from <= earlier.from {
            let message = format!("does not follow {}: put eras in the order of their days", earlier.from);
            document.error_at(&at("from"), message);
        } else if let Some(end) = earlier.to.filter(|end| *end >= era.from) {
            let message = format!("overlaps the era before it, which holds to {end}: leave out that `to`");
            document.error_at(&at("from"), message);
        }
    }
}

/// Checks the numbers of one era.
pub(crate) fn check_era(document: &Document, path: &str, era: &Era) {
    for (level, (_, prices)) in era.levels().enumerate() {
        let level = if level == 0 { path.to_owned() } else { join(path, &format!("tier[{}]", level - 1)) };
        if era.exception.is_none() {
            check_half(document, &level, prices);
            check_kinds(document, &level, prices);
            warn_multipliers(document, &level, prices);
        }
    }
    check_tiers(document, path, era);
    check_derived(document, path, era);
    if era.checked.is_some_and(|checked| checked < era.from) {
        let message = format!("is before the price started on {}: read the source again", era.from);
        document.warning_at(&join(path, "checked"), message);
    }
}

fn check_half(document: &Document, path: &str, prices: &Prices) {
    for kind in TokenKind::ALL {
        let half = prices.standard.of(kind).half();
        if prices.batch.of(kind) != half {
            let message =
                format!("is not half of the standard price: write \"{half}\", or explain with `exception`");
            document.error_at(&join(path, &format!("batch.{kind}")), message);
        }
    }
}

/// `1h write >= 5m write >= input > read`; that all are above zero is in the type.
fn check_kinds(document: &Document, path: &str, prices: &Prices) {
    for (name, rates) in [("standard", &prices.standard), ("batch", &prices.batch)] {
        let check = |holds: bool, kind: TokenKind, order: &str, other: TokenKind| {
            if !holds {
                let other_rate = rates.of(other);
                let message = format!(
                    "is not {order} {other} (\"{other_rate}\"): correct one, or explain with `exception`"
                );
                document.error_at(&join(path, &format!("{name}.{kind}")), message);
            }
        };
        let (one_hour, five_minutes) = (TokenKind::CacheWrite1h, TokenKind::CacheWrite5m);
        check(rates.cache_write_1h >= rates.cache_write_5m, one_hour, "at least", five_minutes);
        check(rates.cache_write_5m >= rates.input, five_minutes, "at least", TokenKind::Input);
        check(rates.cache_read < rates.input, TokenKind::CacheRead, "less than", TokenKind::Input);
    }
}

/// The documented multipliers: 1.25 and 2 times input for writes; 0.1, 0.05 or 0.025 times for reads.
fn warn_multipliers(document: &Document, path: &str, prices: &Prices) {
    let input = prices.standard.input;
    let times = |mantissa: i64, scale: u32| input.times(Decimal::new(mantissa, scale));
    let warn = |kind: TokenKind, expected: &[Rate], words: &str| {
        if !expected.contains(&prices.standard.of(kind)) {
            let message =
                format!("is not {words} times input (\"{input}\"): check it, or explain with `exception`");
            document.warning_at(&join(path, &format!("standard.{kind}")), message);
        }
    };
    warn(TokenKind::CacheWrite5m, &[times(125, 2)], "1.25");
    warn(TokenKind::CacheWrite1h, &[times(2, 0)], "2");
    warn(TokenKind::CacheRead, &[times(1, 1), times(5, 2), times(25, 3)], "0.1, 0.05 or 0.025");
}

/// Tiers rise in threshold and in every price.
fn check_tiers(document: &Document, path: &str, era: &Era) {
    let levels: Vec<_> = era.levels().collect();
    for (index, pair) in levels.windows(2).enumerate() {
        let ((lower_over, lower), (upper_over, upper)) = (pair[0], pair[1]);
        let at = |name: &str| join(path, &format!("tier[{index}].{name}"));
        if upper_over <= lower_over {
            let message = "does not rise: put tiers in the order of their thresholds".to_owned();
            document.error_at(&at("prompt_tokens_over"), message);
        }
        for kind in TokenKind::ALL {
            for (name, above, below) in
                [("standard", &upper.standard, &lower.standard), ("batch", &upper.batch, &lower.batch)]
            {
                if above.of(kind) < below.of(kind) {
                    let below = below.of(kind);
                    let message =
                        format!("is less than shorter prompts pay (\"{below}\"): tiers rise in price");
                    document.error_at(&at(&format!("{name}.{kind}")), message);
                }
            }
        }
    }
}

fn check_derived(document: &Document, path: &str, era: &Era) {
    let known = |name: &str| {
        let (table, kind) = name.split_once('.').unwrap_or((name, ""));
        ["standard", "batch"].contains(&table) && TokenKind::ALL.iter().any(|known| known.name() == kind)
    };
    for unknown in era.derived.iter().filter(|name| !known(name)) {
        let message = format!("has `{unknown}`, which is not a price: write them like \"batch.cache_read\"");
        document.error_at(&join(path, "derived"), message);
    }
}

/// Checks `limits.toml` in itself.
pub(crate) fn check_limits(document: &Document, limits: &Limits) {
    if limits.max_body_upper.value < limits.max_body.value {
        let message = format!("is less than max_body_bytes ({}): correct one", limits.max_body.value);
        document.error_at("max_body_bytes_upper.value", message);
    }
}

/// A model with the place it was written at; `None` for one of an earlier book.
pub(crate) struct Written<'d, 'm> {
    pub(crate) model: &'m Model,
    pub(crate) at: Option<(&'d Document<'d>, String)>,
}

/// What must hold between models: nobody shares a name, and replacements exist.
pub(crate) fn check_together(models: &[Written]) {
    let mut names: BTreeMap<&str, &str> =
        models.iter().map(|one| (one.model.id.as_str(), one.model.id.as_str())).collect();
    for Written { model, at } in models {
        for alias in &model.aliases {
            let owner = names.get(alias.as_str()).copied();
            names.insert(alias, &model.id);
            if let (Some(owner), Some((document, path))) = (owner, at) {
                let message = format!("has `{alias}`, which already means {owner}: names are unique");
                document.error_at(&join(path, "aliases"), message);
            }
        }
    }
    for Written { model, at } in models {
        let missing = model.replacement.as_ref().filter(|id| !models.iter().any(|one| one.model.id == **id));
        if let (Some(_), Some((document, path))) = (missing, at) {
            document.error_at(
                &join(path, "replacement"),
                "is not in the book: write the id of a model".to_owned(),
            );
        }
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}
