//! What the parts of a workload cost: models, kinds of token, tags, plans, and what the cache may do.

use batchwise_units::{amount, grouped};

use super::chart::{Bar, chart};
use super::grid::Grid;
use super::sections::{caveat, section};
use crate::cells::{COSTS, Part};
use crate::{KindRow, PlanRow, Scenario, Statement};

/// How many bars are drawn of one thing.
const BARS_DRAWN: usize = 12;

pub(super) fn models(statement: &Statement) -> String {
    if statement.models.is_empty() {
        return String::new();
    }
    let rows = statement.models.iter().map(|row| (row.name().to_owned(), row.part()));
    let caption = "Cost by model, US dollars; low and high are with caching";
    let table = parts(caption, "model", rows, statement);
    let unpriced = statement.models.iter().filter_map(|row| row.unpriced()).map(|note| caveat(&note));
    let unpriced: String = unpriced.collect();
    section("by-model", "By model", &format!("{}{table}{unpriced}", model_chart(statement)))
}

/// The dearest models.
fn model_chart(statement: &Statement) -> String {
    let mut bars: Vec<Bar> = statement
        .models
        .iter()
        .filter_map(|row| {
            let cost = row.costs.as_ref()?.of(Scenario::BatchCached);
            Some(Bar {
                name: row.name().to_owned(),
                cost: cost.stated,
                shown: amount(cost.rounded, cost.stated, statement.places),
                range: Some(cost.range),
            })
        })
        .collect();
    if bars.len() < 2 {
        return String::new();
    }
    bars.sort_by_key(|bar| std::cmp::Reverse(bar.cost));
    let caption = drawn("Cost as batches with caching, by model; lines show the range", bars.len());
    bars.truncate(BARS_DRAWN);
    chart(&caption, &bars, statement.places)
}

/// A caption that tells when not all bars are drawn.
fn drawn(caption: &str, bars: usize) -> String {
    match bars {
        ..=BARS_DRAWN => caption.to_owned(),
        more => format!("{caption}; the dearest {BARS_DRAWN} of {}", grouped(more as u64)),
    }
}

pub(super) fn kinds(statement: &Statement) -> String {
    if statement.token_kinds.is_empty() {
        return String::new();
    }
    let places = statement.places;
    let kinds = &statement.token_kinds;
    let bar = |row: &KindRow| Bar {
        name: row.token_kind.clone(),
        cost: row.batch_cached.stated,
        shown: amount(row.batch_cached.rounded, row.batch_cached.stated, places),
        range: None,
    };
    let bars: Vec<Bar> = kinds.iter().map(bar).collect();
    let header = ["kind of token", "tokens", "standard", "batch", "cached tokens", "with caching"];
    let caption = "Cost by kind of token, US dollars";
    let rows = kinds.iter().map(|row| row.cells(places)).collect();
    let total = statement.total_of_kinds().filter(|_| kinds.len() > 1);
    let grid = Grid { caption, header: &header, words: 1, rows, total };
    let chart = chart("Cost as batches with caching, by kind of token", &bars, places);
    section("by-kind", "By kind of token", &format!("{chart}{}", grid.html()))
}

pub(super) fn cache(statement: &Statement) -> String {
    if !statement.has_caching() {
        return String::new();
    }
    let rows = statement.cache_scenarios.iter().map(|row| {
        let words = [row.scenario.clone(), row.meaning.clone()];
        words.into_iter().chain(row.cells(statement.places)).collect()
    });
    let grid = Grid {
        caption: "Cost as batches by what the cache does, US dollars",
        header: &["cache", "what it does", "low", "likely", "high", "longest replies"],
        words: 2,
        rows: rows.collect(),
        total: None,
    };
    section("cache", "What the cache may do", &grid.html())
}

pub(super) fn tags(statement: &Statement) -> String {
    let by_key = statement.tags.chunk_by(|one, other| one.key == other.key).map(|rows| {
        let key = &rows[0].key;
        let caption = format!("Cost by tag {key}, US dollars; low and high are with caching");
        let rows = rows.iter().map(|row| (row.name().to_owned(), row.part()));
        parts(&caption, key, rows, statement)
    });
    section("by-tag", "By tag", &by_key.collect::<String>())
}

pub(super) fn plans(statement: &Statement) -> String {
    let rows = (1..).zip(&statement.plans).map(|(number, row)| (plan_name(number, row), row.part()));
    let caption = "Cost by plan, US dollars; low and high are with caching";
    let costs = parts(caption, "plan", rows, statement);
    let files = (1..).zip(&statement.plans).map(|(number, row)| {
        let tags: Vec<String> = row.tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
        let name = plan_name(number, row);
        let about = [name, row.verdict.to_owned(), row.priced_on.clone(), row.price_book.clone()];
        about.into_iter().chain([tags.join(", "), row.sha256.to_string()]).collect()
    });
    let header = ["plan", "verdict", "prices of", "price book", "tags", "SHA-256"];
    let files =
        Grid { caption: "Plan files", header: &header, words: 6, rows: files.collect(), total: None }.html();
    section("by-plan", "By plan", &format!("{costs}{files}"))
}

fn plan_name(number: usize, row: &PlanRow) -> String {
    format!("{number}: {}", row.name)
}

/// A table of parts and what they cost, with a total where there are several.
fn parts<'c>(
    caption: &str,
    first: &str,
    parts: impl Iterator<Item = (String, Part<'c>)>,
    statement: &Statement,
) -> String {
    let row = |(name, part): (String, Part<'_>)| -> Vec<String> {
        [name, grouped(part.requests)].into_iter().chain(part.cells(statement.places)).collect()
    };
    let rows: Vec<Vec<String>> = parts.map(row).collect();
    let total = (rows.len() > 1).then(|| row(("total".to_owned(), statement.whole(&statement.costs()))));
    let header: Vec<&str> = [first, "requests"].into_iter().chain(COSTS).collect();
    Grid { caption, header: &header, words: 1, rows, total }.html()
}
