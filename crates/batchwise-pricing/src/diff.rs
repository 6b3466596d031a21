use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use batchwise_units::{Rate, Tokens};
use jiff::civil::Date;

use crate::{Documented, Era, Limits, Model, PriceBook, Rates, TokenKind};

/// One difference between two price books, from the first to the second.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Something that is said once for all models, or once for a model or an era.
    Fact {
        /// The id of the model; `None` for the book itself.
        model: Option<String>,
        /// The name of the fact, as in the files.
        fact: String,
        /// Its value in the first book; `None` where that does not say.
        old: Option<String>,
        /// Its value in the second book; `None` where that does not say.
        new: Option<String>,
    },
    /// Only the second book has the model.
    ModelAdded {
        /// Its id.
        model: String,
    },
    /// Only the first book has the model.
    ModelRemoved {
        /// Its id.
        model: String,
    },
    /// Only the second book has an era from that day on.
    EraAdded {
        /// The id of the model.
        model: String,
        /// The era with its prices.
        era: Box<Era>,
    },
    /// Only the first book has an era from that day on.
    EraRemoved {
        /// The id of the model.
        model: String,
        /// The era with its prices.
        era: Box<Era>,
    },
    /// A price differs in an era that both have.
    Price {
        /// The id of the model.
        model: String,
        /// The first day of the era.
        from: Date,
        /// The threshold of the tier; `None` for the base price.
        prompt_over: Option<Tokens>,
        /// Whether it is the price in a batch.
        batch: bool,
        /// The kind of token.
        kind: TokenKind,
        /// The rate in the first book; `None` where that has no such tier.
        old: Option<Rate>,
        /// The rate in the second book; `None` where that has no such tier.
        new: Option<Rate>,
    },
}

/// What changes from book `a` to book `b`: facts of the book, then by model. A model that only one of them has
/// is followed by its eras. Empty for equal content;
/// `diff(b, a)` is the reverse of each change of `diff(a, b)`. The files and their digest are not
/// compared, only what they say.
pub fn diff(a: &PriceBook, b: &PriceBook) -> Vec<Change> {
    let mut changes = fact_changes(None, book_facts(a), book_facts(b));
    let (old, new) = (by_id(a), by_id(b));
    for id in union(&old, &new) {
        match (old.get(id), new.get(id)) {
            (Some(old), Some(new)) => changes.extend(model_changes(old, new)),
            (Some(old), None) => {
                changes.push(Change::ModelRemoved { model: id.to_owned() });
                changes.extend(old.eras.iter().map(|era| era_removed(id, era)));
            }
            (None, new) => {
                changes.push(Change::ModelAdded { model: id.to_owned() });
                changes.extend(new.iter().flat_map(|new| &new.eras).map(|era| era_added(id, era)));
            }
        }
    }
    changes
}

fn era_added(model: &str, era: &Era) -> Change {
    Change::EraAdded { model: model.to_owned(), era: Box::new(era.clone()) }
}

fn era_removed(model: &str, era: &Era) -> Change {
    Change::EraRemoved { model: model.to_owned(), era: Box::new(era.clone()) }
}

impl Change {
    /// The same difference from the second book to the first.
    pub fn reversed(self) -> Change {
        match self {
            Change::Fact { model, fact, old, new } => Change::Fact { model, fact, old: new, new: old },
            Change::ModelAdded { model } => Change::ModelRemoved { model },
            Change::ModelRemoved { model } => Change::ModelAdded { model },
            Change::EraAdded { model, era } => Change::EraRemoved { model, era },
            Change::EraRemoved { model, era } => Change::EraAdded { model, era },
            Change::Price { model, from, prompt_over, batch, kind, old, new } => {
                Change::Price { model, from, prompt_over, batch, kind, old: new, new: old }
            }
        }
    }
}

impl fmt::Display for Change {
    /// One line, such as `claude-sonnet-5-5: from 2026-10-07: batch cache_read 0.1 -> 0.05`; for an era, its
    /// prices on further lines.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Change::Fact { model, fact, old, new } => {
                let model = model.as_deref().unwrap_or("book");
                write!(f, "{model}: {fact} {} -> {}", shown(old.as_ref()), shown(new.as_ref()))
            }
            Change::ModelAdded { model } => write!(f, "{model}: added"),
            Change::ModelRemoved { model } => write!(f, "{model}: removed"),
            Change::EraAdded { model, era } => write_era(f, model, era, "added"),
            Change::EraRemoved { model, era } => write_era(f, model, era, "removed"),
            Change::Price { model, from, prompt_over, batch, kind, old, new } => {
                let tier = tier_name(*prompt_over);
                let mode = if *batch { "batch" } else { "standard" };
                let (old, new) = (shown(old.as_ref()), shown(new.as_ref()));
                write!(f, "{model}: from {from}{tier}: {mode} {kind} {old} -> {new}")
            }
        }
    }
}

/// `  standard: in 2 out 10 write 5m 2.5 write 1h 4 read 0.1`, and so on.
fn write_era(f: &mut fmt::Formatter<'_>, model: &str, era: &Era, verb: &str) -> fmt::Result {
    let to = era.to.map(|day| format!(" to {day}")).unwrap_or_default();
    write!(f, "{model}: prices from {}{to} {verb}", era.from)?;
    for (over, prices) in era.levels() {
        for (mode, rates) in [("standard", &prices.standard), ("batch", &prices.batch)] {
            let Rates { input, output, cache_write_5m, cache_write_1h, cache_read } = rates;
            write!(
                f,
                "\n  {mode}{}: in {input} out {output} write 5m {cache_write_5m} write 1h {cache_write_1h} \
                 read {cache_read}",
                tier_name(over)
            )?;
        }
    }
    Ok(())
}

fn tier_name(prompt_over: Option<Tokens>) -> String {
    prompt_over.map(|over| format!(", prompts over {over}")).unwrap_or_default()
}

fn shown(value: Option<&impl fmt::Display>) -> String {
    value.map_or_else(|| "(none)".to_owned(), ToString::to_string)
}

fn by_id(book: &PriceBook) -> BTreeMap<&str, &Model> {
    book.models.iter().map(|model| (model.id.as_str(), model)).collect()
}

fn union<K: Ord + Copy, V>(a: &BTreeMap<K, V>, b: &BTreeMap<K, V>) -> BTreeSet<K> {
    a.keys().chain(b.keys()).copied().collect()
}

fn model_changes(old: &Model, new: &Model) -> Vec<Change> {
    let mut changes = fact_changes(Some(&old.id), model_facts(old), model_facts(new));
    let (old_eras, new_eras) = (by_day(old), by_day(new));
    for from in union(&old_eras, &new_eras) {
        let model = &old.id;
        match (old_eras.get(&from), new_eras.get(&from)) {
            (Some(old), Some(new)) => changes.extend(era_changes(model, old, new)),
            (Some(old), None) => changes.push(era_removed(model, old)),
            (None, new) => changes.extend(new.map(|new| era_added(model, new))),
        }
    }
    changes
}

fn by_day(model: &Model) -> BTreeMap<Date, &Era> {
    model.eras.iter().map(|era| (era.from, era)).collect()
}

fn era_changes(model: &str, old: &Era, new: &Era) -> Vec<Change> {
    let from = old.from;
    let mut changes = fact_changes(Some(model), era_facts(old), era_facts(new));
    let (old_prices, new_prices) = (prices(old), prices(new));
    for at in union(&old_prices, &new_prices) {
        let (prompt_over, batch, kind) = at;
        let (old, new) = (old_prices.get(&at).copied(), new_prices.get(&at).copied());
        if old != new {
            changes.push(Change::Price { model: model.to_owned(), from, prompt_over, batch, kind, old, new });
        }
    }
    changes
}

/// Threshold of the tier, whether in a batch, kind of token.
type PriceKey = (Option<Tokens>, bool, TokenKind);

fn prices(era: &Era) -> BTreeMap<PriceKey, Rate> {
    let mut all = BTreeMap::new();
    for (over, prices) in era.levels() {
        for kind in TokenKind::ALL {
            all.insert((over, false, kind), prices.standard.of(kind));
            all.insert((over, true, kind), prices.batch.of(kind));
        }
    }
    all
}

type Facts = BTreeMap<String, Option<String>>;

fn fact_changes(model: Option<&str>, mut old: Facts, mut new: Facts) -> Vec<Change> {
    let names: BTreeSet<String> = old.keys().chain(new.keys()).cloned().collect();
    let mut changes = Vec::new();
    for fact in names {
        let (old, new) = (old.remove(&fact).flatten(), new.remove(&fact).flatten());
        if old != new {
            changes.push(Change::Fact { model: model.map(str::to_owned), fact, old, new });
        }
    }
    changes
}

fn facts<const N: usize>(pairs: [(&str, Option<String>); N]) -> Facts {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn text(value: impl fmt::Display) -> Option<String> {
    Some(value.to_string())
}

fn list(values: &[String]) -> Option<String> {
    (!values.is_empty()).then(|| values.join("; "))
}

/// Takes a model apart field by field, so that a new field cannot be forgotten here.
fn model_facts(model: &Model) -> Facts {
    let Model {
        id: _,
        name,
        family,
        aliases,
        released,
        status,
        deprecated_on,
        retires_on,
        retires_not_before,
        replacement,
        still_on,
        limited_availability,
        context_window,
        max_output,
        max_output_batch_beta,
        batch_supported,
        inference_geo,
        min_cacheable,
        unconfirmed,
        tokenizer,
        frame_tokens,
        image_tier,
        thinking,
        tool_prompt_auto_none,
        tool_prompt_any_tool,
        forced_tool_choice,
        thinking_optional,
        sampling_parameters,
        sources,
        notes,
        eras: _,
    } = model;
    facts([
        ("name", text(name)),
        ("family", text(family)),
        ("aliases", list(aliases)),
        ("released", text(released)),
        ("status", text(status)),
        ("deprecated_on", deprecated_on.and_then(text)),
        ("retires_on", retires_on.and_then(text)),
        ("retires_not_before", retires_not_before.and_then(text)),
        ("replacement", replacement.as_ref().and_then(text)),
        ("still_on", list(still_on)),
        ("limited_availability", text(limited_availability)),
        ("context_window", text(context_window)),
        ("max_output", text(max_output)),
        ("max_output_batch_beta", max_output_batch_beta.and_then(text)),
        ("batch_supported", text(batch_supported)),
        ("inference_geo", text(inference_geo)),
        ("min_cacheable_tokens", min_cacheable.and_then(text)),
        ("unconfirmed", list(unconfirmed)),
        ("tokenizer", text(tokenizer)),
        ("frame_tokens", frame_tokens.and_then(text)),
        ("image_tier", text(image_tier)),
        ("thinking", thinking.as_ref().and_then(text)),
        ("tool_prompt_tokens_auto_none", tool_prompt_auto_none.and_then(text)),
        ("tool_prompt_tokens_any_tool", tool_prompt_any_tool.and_then(text)),
        ("forced_tool_choice", text(forced_tool_choice)),
        ("thinking_optional", text(thinking_optional)),
        ("sampling_parameters", text(sampling_parameters)),
        ("sources", list(sources)),
        ("notes", list(notes)),
    ])
}

fn era_facts(era: &Era) -> Facts {
    let Era { from, to, source, checked, derived, notes, exception, no_tier, base: _, tiers: _ } = era;
    let named = [
        ("to", to.and_then(text)),
        ("source", text(source)),
        ("checked", checked.and_then(text)),
        ("derived", list(derived)),
        ("notes", list(notes)),
        ("exception", exception.as_ref().and_then(text)),
        ("no_tier", no_tier.as_ref().and_then(text)),
    ];
    named.into_iter().map(|(name, value)| (format!("era {from} {name}"), value)).collect()
}

fn book_facts(book: &PriceBook) -> Facts {
    let PriceBook { version, geo, server_tools, limits, .. } = book;
    let mut all = facts([
        ("version", text(version)),
        ("geo.us", text(geo.us)),
        ("geo.source", text(&geo.source)),
        ("geo.checked", text(geo.checked)),
        ("geo.notes", list(&geo.notes)),
        ("server_tools.web_search_per_1000", text(server_tools.web_search_per_1000)),
        ("server_tools.web_fetch", text(server_tools.web_fetch)),
        (
            "server_tools.code_execution_per_container_hour",
            text(server_tools.code_execution_per_container_hour),
        ),
        ("server_tools.tool_search", text(server_tools.tool_search)),
        ("server_tools.source", text(&server_tools.source)),
        ("server_tools.checked", text(server_tools.checked)),
        ("server_tools.notes", list(&server_tools.notes)),
    ]);
    all.extend(limit_facts(limits));
    all
}

fn limit_facts(limits: &Limits) -> Facts {
    let Limits {
        max_requests,
        max_body,
        max_body_upper,
        max_hours,
        results_days,
        item_warning,
        large_output_header,
        queue_tiers,
    } = limits;
    let mut all = Facts::new();
    documented(&mut all, "max_requests", max_requests, &max_requests.value);
    documented(&mut all, "max_body_bytes", max_body, &max_body.value);
    documented(&mut all, "max_body_bytes_upper", max_body_upper, &max_body_upper.value);
    documented(&mut all, "max_hours", max_hours, &max_hours.value);
    documented(&mut all, "results_days", results_days, &results_days.value);
    documented(&mut all, "item_warning_bytes", item_warning, &item_warning.value);
    documented(&mut all, "large_output_header", large_output_header, &large_output_header.value);
    for tier in queue_tiers {
        let name = format!("queue_tier.{}", tier.value.name);
        let (minute, queued) = (tier.value.requests_per_minute, tier.value.queued_requests);
        documented(&mut all, &name, tier, &format!("{minute} a minute, {queued} queued"));
    }
    all
}

fn documented<T>(all: &mut Facts, name: &str, said: &Documented<T>, value: &impl fmt::Display) {
    all.insert(format!("limits.{name}"), text(value));
    all.insert(format!("limits.{name}.source"), text(&said.source));
    all.insert(format!("limits.{name}.checked"), text(said.checked));
    all.insert(format!("limits.{name}.notes"), list(&said.notes));
}
