//! How much, how sure, and how much saved.

use batchwise_units::amount;

use super::chart::{Bar, chart};
use super::grid::Grid;
use super::sections::{caveat, paragraph, section};
use super::text::{escaped, prose};
use crate::Statement;
use crate::cells::from_to;

pub(super) fn opening(statement: &Statement) -> String {
    format!(
        "<header>\n<h1>What it costs</h1>\n<p class=\"headline\">{}</p>\n{}{}</header>\n",
        prose(&statement.headline),
        statement.caveats.iter().map(|text| caveat(text)).collect::<String>(),
        figures(statement),
    )
}

/// The three numbers that are quoted, large.
fn figures(statement: &Statement) -> String {
    let Some(row) = statement.scenarios.last() else { return String::new() };
    let places = statement.places;
    let cost = if row.basis.is_empty() { "likely cost in batches" } else { "stated cost in batches" };
    let stated = amount(row.cost.rounded, row.cost.stated, places);
    let mut figures = vec![(cost, stated), ("range", from_to(&row.cost, places))];
    if let Some(saved) = &row.saved {
        let percent = saved.percent.as_ref().map(|_| format!(" ({} %)", saved.percent())).unwrap_or_default();
        figures.push(("saved against one by one", format!("{}{percent}", saved.amount(places))));
    }
    let figure = |(name, value): &(&str, String)| {
        format!("<div><dt>{}</dt><dd>{}</dd></div>\n", escaped(name), escaped(value))
    };
    format!("<dl class=\"figures\">\n{}</dl>\n", figures.iter().map(figure).collect::<String>())
}

pub(super) fn scenarios(statement: &Statement) -> String {
    if statement.scenarios.is_empty() {
        return String::new();
    }
    let places = statement.places;
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
    let header: Vec<&str> = ["scenario"].into_iter().chain(statement.scenario_columns()).collect();
    let rows = statement.scenarios.iter().map(|row| {
        let cells = row.cells(places).map(|cell| if cell.is_empty() { "-".to_owned() } else { cell });
        [row.scenario.title().to_owned()].into_iter().chain(cells).collect()
    });
    let grid = Grid {
        caption: "Cost by scenario, US dollars",
        header: &header,
        words: 1,
        rows: rows.collect(),
        total: None,
    };
    let notes: String = statement
        .unlikely()
        .iter()
        .map(|(titles, basis)| paragraph(&format!("{titles}: not the likely cost, but stated with {basis}.")))
        .collect();
    let chart = chart("Cost by scenario; lines show the range", &bars, places);
    section("by-scenario", "By scenario", &format!("{chart}{}{notes}", grid.html()))
}
