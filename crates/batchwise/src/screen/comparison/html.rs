use batchwise_statement::page::{
    Bar, Grid as Table, caveat, chart, escaped, page, paragraph, prose, section,
};
use batchwise_units::{Estimate, Usd, dollars, grouped};

use super::answer::answer;
use super::grid::{Column, Grid, cost_places, grids, status};
use super::names::Names;
use super::remarks::{overlooked, remarks};
use super::{reading_help, source};
use crate::comparison::{Comparison, End, Row};

/// How many bars are drawn.
const BARS_DRAWN: usize = 24;

/// A comparison as one page that loads nothing and runs no script: for browsers, phones and printers. It has the cells of the
/// tables for people, and no text of a file is markup.
pub(crate) fn comparison_in_html(comparison: &Comparison) -> String {
    let names = Names::of(comparison);
    let main = [
        bars(comparison, &names),
        grids(comparison, &names).iter().enumerate().map(table).collect(),
        section("remarks", "Remarks", &list(&remarks(comparison, &names))),
        section("reading", "How to read it", &list(&reading_help(comparison))),
        section("basis", "What it rests on, as it is", &basis(comparison)),
        section("findings", "What was found, as it is", &findings(comparison)),
    ];
    let body =
        format!("{}<main>\n{}</main>\n{}", opening(comparison, &names), main.concat(), footer(comparison));
    page(&title(comparison), &body, None)
}

/// What a tab of a browser shows.
fn title(comparison: &Comparison) -> String {
    match &comparison.inputs[..] {
        [input] => format!("What {} would cost otherwise", input.path),
        inputs => format!("What {} files would cost otherwise", inputs.len()),
    }
}

fn opening(comparison: &Comparison, names: &Names) -> String {
    let answer = answer(comparison, names);
    let verdict = match comparison.verdict {
        "ok" => String::new(),
        other => caveat(&format!("As it is, the verdict is {other}: what was found is at the end.")),
    };
    let refused = overlooked(comparison)
        .map(|why| caveat(&format!("As it is, the API would refuse some requests: {why}.")))
        .unwrap_or_default();
    let said: String =
        answer[1..].iter().map(|line| format!("<p class=\"headline\">{}</p>\n", prose(line))).collect();
    format!(
        "<header>\n<h1>What it would cost otherwise</h1>\n{}{said}{verdict}{refused}</header>\n",
        paragraph(&answer[0])
    )
}

/// What each row costs, as far as it has a price: all at the likely cost where all have one, else at the high end.
fn bars(comparison: &Comparison, names: &Names) -> String {
    let (unpriced, priced): (Vec<_>, Vec<_>) =
        comparison.rows.iter().zip(&names.rows).partition(|(row, _)| row.quote.is_none());
    let costs: Vec<(Estimate<Usd>, String)> =
        priced.iter().filter_map(|(row, name)| Some((row.quote?.batch_cached, marked(name, row)))).collect();
    let Some(end) = End::of_all(costs.iter().map(|(cost, _)| *cost)) else { return String::new() };
    let places = cost_places(comparison);
    let drawn = costs.iter().take(BARS_DRAWN).filter_map(|(range, name)| {
        let cost = end.of(*range)?;
        Some(Bar { name: name.clone(), cost, shown: dollars(cost, places), range: Some(*range) })
    });
    let first = match costs.len() {
        ..=BARS_DRAWN => String::new(),
        more => format!("; the first {BARS_DRAWN} of {}", grouped(more as u64)),
    };
    let caption = format!("Cost as batches with caching, {}; lines show the range{first}", end.name());
    let chart = chart(&caption, &drawn.collect::<Vec<_>>(), places);
    let unpriced: Vec<&str> = unpriced.iter().map(|(_, name)| name.as_str()).collect();
    let missing = match chart.is_empty() || unpriced.is_empty() {
        true => String::new(),
        false => paragraph(&format!("Not drawn, as nothing has a price there: {}.", unpriced.join("; "))),
    };
    section("chart", "At a glance", &format!("{chart}{missing}"))
}

/// The name of a row, with what is wrong with its numbers.
fn marked(name: &str, row: &Row) -> String {
    match status(row) {
        status if status.is_empty() => name.to_owned(),
        status => format!("{name} ({status})"),
    }
}

/// A table of a screen under its own title. What is words, the notes as well, stands before the numbers.
fn table((number, grid): (usize, &Grid)) -> String {
    let is_words = |column: &&Column| column.head == "instead of";
    let notes = Column { head: "note".to_owned(), cells: grid.notes.clone(), spare: 0 };
    let notes = Some(&notes).filter(|notes| notes.cells.iter().any(|note| !note.is_empty()));
    let words: Vec<&Column> = grid.columns.iter().filter(is_words).chain(notes).collect();
    let numbers = grid.columns.iter().filter(|column| !is_words(column));
    let columns: Vec<&Column> = words.iter().copied().chain(numbers).collect();
    let header: Vec<&str> = [&grid.head]
        .into_iter()
        .chain(columns.iter().map(|column| &column.head))
        .map(String::as_str)
        .collect();
    let row = |(row, name): (usize, &String)| {
        [name].into_iter().chain(columns.iter().map(|column| &column.cells[row])).cloned().collect()
    };
    let rows = grid.names.iter().enumerate().map(row).collect();
    let table = Table { caption: &grid.title, header: &header, words: 1 + words.len(), rows, total: None };
    let title = grid.title.split(',').next().unwrap_or_default();
    section(&format!("table-{number}"), title, &table.html())
}

fn list(lines: &[String]) -> String {
    let items: String = lines.iter().map(|line| format!("<li>{}</li>\n", prose(line))).collect();
    if items.is_empty() { items } else { format!("<ul>\n{items}</ul>\n") }
}

fn basis(comparison: &Comparison) -> String {
    let inputs = comparison.inputs.iter().map(|input| {
        vec![input.path.clone(), input.sha256.to_string(), grouped(input.requests), grouped(input.bytes)]
    });
    let inputs = Table {
        caption: "Inputs",
        header: &["file", "SHA-256", "requests", "bytes"],
        words: 2,
        rows: inputs.collect(),
        total: None,
    };
    let assumptions =
        comparison.assumptions.iter().map(|one| vec![one.key.clone(), one.value.clone(), one.source.clone()]);
    let assumptions = Table {
        caption: "Assumptions and methods",
        header: &["about", "assumed", "because"],
        words: 3,
        rows: assumptions.collect(),
        total: None,
    };
    format!("{}{}{}", inputs.html(), assumptions.html(), paragraph(&source(comparison)))
}

fn findings(comparison: &Comparison) -> String {
    let rules = &comparison.findings.rules;
    let rows: Vec<Vec<String>> =
        rules.iter().map(|(rule, count)| vec![rule.to_string(), grouped(*count)]).collect();
    let header = ["rule", "how often"];
    match rows.is_empty() {
        true => paragraph("Nothing."),
        false => Table { caption: "Findings by rule", header: &header, words: 1, rows, total: None }.html(),
    }
}

fn footer(comparison: &Comparison) -> String {
    let text = format!(
        "Made by batchwise {} with the price book {} (SHA-256 {}). The same inputs and options give the same page, byte for \
         byte. It loads nothing and sends nothing.",
        env!("CARGO_PKG_VERSION"),
        comparison.price_book.version,
        comparison.price_book.sha256
    );
    format!("<footer>\n<p>{}</p>\n</footer>\n", escaped(&text))
}
