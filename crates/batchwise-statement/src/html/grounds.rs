//! What the numbers rest on, and what was found.

use batchwise_units::grouped;

use super::grid::Grid;
use super::sections::{paragraph, section};
use crate::Statement;

pub(super) fn basis(statement: &Statement) -> String {
    let meaning = paragraph(
        "Amounts are exact inside and rounded once, half away from zero; lines are rounded so that they add up to their \
         total. Low has every input at the low end of its range and no reply at all, high has it at the high end and every \
         reply as long as its max_tokens. Low and high of lines do not add up to those of the total, because errors of \
         counting cancel in part.",
    );
    section("basis", "What it rests on", &format!("{meaning}{}{}", assumptions(statement), prices(statement)))
}

fn assumptions(statement: &Statement) -> String {
    let rows = statement
        .assumptions
        .iter()
        .map(|row| vec![row.key.clone(), row.value.clone(), row.source.clone(), row.numbers()]);
    let header = ["about", "assumed", "because", "plans"];
    Grid { caption: "Assumptions and methods", header: &header, words: 4, rows: rows.collect(), total: None }
        .html()
}

fn prices(statement: &Statement) -> String {
    let mut rows = Vec::new();
    for price in &statement.prices {
        for (mode, cells) in price.cells() {
            let (since, source) = (price.since.clone(), price.source.clone());
            let checked = price.checked.clone().unwrap_or("-".to_owned());
            let first = [price.subject(), mode.to_owned(), since, checked, source];
            rows.push(first.into_iter().chain(cells).collect());
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

pub(super) fn findings(statement: &Statement) -> String {
    let found = &statement.findings;
    let counts = format!("Verdict {}; {}.", statement.verdict, found.counts());
    let rows: Vec<Vec<String>> =
        found.rules.iter().map(|(rule, count)| vec![rule.clone(), grouped(*count)]).collect();
    let header = ["rule", "how often"];
    let table = match rows.is_empty() {
        true => String::new(),
        false => Grid { caption: "Findings by rule", header: &header, words: 1, rows, total: None }.html(),
    };
    section("findings", "What was found", &format!("{}{table}", paragraph(&counts)))
}

pub(super) fn footer(statement: &Statement) -> String {
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
