//! What the parts of a workload cost: models, kinds of token, tags, plans, and what the cache may do.

use batchwise_units::{Usd, dollars, grouped};

use super::chart::{Bar, chart};
use super::grid::Grid;
use super::sections::{caveat, section};
use crate::grid::amount;
use crate::table::{count, has_caching, stated, totals};
use crate::{Costs, ModelRow, PlanRow, Scenario, Statement, TagRow};

/// How many bars are drawn of one thing.
const BARS_DRAWN: usize = 12;

pub(super) fn models(statement: &Statement) -> String {
    if statement.models.is_empty() {
        return String::new();
    }
    let places = statement.places;
    let rows = statement.models.iter().map(|row| {
        let first = [model_name(row), grouped(row.requests)];
        first.into_iter().chain(cells(row.costs.as_ref(), places)).collect()
    });
    let total = vec!["total".to_owned(), grouped(statement.requests)];
    let caption = "Cost by model, US dollars; low and high are with caching";
    let table = parts(caption, &["model", "requests"], (1, rows.collect()), total, statement);
    let unpriced = statement.models.iter().filter(|row| row.unpriced_requests > 0).map(|row| {
        let because = row.unpriced_because.as_deref().unwrap_or("no price is known");
        let count = grouped(row.unpriced_requests);
        let note = format!("{}: {count} unpriced, in no amount: {because}", model_name(row));
        caveat(&note)
    });
    let unpriced: String = unpriced.collect();
    section("by-model", "By model", &format!("{}{table}{unpriced}", model_chart(statement)))
}

fn model_name(row: &ModelRow) -> String {
    row.model.clone().unwrap_or("(all models)".to_owned())
}

/// The dearest models.
fn model_chart(statement: &Statement) -> String {
    let mut bars: Vec<Bar> = statement
        .models
        .iter()
        .filter_map(|row| {
            let cost = row.costs.as_ref()?.of(Scenario::BatchCached);
            Some(Bar {
                name: model_name(row),
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
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut bars = Vec::new();
    for row in &statement.token_kinds {
        let cost = |scenario: Scenario| amount(row.of(scenario).rounded, row.of(scenario).stated, places);
        rows.push(vec![
            row.token_kind.clone(),
            count(row.batch.tokens),
            cost(Scenario::Standard),
            cost(Scenario::Batch),
            count(row.batch_cached.tokens),
            cost(Scenario::BatchCached),
        ]);
        bars.push(Bar {
            name: row.token_kind.clone(),
            cost: row.batch_cached.stated,
            shown: cost(Scenario::BatchCached),
            range: None,
        });
    }
    let several = rows.len() > 1;
    let total = match &totals(statement)[..] {
        [standard, batch, cached] if several => {
            Some(["total", "", standard, batch, "", cached].map(str::to_owned).to_vec())
        }
        _ => None,
    };
    let header = ["kind of token", "tokens", "standard", "batch", "cached tokens", "with caching"];
    let caption = "Cost by kind of token, US dollars";
    let grid = Grid { caption, header: &header, words: 1, rows, total };
    let chart = chart("Cost as batches with caching, by kind of token", &bars, places);
    section("by-kind", "By kind of token", &format!("{chart}{}", grid.html()))
}

pub(super) fn cache(statement: &Statement) -> String {
    if statement.cache_scenarios.is_empty() || !has_caching(statement) {
        return String::new();
    }
    let cell = |usd: Option<Usd>| usd.map_or("-".to_owned(), |usd| dollars(usd, statement.places));
    let rows = statement.cache_scenarios.iter().map(|row| {
        vec![
            row.scenario.clone(),
            row.meaning.clone(),
            cell(Some(row.range.low())),
            cell(row.range.likely()),
            cell(Some(row.range.high())),
            cell(row.with_longest_replies),
        ]
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
        let row = |row: &TagRow| {
            let value = row.value.clone().unwrap_or("(no such tag)".to_owned());
            let first = [value, grouped(row.requests)];
            first.into_iter().chain(cells(row.costs.as_ref(), statement.places)).collect()
        };
        let total = vec!["total".to_owned(), grouped(statement.requests)];
        let key = &rows[0].key;
        let caption = format!("Cost by tag {key}, US dollars; low and high are with caching");
        let rows = rows.iter().map(row).collect();
        parts(&caption, &[key.as_str(), "requests"], (1, rows), total, statement)
    });
    section("by-tag", "By tag", &by_key.collect::<String>())
}

pub(super) fn plans(statement: &Statement) -> String {
    let rows = (1..).zip(&statement.plans).map(|(number, row)| {
        let first = [plan_name(number, row), grouped(row.requests)];
        first.into_iter().chain(cells(row.costs.as_ref(), statement.places)).collect()
    });
    let total = vec!["total".to_owned(), grouped(statement.requests)];
    let caption = "Cost by plan, US dollars; low and high are with caching";
    let costs = parts(caption, &["plan", "requests"], (1, rows.collect()), total, statement);
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

const COSTS: [&str; 5] = ["standard", "batch", "with caching", "low", "high"];

/// Stated costs in each scenario, and the range with caching.
fn cells(costs: Option<&Costs>, places: u32) -> Vec<String> {
    let range = costs.map(|costs| costs.of(Scenario::BatchCached).range);
    let end = |usd: Option<Usd>| usd.map_or("unpriced".to_owned(), |usd| dollars(usd, places));
    let ends = [end(range.map(|range| range.low())), end(range.map(|range| range.high()))];
    stated(costs, places).into_iter().chain(ends).collect()
}

/// A table of parts and what they cost, with a total where there are several.
fn parts(
    caption: &str,
    first: &[&str],
    (words, rows): (usize, Vec<Vec<String>>),
    total: Vec<String>,
    statement: &Statement,
) -> String {
    let range = statement.scenarios.last().map(|row| row.cost.range);
    let ends = range.map(|range| [range.low(), range.high()].map(|usd| dollars(usd, statement.places)));
    let total = total.into_iter().chain(totals(statement)).chain(ends.into_iter().flatten()).collect();
    let header: Vec<&str> = first.iter().chain(&COSTS).copied().collect();
    let several = rows.len() > 1 && !statement.scenarios.is_empty();
    Grid { caption, header: &header, words, rows, total: several.then_some(total) }.html()
}
