use batchwise_findings::markdown_text as shown;
use batchwise_units::grouped;

use crate::cells::{COSTS, Part};
use crate::grid::joined;
use crate::{BatchRow, Statement};

/// How many batches are listed one by one: nobody reads more in a page.
const BATCHES_LISTED: usize = 50;

/// The statement as GitHub-flavoured Markdown, without links of its own.
pub fn markdown(statement: &Statement) -> Vec<u8> {
    joined([
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
    ])
}

fn opening(statement: &Statement) -> String {
    let caveats: String = statement.caveats.iter().map(|caveat| format!("\n> {}\n", shown(caveat))).collect();
    format!("# What it costs\n\n**{}**\n{caveats}", shown(&statement.headline))
}

fn scenarios(statement: &Statement) -> String {
    if statement.scenarios.is_empty() {
        return String::new();
    }
    let rows = statement.scenarios.iter().map(|row| {
        [row.scenario.title().to_owned()].into_iter().chain(row.cells(statement.places)).collect()
    });
    let header: Vec<&str> = ["USD"].into_iter().chain(statement.scenario_columns()).collect();
    let mut text = grid(&header, rows.collect());
    for (titles, basis) in statement.unlikely() {
        text.push_str(&format!("\n{titles}: not the likely cost, but stated with {}.\n", shown(&basis)));
    }
    text
}

fn cache(statement: &Statement) -> String {
    if !statement.has_caching() {
        return String::new();
    }
    let rows = statement
        .cache_scenarios
        .iter()
        .map(|row| [row.scenario.clone()].into_iter().chain(row.cells(statement.places)).collect());
    let header = ["what the cache does", "low", "likely", "high", "longest replies"];
    let meanings = statement.cache_scenarios.iter().map(|row| shown(&row.says()));
    let meanings: String = meanings.map(|says| format!("- {says}\n")).collect();
    format!("## What the cache may do\n\n{}\n{meanings}", grid(&header, rows.collect()))
}

/// Parts under a title: their own cells and what they cost, with a total where there are several.
fn parts<'c>(
    title: &str,
    first: &[&str],
    parts: impl Iterator<Item = (Vec<String>, Part<'c>)>,
    statement: &Statement,
) -> String {
    let places = statement.places;
    let cells = |(first, part): (Vec<String>, Part<'_>)| -> Vec<String> {
        first.into_iter().chain(part.cells(places)).collect()
    };
    let mut rows: Vec<Vec<String>> = parts.map(cells).collect();
    if rows.len() > 1 {
        let mut total = vec![String::new(); first.len()];
        total[0] = "total".to_owned();
        total[first.len() - 1] = grouped(statement.requests);
        rows.push(cells((total, statement.whole(&statement.costs()))));
    }
    let header: Vec<&str> = first.iter().chain(&COSTS).copied().collect();
    format!("## {}\n\nLow and high are with caching.\n\n{}", shown(title), grid(&header, rows))
}

fn models(statement: &Statement) -> String {
    if statement.models.is_empty() {
        return String::new();
    }
    let rows =
        statement.models.iter().map(|row| (vec![row.name().to_owned(), grouped(row.requests)], row.part()));
    let mut text = parts("By model", &["model", "requests"], rows, statement);
    let unpriced = statement.models.iter().filter_map(|row| row.unpriced());
    text.extend(unpriced.map(|note| format!("\n{}\n", shown(&note))));
    text
}

fn kinds(statement: &Statement) -> String {
    let mut rows: Vec<Vec<String>> =
        statement.token_kinds.iter().map(|row| row.cells(statement.places)).collect();
    match rows.len() {
        0 => return String::new(),
        1 => (),
        _ => rows.extend(statement.total_of_kinds()),
    }
    let header = ["kind of token", "tokens", "standard", "batch", "cached tokens", "with caching"];
    format!("## By kind of token\n\n{}", grid(&header, rows))
}

fn batches(statement: &Statement) -> String {
    let (all, places) = (&statement.batches, statement.places);
    if all.is_empty() {
        return String::new();
    }
    let cells = |names: [String; 2], row: &BatchRow| -> Vec<String> {
        let counts = [row.requests, row.unpriced_requests, row.body_bytes.0].map(grouped);
        names.into_iter().chain(counts).chain(row.part().cells(places)).chain([row.up_to(places)]).collect()
    };
    let listed = all.iter().take(BATCHES_LISTED);
    let mut rows: Vec<_> = listed.map(|row| cells([(row.plan + 1).to_string(), row.number()], row)).collect();
    if all.len() > 1 {
        rows.push(cells(["total".to_owned(), String::new()], &statement.sum_of(all)));
    }
    let first = ["plan", "batch", "requests", "unpriced", "body bytes"];
    let header: Vec<&str> = first.into_iter().chain(COSTS).chain(["up to"]).collect();
    let mut text = format!("## By batch\n\n{}", grid(&header, rows));
    if all.len() > BATCHES_LISTED {
        text.push_str(&format!("\nThe total has {} more.\n", grouped((all.len() - BATCHES_LISTED) as u64)));
    }
    text
}

fn tags(statement: &Statement) -> String {
    let sections = statement.tags.chunk_by(|one, other| one.key == other.key).map(|rows| {
        let title = format!("By tag {}", rows[0].key);
        let rows = rows.iter().map(|row| (vec![row.name().to_owned(), grouped(row.requests)], row.part()));
        parts(&title, &["value", "requests"], rows, statement)
    });
    sections.collect::<Vec<_>>().join("\n")
}

fn plans(statement: &Statement) -> String {
    let rows = (1..).zip(&statement.plans).map(|(number, row): (usize, _)| {
        let about = [&row.name, row.verdict, &row.priced_on, &row.price_book].map(str::to_owned);
        let first = [number.to_string()].into_iter().chain(about).chain([grouped(row.requests)]);
        (first.collect(), row.part())
    });
    let first = ["plan", "file", "verdict", "prices of", "price book", "requests"];
    parts("Plans", &first, rows, statement)
}

fn prices(statement: &Statement) -> String {
    if statement.prices.is_empty() {
        return String::new();
    }
    let mut rows = Vec::new();
    for price in &statement.prices {
        for (mode, cells) in price.cells() {
            rows.push([price.about(), mode.to_owned()].into_iter().chain(cells).collect());
        }
    }
    let header = ["model and source", "USD per million tokens", "in", "out", "write 5m", "write 1h", "read"];
    format!("## Prices\n\n{}", grid(&header, rows))
}

fn assumptions(statement: &Statement) -> String {
    let row = |row: &crate::AssumptionRow| {
        vec![row.key.clone(), row.value.clone(), row.source.clone(), row.numbers()]
    };
    let rows = statement.assumptions.iter().map(row).collect();
    format!("## What it rests on\n\n{}", grid(&["about", "assumed", "because", "plans"], rows))
}

fn closing(statement: &Statement) -> String {
    let found = &statement.findings;
    let rules: String =
        found.rules.iter().map(|(rule, count)| format!("- {}: {}\n", shown(rule), grouped(*count))).collect();
    let rules = if rules.is_empty() { rules } else { format!("\n{rules}") };
    format!("## Verdict: {}\n\n{}.\n{rules}", statement.verdict, found.counts())
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
