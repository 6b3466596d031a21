use batchwise_findings::visible;
use batchwise_units::{Usd, dollars, grouped};

use crate::grid::amount;
use crate::table::{count, has_caching, stated, totals, unlikely};
use crate::{Costs, Scenario, Statement};

/// How many batches are listed one by one: nobody reads more in a page.
const BATCHES_LISTED: usize = 50;

/// The statement as GitHub-flavoured Markdown, without links of its own.
pub fn markdown(statement: &Statement) -> Vec<u8> {
    let sections = [
        opening(statement),
        scenarios(statement),
        cache(statement),
        models(statement),
        kinds(statement),
        batches(statement),
        tags(statement),
        plans(statement),
        prices(statement),
        assumptions(statement),
        closing(statement),
    ];
    let sections: Vec<String> = sections.into_iter().filter(|section| !section.is_empty()).collect();
    sections.join("\n").into_bytes()
}

fn opening(statement: &Statement) -> String {
    let caveats: String = statement.caveats.iter().map(|caveat| format!("\n> {}\n", shown(caveat))).collect();
    format!("# What it costs\n\n**{}**\n{caveats}", shown(&statement.headline))
}

fn scenarios(statement: &Statement) -> String {
    let places = statement.places;
    let Some(first) = statement.scenarios.first() else { return String::new() };
    let middle = if first.basis.is_empty() { "likely" } else { "stated" };
    let rows = statement.scenarios.iter().map(|row| {
        let (saved, percent) = match &row.saved {
            None => (String::new(), String::new()),
            Some(saved) => (dollars(saved.rounded, places), saved.percent.clone().unwrap_or("-".to_owned())),
        };
        vec![
            row.scenario.title().to_owned(),
            dollars(row.cost.range.low(), places),
            amount(row.cost.rounded, row.cost.stated, places),
            dollars(row.cost.range.high(), places),
            saved,
            percent,
        ]
    });
    let mut text = grid(&["USD", "low", middle, "high", "saved", "%"], rows.collect());
    for (titles, basis) in unlikely(statement) {
        text.push_str(&format!("\n{titles}: no likely cost is known; stated with {}.\n", shown(&basis)));
    }
    text
}

fn cache(statement: &Statement) -> String {
    if statement.cache_scenarios.is_empty() || !has_caching(statement) {
        return String::new();
    }
    let cell = |usd: Option<Usd>| usd.map_or("-".to_owned(), |usd| dollars(usd, statement.places));
    let rows = statement.cache_scenarios.iter().map(|row| {
        vec![
            row.scenario.clone(),
            cell(Some(row.range.low())),
            cell(row.range.likely()),
            cell(Some(row.range.high())),
            cell(row.with_longest_replies),
        ]
    });
    let header = ["what the cache does", "low", "likely", "high", "longest replies"];
    format!("## What the cache may do\n\n{}", grid(&header, rows.collect()))
}

const COSTS: [&str; 5] = ["standard", "batch", "with caching", "low", "high"];

/// Stated costs in each scenario, and the range with caching.
fn cells(costs: Option<&Costs>, places: u32) -> Vec<String> {
    let range = costs.map(|costs| costs.of(Scenario::BatchCached).range);
    let end = |usd: Option<Usd>| usd.map_or("unpriced".to_owned(), |usd| dollars(usd, places));
    let ends = [end(range.map(|range| range.low())), end(range.map(|range| range.high()))];
    stated(costs, places).into_iter().chain(ends).collect()
}

fn section(
    title: &str,
    first: &[&str],
    mut rows: Vec<Vec<String>>,
    total: &[String],
    statement: &Statement,
) -> String {
    if rows.len() > 1 {
        let range = statement.scenarios.last().map(|row| row.cost.range);
        let ends = range.map(|range| [range.low(), range.high()].map(|usd| dollars(usd, statement.places)));
        let total = total.iter().cloned().chain(totals(statement)).chain(ends.into_iter().flatten());
        rows.push(total.collect());
    }
    let header: Vec<&str> = first.iter().chain(&COSTS).copied().collect();
    format!("## {}\n\n{}", shown(title), grid(&header, rows))
}

fn models(statement: &Statement) -> String {
    if statement.models.is_empty() {
        return String::new();
    }
    let rows = statement.models.iter().map(|row| {
        let first = [row.model.clone().unwrap_or("(all models)".to_owned()), grouped(row.requests)];
        first.into_iter().chain(cells(row.costs.as_ref(), statement.places)).collect()
    });
    let total = ["total".to_owned(), grouped(statement.requests)];
    let mut text = section("By model", &["model", "requests"], rows.collect(), &total, statement);
    for row in statement.models.iter().filter(|row| row.unpriced_requests > 0) {
        let model = row.model.as_deref().unwrap_or("(all models)");
        let because = row.unpriced_because.as_deref().unwrap_or("no price is known");
        let note = format!("{model}: {} unpriced, in no amount: {because}", grouped(row.unpriced_requests));
        text.push_str(&format!("\n{}\n", shown(&note)));
    }
    text
}

fn kinds(statement: &Statement) -> String {
    if statement.token_kinds.is_empty() {
        return String::new();
    }
    let places = statement.places;
    let mut rows: Vec<Vec<String>> = Vec::new();
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
    }
    if let ([standard, batch, cached], true) = (&totals(statement)[..], rows.len() > 1) {
        rows.push(["total", "", standard, batch, "", cached].map(str::to_owned).to_vec());
    }
    let header = ["kind of token", "tokens", "standard", "batch", "cached tokens", "with caching"];
    format!("## By kind of token\n\n{}", grid(&header, rows))
}

fn batches(statement: &Statement) -> String {
    if statement.batches.is_empty() {
        return String::new();
    }
    let row = |row: &crate::BatchRow| {
        let number = row.batch.map_or("all".to_owned(), |index| (index + 1).to_string());
        let first = [(row.plan + 1).to_string(), number, grouped(row.requests)];
        first.into_iter().chain(cells(row.costs.as_ref(), statement.places)).collect()
    };
    let rows: Vec<Vec<String>> = statement.batches.iter().take(BATCHES_LISTED).map(row).collect();
    let header: Vec<&str> = ["plan", "batch", "requests"].iter().chain(&COSTS).copied().collect();
    let mut text = format!("## By batch\n\n{}", grid(&header, rows));
    if statement.batches.len() > BATCHES_LISTED {
        let more = grouped((statement.batches.len() - BATCHES_LISTED) as u64);
        text.push_str(&format!("\n… and {more} more.\n"));
    }
    text
}

fn tags(statement: &Statement) -> String {
    let sections = statement.tags.chunk_by(|one, other| one.key == other.key).map(|rows| {
        let row = |row: &crate::TagRow| {
            let value = row.value.clone().unwrap_or("(no such tag)".to_owned());
            let first = [value, grouped(row.requests)];
            first.into_iter().chain(cells(row.costs.as_ref(), statement.places)).collect()
        };
        let (key, total) = (&rows[0].key, ["total".to_owned(), grouped(statement.requests)]);
        let rows = rows.iter().map(row).collect();
        section(&format!("By tag {key}"), &["value", "requests"], rows, &total, statement)
    });
    sections.collect::<Vec<_>>().join("\n")
}

fn plans(statement: &Statement) -> String {
    let rows = (1..).zip(&statement.plans).map(|(number, row): (usize, _)| {
        let first = [
            number.to_string(),
            row.name.clone(),
            row.verdict.to_owned(),
            row.priced_on.clone(),
            row.price_book.clone(),
            grouped(row.requests),
        ];
        first.into_iter().chain(cells(row.costs.as_ref(), statement.places)).collect()
    });
    let blank = String::new;
    let total = ["total".to_owned(), blank(), blank(), blank(), blank(), grouped(statement.requests)];
    let first = ["plan", "file", "verdict", "prices of", "price book", "requests"];
    section("Plans", &first, rows.collect(), &total, statement)
}

fn prices(statement: &Statement) -> String {
    if statement.prices.is_empty() {
        return String::new();
    }
    let kinds = ["input", "output", "cache_write_5m", "cache_write_1h", "cache_read"];
    let mut rows = Vec::new();
    for price in &statement.prices {
        for mode in ["standard", "batch"] {
            let cell =
                |kind: &str| price.usd_per_mtok[mode].get(kind).map_or("-".to_owned(), ToString::to_string);
            let first = [price.about(), mode.to_owned()];
            rows.push(first.into_iter().chain(kinds.map(cell)).collect());
        }
    }
    let header = ["model and source", "USD per million tokens", "in", "out", "write 5m", "write 1h", "read"];
    format!("## Prices\n\n{}", grid(&header, rows))
}

fn assumptions(statement: &Statement) -> String {
    let rows = statement.assumptions.iter().map(|row| {
        let plans: Vec<String> = row.plans.iter().map(|plan| (plan + 1).to_string()).collect();
        vec![row.key.clone(), row.value.clone(), row.source.clone(), plans.join(", ")]
    });
    format!("## What it rests on\n\n{}", grid(&["about", "assumed", "because", "plans"], rows.collect()))
}

fn closing(statement: &Statement) -> String {
    let found = &statement.findings;
    let counts = format!("{} errors, {} warnings, {} notes", found.error, found.warning, found.note);
    let rules: String =
        found.rules.iter().map(|(rule, count)| format!("- {}: {}\n", shown(rule), grouped(*count))).collect();
    let rules = if rules.is_empty() { rules } else { format!("\n{rules}") };
    format!("## Verdict: {}\n\n{counts}.\n{rules}", statement.verdict)
}

/// A table whose texts are only text. Columns of numbers are aligned to the right.
fn grid(header: &[&str], rows: Vec<Vec<String>>) -> String {
    let is_number =
        |column: usize| rows.iter().any(|row| row.get(column).is_some_and(|cell| looks_like_a_number(cell)));
    let rule: String =
        (0..header.len()).map(|column| if is_number(column) { "--:|" } else { "---|" }).collect();
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let mut text = line(header.iter().map(|cell| shown(cell)).collect());
    text.push_str(&format!("|{rule}\n"));
    text.extend(rows.iter().map(|row| line(row.iter().map(|cell| shown(cell)).collect())));
    text
}

fn looks_like_a_number(cell: &str) -> bool {
    cell.trim_start_matches(['-', '<', '$']).starts_with(|first: char| first.is_ascii_digit())
        && cell.chars().all(|character| character.is_ascii_digit() || "-<$.,".contains(character))
}

/// Text that Markdown shows as it is: in a table, without links, mentions, tags or emphasis.
fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in visible(text).chars() {
        match character {
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '@' => shown.push_str("&#64;"),
            '#' => shown.push_str("&#35;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '|' | '~' => {
                shown.push('\\');
                shown.push(character);
            }
            // Two dollar signs may begin a formula.
            '$' => shown.push_str("\\$"),
            ':' => shown.push_str("&#58;"),
            other => shown.push(other),
        }
    }
    shown
}
