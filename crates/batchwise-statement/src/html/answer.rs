//! How much, how sure, and how much saved.

use batchwise_units::dollars;

use super::chart::{Bar, chart};
use super::grid::Grid;
use super::sections::{caveat, paragraph, section};
use super::text::escaped;
use crate::Statement;
use crate::grid::amount;
use crate::table::unlikely;

pub(super) fn opening(statement: &Statement) -> String {
    let verdict = match statement.verdict {
        "ok" => String::new(),
        other => caveat(&format!("Verdict {other}: what was found is at the end.")),
    };
    format!(
        "<header>\n<h1>What it costs</h1>\n<p class=\"headline\">{}</p>\n{}{verdict}{}</header>\n",
        escaped(&statement.headline),
        statement.caveats.iter().map(|text| caveat(text)).collect::<String>(),
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

pub(super) fn scenarios(statement: &Statement) -> String {
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
