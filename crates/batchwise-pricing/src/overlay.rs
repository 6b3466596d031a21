//! A user's own prices over those of the book: discounts, negotiated rates and whole models.
//!
//! Rates that an overlay writes out are taken as written; its discounts apply to the book's own eras only.

use std::collections::{BTreeMap, BTreeSet};

use batchwise_units::Percent;
use jiff::civil::Date;

use crate::document::{Document, Table};
use crate::invariants::{self, Written};
use crate::load::{self, Trust};
use crate::{BookErrors, Era, LookupError, Model, PriceBook, Prices, SourceFile, lookup};

/// The outcome of laying the files of an overlay over a book.
pub(crate) struct Overlay {
    pub(crate) models: Vec<Model>,
    pub(crate) labels: Vec<String>,
}

/// What the files ask for, each with its place.
#[derive(Default)]
struct Wishes<'d> {
    labels: Vec<String>,
    everywhere: Option<Discount<'d>>,
    /// By id of a model of the book.
    by_model: BTreeMap<String, Wish<'d>>,
    added: Vec<(Model, &'d Document<'d>, String)>,
}

enum Wish<'d> {
    Less(Discount<'d>),
    Eras(Vec<Era>),
}

#[derive(Clone)]
struct Discount<'d> {
    percent: Percent,
    document: &'d Document<'d>,
    /// The key that says so.
    key: String,
}

/// Lays `files` over the models of `book`.
pub(crate) fn lay_over(book: &PriceBook, files: &[SourceFile]) -> Result<Overlay, BookErrors> {
    let documents: Vec<Document> = files.iter().map(Document::new).collect();
    let overlay = {
        let mut wishes = Wishes::default();
        for document in &documents {
            read(document, book, &mut wishes);
        }
        grant(book, wishes)
    };
    BookErrors::among(documents.into_iter().flat_map(Document::into_problems).collect())?;
    Ok(overlay)
}

fn read<'d>(document: &'d Document<'d>, book: &PriceBook, wishes: &mut Wishes<'d>) {
    let Some(fields) = document.parse() else { return };
    let table = Table::root(document, &fields);
    table.schema(load::SCHEMA);
    wishes.labels.extend(table.optional_text("label"));
    if let Some(discount) = discount(&table, document) {
        if let Some(earlier) = &wishes.everywhere {
            let message =
                format!("is a second discount for all models: {} has one already", earlier.document.path());
            document.error_at(&discount.key, message);
        } else {
            wishes.everywhere = Some(discount);
        }
    }
    table.tables("model").into_iter().for_each(|entry| read_entry(entry, document, book, wishes));
    let _ = table.finish(); // what is wrong is noted; the overlay is refused as a whole
}

fn read_entry<'d>(entry: Table, document: &'d Document<'d>, book: &PriceBook, wishes: &mut Wishes<'d>) {
    let path = entry.path().to_owned();
    let Some(id) = entry.text("id") else { return };
    match lookup::find(&book.models, &id) {
        Ok(model) => {
            let wish = wish(&entry, document, model);
            if entry.finish().is_none() {
                return;
            }
            let Some(wish) = wish else { return };
            if wishes.by_model.insert(model.id.clone(), wish).is_some() {
                document
                    .error_at(&format!("{path}.id"), "has an entry already: write one per model".to_owned());
            }
        }
        Err(_) if entry.has("name") => {
            let known = wishes.added.iter().any(|(model, ..)| model.id == id);
            if known {
                document
                    .error_at(&format!("{path}.id"), "has an entry already: write one per model".to_owned());
            } else if let Some(model) = load::model(entry, Trust::Overlay { file: document.path() }) {
                wishes.added.push((model, document, path));
            }
        }
        Err(error) => document.error_at(&format!("{path}.id"), names_no_model(&error)),
    }
}

fn names_no_model(error: &LookupError) -> String {
    match error {
        LookupError::Unknown { did_you_mean: Some(name), .. } => {
            format!("is not in the price book: did you mean `{name}`?")
        }
        LookupError::Unknown { did_you_mean: None, .. } => {
            "is not in the price book: to add a model, write all its facts and prices".to_owned()
        }
        LookupError::Bedrock { .. } | LookupError::Vertex { .. } => format!("names no model: {error}"),
    }
}

/// What an entry wants of a model of the book.
fn wish<'d>(entry: &Table, document: &'d Document<'d>, model: &Model) -> Option<Wish<'d>> {
    let path = entry.path();
    let discount = discount(entry, document);
    let both = entry.has("discount_percent") && entry.has("era");
    let neither = !entry.has("discount_percent") && !entry.has("era");
    if both || neither {
        let what = if both { "asks for a discount and for its own eras" } else { "asks for nothing" };
        let message = format!("{what}: write either discount_percent or [[model.era]]");
        document.error_at(&format!("{path}.id"), message);
    }
    if !entry.has("era") {
        entry.texts("era"); // a known key nevertheless
        return discount.map(Wish::Less);
    }
    let eras = load::eras(entry, Trust::Overlay { file: document.path() })?;
    invariants::check_order(document, path, &eras);
    if eras[0].from < model.released {
        let message =
            format!("is before the model was released on {}: a price starts with its model", model.released);
        document.error_at(&format!("{path}.era[0].from"), message);
    }
    for (index, era) in eras.iter().enumerate() {
        let end = era.to.or_else(|| day_before(eras.get(index + 1)?.from));
        if era.tiers.is_empty() && era.no_tier.is_none() {
            refuse_lost_tiers(document, &format!("{path}.era[{index}]"), &model.eras, era.from, end);
        }
    }
    Some(Wish::Eras(eras))
}

/// An era without tiers from `first` to `last` must not replace one that has some: long prompts would silently
/// be quoted far too low. `None` is a day without an end.
fn refuse_lost_tiers(document: &Document, path: &str, replaced: &[Era], first: Date, last: Option<Date>) {
    let mut thresholds = BTreeSet::new();
    for (index, era) in replaced.iter().enumerate() {
        let end = era.to.or_else(|| day_before(replaced.get(index + 1)?.from));
        if end.is_none_or(|end| first <= end) && last.is_none_or(|last| era.from <= last) {
            thresholds.extend(era.tiers.iter().map(|tier| tier.prompt_over));
        }
    }
    if let Some(threshold) = thresholds.first() {
        let all = thresholds.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and over ");
        let message = format!(
            "has no tier where the prices it replaces have one for prompts over {all} tokens: write \
             [[model.era.tier]] with prompt_tokens_over = {threshold}, or `no_tier = \"why there is none\"`"
        );
        document.error_at(path, message);
    }
}

fn day_before(day: Date) -> Option<Date> {
    day.yesterday().ok()
}

/// A share that is taken off; all of it would make the price zero.
fn discount<'d>(table: &Table, document: &'d Document<'d>) -> Option<Discount<'d>> {
    let wanted = "a percentage from 0 to below 100 with at most two decimals as text, like \"12.5\"";
    let read = |text: &str| Percent::parse(text).ok().filter(|percent| *percent < Percent::HUNDRED);
    let percent = table.optional_parsed("discount_percent", wanted, read)?;
    Some(Discount { percent, document, key: table.path_of("discount_percent") })
}

fn grant(book: &PriceBook, wishes: Wishes) -> Overlay {
    let Wishes { labels, everywhere, mut by_model, added } = wishes;
    let mut models: Vec<Model> = Vec::new();
    for model in &book.models {
        let (less, negotiated) = match by_model.remove(&model.id) {
            Some(Wish::Less(own)) => (Some(own), Vec::new()),
            Some(Wish::Eras(eras)) => (everywhere.clone(), eras),
            None => (everywhere.clone(), Vec::new()),
        };
        let mut eras = until(&model.eras, negotiated.first().map(|era| era.from));
        if let Some(less) = less {
            eras.iter_mut().for_each(|era| take_off(era, &less));
        }
        let mut unconfirmed = model.unconfirmed.clone();
        if !negotiated.is_empty() {
            // What is doubtful about Anthropic's prices is not about rates of a contract.
            unconfirmed.retain(|fact| !fact.starts_with("era."));
        }
        eras.extend(negotiated);
        models.push(Model { eras, unconfirmed, ..model.clone() });
    }
    let known = models.iter().map(|model| Written { model, at: None });
    let new =
        added.iter().map(|(model, document, path)| Written { model, at: Some((document, path.clone())) });
    invariants::check_together(&known.chain(new).collect::<Vec<_>>());
    models.extend(added.into_iter().map(|(model, ..)| model));
    Overlay { models, labels }
}

/// The eras that start before `day`, none of them ending after it.
fn until(eras: &[Era], day: Option<Date>) -> Vec<Era> {
    let Some(day) = day else { return eras.to_vec() };
    let mut kept: Vec<Era> = eras.iter().filter(|era| era.from < day).cloned().collect();
    kept.iter_mut().for_each(|era| era.to = era.to.filter(|end| *end < day));
    kept
}

fn take_off(era: &mut Era, discount: &Discount) {
    let less = |prices: &Prices| Prices {
        standard: prices.standard.less(discount.percent),
        batch: prices.batch.less(discount.percent),
    };
    era.base = less(&era.base);
    era.tiers.iter_mut().for_each(|tier| tier.prices = less(&tier.prices));
    era.source = format!("{} less {} ({})", era.source, discount.percent, discount.document.path());
}
