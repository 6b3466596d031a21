//! What stands on the page, from the answer to what it rests on.

use batchwise_units::{Usd, dollars, grouped};

use super::chart::{Bar, chart};
use super::grid::Grid;
use super::text::escaped;
use crate::grid::amount;
use crate::table::{count, has_caching, stated, totals, unlikely};
use crate::{BatchRow, Costs, ModelRow, PlanRow, PriceRow, Scenario, Statement, TagRow};

/// How many batches are listed one by one; the others are one sum.
const BATCHES_LISTED: usize = 50;

/// How many bars are drawn of one thing.
const BARS_DRAWN: usize = 12;

/// Everything inside the body; `panel` is the calculator's.
pub(super) fn all(statement: &Statement, panel: &str) -> String {
    let main = [
        scenarios(statement),
        models(statement),
        kinds(statement),
        panel.to_owned(),
        cache(statement),
        batches(statement),
        tags(statement),
        plans(statement),
        basis(statement),
        findings(statement),
    ];
    format!("{}<main>\n{}</main>\n{}", opening(statement), main.concat(), footer(statement))
}

/// A section under its title; none where it says nothing.
pub(super) fn section(id: &str, title: &str, content: &str) -> String {
    if content.is_empty() {
        return String::new();
    }
    format!(
        "<section aria-labelledby=\"{id}\">\n<h2 id=\"{id}\">{}</h2>\n{content}</section>\n",
        escaped(title)
    )
}

pub(super) fn paragraph(text: &str) -> String {
    format!("<p>{}</p>\n", escaped(text))
}

fn opening(statement: &Statement) -> String {
    let caveat = |caveat: &String| format!("<p class=\"caveat\" role=\"note\">{}</p>\n", escaped(caveat));
    let verdict = match statement.verdict {
        "ok" => String::new(),
        other => format!(
            "<p class=\"caveat\" role=\"note\">Verdict {}: what was found is at the end.</p>\n",
            escaped(other)
        ),
    };
    format!(
        "<header>\n<h1>What it costs</h1>\n<p class=\"headline\">{}</p>\n{}{verdict}{}</header>\n",
        escaped(&statement.headline),
        statement.caveats.iter().map(caveat).collect::<String>(),
        figures(statement),
    )
}

/// The three numbers that are quoted, large.
fn figures(statement: &Statement) -> String {
    let Some(row) = statement.scenarios.last() else { return String::new() };
    let places = statement.places;
    let cost = if row.basis.is_empty() { "likely cost in batches" } else { "stated cost in batches" };
    let range =
        format!("{} to {}", dollars(row.cost.range.low(), places), dollars(row.cost.range.high(), places));
    let mut figures = vec![(cost, amount(row.cost.rounded, row.cost.stated, places)), ("range", range)];
    if let Some(saved) = &row.saved {
        let percent = saved.percent.as_ref().map(|percent| format!(" ({percent} %)")).unwrap_or_default();
        figures.push(("saved against one by one", format!("{}{percent}", dollars(saved.rounded, places))));
    }
    let figure = |(name, value): &(&str, String)| {
        format!("<div><dt>{}</dt><dd>{}</dd></div>\n", escaped(name), escaped(value))
    };
    format!("<dl class=\"figures\">\n{}</dl>\n", figures.iter().map(figure).collect::<String>())
}

fn scenarios(statement: &Statement) -> String {
    let places = statement.places;
    let Some(first) = statement.scenarios.first() else { return String::new() };
    let middle = if first.basis.is_empty() { "likely" } else { "stated" };
    let bars: Vec<Bar> = statement
        .scenarios
        .iter()
        .map(|row| Bar {
            name: row.scenario.title().to_owned(),
            cost: row.cost.stated,
            shown: amount(row.cost.rounded, row.cost.stated, places),
            range: Some(row.cost.range),
        })
        .collect();
    let rows = statement.scenarios.iter().map(|row| {
        let saved = row.saved.as_ref();
        vec![
            row.scenario.title().to_owned(),
            dollars(row.cost.range.low(), places),
            amount(row.cost.rounded, row.cost.stated, places),
            dollars(row.cost.range.high(), places),
            saved.map_or("-".to_owned(), |saved| dollars(saved.rounded, places)),
            saved.and_then(|saved| saved.percent.clone()).unwrap_or("-".to_owned()),
        ]
    });
    let grid = Grid {
        caption: "Cost by scenario, US dollars",
        header: &["scenario", "low", middle, "high", "saved", "%"],
        words: 1,
        rows: rows.collect(),
        total: None,
    };
    let notes: String = unlikely(statement)
        .iter()
        .map(|(titles, basis)| paragraph(&format!("{titles}: no likely cost is known; stated with {basis}.")))
        .collect();
    let chart = chart("Cost by scenario; lines show the range", &bars, places);
    section("by-scenario", "By scenario", &format!("{chart}{}{notes}", grid.html()))
}

fn cache(statement: &Statement) -> String {
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

fn model_name(row: &ModelRow) -> String {
    row.model.clone().unwrap_or("(all models)".to_owned())
}

fn models(statement: &Statement) -> String {
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
        format!("<p class=\"caveat\" role=\"note\">{}</p>\n", escaped(&note))
    });
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

fn kinds(statement: &Statement) -> String {
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

fn batches(statement: &Statement) -> String {
    if statement.batches.is_empty() {
        return String::new();
    }
    let several_plans = statement.plans.len() > 1;
    let (listed, rest) = statement.batches.split_at(statement.batches.len().min(BATCHES_LISTED));
    let label = |row: &BatchRow| {
        let number = row.batch.map_or("all".to_owned(), |index| grouped(u64::from(index) + 1));
        if several_plans { format!("{}.{number}", row.plan + 1) } else { number }
    };
    let mut rows: Vec<Vec<String>> =
        listed.iter().map(|row| batch_cells(label(row), std::slice::from_ref(row), statement)).collect();
    if !rest.is_empty() {
        rows.push(batch_cells(format!("the other {}", grouped(rest.len() as u64)), rest, statement));
    }
    let total = (rows.len() > 1).then(|| batch_cells("total".to_owned(), &statement.batches, statement));
    let label = if several_plans { "plan.batch" } else { "batch" };
    let header = [label, "requests", "unpriced", "body bytes", "standard", "batch", "with caching", "up to"];
    let caption = "Cost by batch, US dollars; up to: the most it can cost as a batch";
    section("by-batch", "By batch", &Grid { caption, header: &header, words: 1, rows, total }.html())
}

/// What some batches add up to. Their rounded costs are those of the lines, so that the table foots.
fn batch_cells(label: String, rows: &[BatchRow], statement: &Statement) -> Vec<String> {
    let places = statement.places;
    let sum = |number: fn(&BatchRow) -> u64| grouped(rows.iter().map(number).fold(0, u64::saturating_add));
    let priced: Vec<&Costs> = rows.iter().filter_map(|row| row.costs.as_ref()).collect();
    let cost = |scenario: Scenario| match priced[..] {
        [] => "unpriced".to_owned(),
        _ => amount(
            priced.iter().map(|costs| costs.of(scenario).rounded).sum(),
            priced.iter().map(|costs| costs.of(scenario).stated).sum(),
            places,
        ),
    };
    let bounds: Vec<Usd> = rows.iter().filter_map(|row| row.bound).collect();
    let bound = match bounds[..] {
        [] => "unpriced".to_owned(),
        _ => dollars(bounds.into_iter().sum::<Usd>().rounded_up(places), places),
    };
    let counts = [sum(|row| row.requests), sum(|row| row.unpriced_requests), sum(|row| row.body_bytes.0)];
    [label].into_iter().chain(counts).chain(Scenario::ALL.map(cost)).chain([bound]).collect()
}

fn tags(statement: &Statement) -> String {
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

fn plans(statement: &Statement) -> String {
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

fn basis(statement: &Statement) -> String {
    let meaning = paragraph(
        "Amounts are exact inside and rounded once, half away from zero; lines are rounded so that they add up to their \
         total. Low has every input at the low end of its range and no reply at all, high has it at the high end and every \
         reply as long as its max_tokens. Low and high of lines do not add up to those of the total, because errors of \
         counting cancel in part.",
    );
    section("basis", "What it rests on", &format!("{meaning}{}{}", assumptions(statement), prices(statement)))
}

fn assumptions(statement: &Statement) -> String {
    let rows = statement.assumptions.iter().map(|row| {
        let plans: Vec<String> = row.plans.iter().map(|plan| (plan + 1).to_string()).collect();
        vec![row.key.clone(), row.value.clone(), row.source.clone(), plans.join(", ")]
    });
    let header = ["about", "assumed", "because", "plans"];
    Grid { caption: "Assumptions and methods", header: &header, words: 4, rows: rows.collect(), total: None }
        .html()
}

fn prices(statement: &Statement) -> String {
    let kinds = ["input", "output", "cache_write_5m", "cache_write_1h", "cache_read"];
    let mut rows = Vec::new();
    for price in &statement.prices {
        for mode in ["standard", "batch"] {
            let cell =
                |kind: &str| price.usd_per_mtok[mode].get(kind).map_or("-".to_owned(), ToString::to_string);
            let first = [
                model_of(price),
                mode.to_owned(),
                price.since.clone(),
                price.checked.clone().unwrap_or("-".to_owned()),
                price.source.clone(),
            ];
            rows.push(first.into_iter().chain(kinds.map(cell)).collect());
        }
    }
    if rows.is_empty() {
        return String::new();
    }
    let header =
        ["model", "prices", "since", "read", "source", "in", "out", "write 5m", "write 1h", "cache read"];
    Grid { caption: "Prices, US dollars per million tokens", header: &header, words: 5, rows, total: None }
        .html()
}

fn model_of(price: &PriceRow) -> String {
    let alias = price.priced_as.as_ref().filter(|id| **id != price.model);
    let alias = alias.map(|id| format!(" (priced as {id})")).unwrap_or_default();
    let geo = if price.geo == "us" { ", US" } else { "" };
    let over = price.prompt_tokens_over.map(|over| format!(", prompts over {}", grouped(over.0)));
    format!("{}{alias}{}{geo}", price.model, over.unwrap_or_default())
}

fn findings(statement: &Statement) -> String {
    let found = &statement.findings;
    let counts = format!(
        "Verdict {}; errors {}, warnings {}, notes {}.",
        statement.verdict,
        grouped(found.error),
        grouped(found.warning),
        grouped(found.note)
    );
    let rows: Vec<Vec<String>> =
        found.rules.iter().map(|(rule, count)| vec![rule.clone(), grouped(*count)]).collect();
    let header = ["rule", "how often"];
    let table = match rows.is_empty() {
        true => String::new(),
        false => Grid { caption: "Findings by rule", header: &header, words: 1, rows, total: None }.html(),
    };
    section("findings", "What was found", &format!("{}{table}", paragraph(&counts)))
}

fn footer(statement: &Statement) -> String {
    let book: std::collections::BTreeSet<String> = statement
        .plans
        .iter()
        .map(|plan| format!("{} (SHA-256 {})", plan.price_book, plan.price_book_sha256))
        .collect();
    let books: Vec<String> = book.into_iter().collect();
    let text = format!(
        "Made by batchwise {} with the price book {}. The same plans give the same page, byte for byte. It loads nothing \
         and sends nothing.",
        env!("CARGO_PKG_VERSION"),
        books.join(", ")
    );
    format!("<footer>\n{}</footer>\n", paragraph(&text))
}
