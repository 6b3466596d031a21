//! What a comparison looks like.

mod answer;
mod grid;
mod html;
mod markdown;
mod names;
mod remarks;

use batchwise_plan::Assumption;
use unicode_width::UnicodeWidthStr;

use super::{Table, harmless};
use crate::comparison::{Comparison, Row};
use answer::answer;
use grid::{Column, Grid, grids};
use names::Names;
use remarks::remarks;

pub(crate) use html::comparison_in_html;
pub(crate) use markdown::comparison_in_markdown;

/// Between two columns.
const GAP: usize = 2;

/// A comparison for people, at most `width` columns wide as far as its numbers allow that.
pub(crate) fn comparison(comparison: &Comparison, width: usize) -> String {
    let names = Names::of(comparison);
    let tables = grids(comparison, &names);
    let mut named = tables.iter().filter(|grid| grid.head == names.head);
    let fits = named.all(|grid| fitting(grid, width).is_some());
    let numbers = names.numbered();
    let (legend, shown, tables) = match fits {
        true => (String::new(), &names, tables),
        false => (legend(&names, &numbers, width), &numbers, grids(comparison, &numbers)),
    };
    let answer = answer(comparison, &names);
    let mut sections = vec![answer.iter().map(|line| wrapped(line, "", width)).collect(), legend];
    sections.extend(tables.iter().map(|grid| draw(grid, width)));
    sections.push(list("Remarks", remarks(comparison, shown), width));
    sections.push(list("How to read it", reading_help(comparison), width));
    sections.push(list("What it rests on, as it is", comparison.assumptions.iter().map(assumption), width));
    sections.push(wrapped(&source(comparison), "", width));
    sections.into_iter().filter(|section| !section.is_empty()).collect::<Vec<_>>().join("\n")
}

fn legend(names: &Names, numbers: &Names, width: usize) -> String {
    let lines = names.rows.iter().zip(&numbers.rows).map(|(name, number)| format!("{number} {name}"));
    list(&format!("Variants by {}", names.head), lines, width)
}

fn reading_help(comparison: &Comparison) -> Vec<String> {
    let as_is = &comparison.rows[0];
    if comparison.rows.iter().all(|row| row.quote.is_none()) {
        return Vec::new();
    }
    let mut lines = vec![
        "low and high are the ends of what is likely for the input, with no reply at all and with every reply as long as \
         its `max_tokens`; each row counts the input with the tokenizer of its model"
            .to_owned(),
        "what it costs says nothing about how well another model answers".to_owned(),
    ];
    if comparison.rows[1..].iter().any(|row| row.quote.is_some() && row.change.is_none()) {
        lines.push(
            "change is - where other requests have a price than as it is, so that nothing is subtracted"
                .to_owned(),
        );
    }
    lines.extend(missing(as_is).map(|why| format!("likely is - where it is unknown: {why}")));
    lines
}

/// Why the workload as it is has no likely cost.
fn missing(as_is: &Row) -> Option<&'static str> {
    let quote = as_is.quote?;
    match (as_is.tokens.input.likely(), as_is.tokens.output.likely(), quote.batch_cached.likely()) {
        (None, ..) => Some("some input has only bounds"),
        (_, None, _) => Some("no reply length was given (--output-tokens)"),
        (.., None) => Some("with caching, no hit rate was given (--cache)"),
        _ => None,
    }
}

fn assumption(assumption: &Assumption) -> String {
    harmless(&format!("{}: {} [{}]", assumption.key, assumption.value, assumption.source))
}

fn source(comparison: &Comparison) -> String {
    let book = &comparison.price_book;
    format!("Price book {}, sha256 {}…, prices of {}", book.version, &book.sha256[..16], comparison.priced_on)
}

fn list(title: &str, lines: impl IntoIterator<Item = String>, width: usize) -> String {
    let lines: String = lines.into_iter().map(|line| wrapped(&line, "  ", width)).collect();
    if lines.is_empty() { lines } else { format!("{title}\n{lines}") }
}

/// A table in as many columns as there is room for. Names that are too long even for those that are needed stand above their
/// rows.
fn draw(grid: &Grid, width: usize) -> String {
    let columns = fitting(grid, width).unwrap_or_else(|| needed(grid).collect());
    let mut table = Table::new(1);
    table.row([grid.head.clone()].into_iter().chain(columns.iter().map(|column| column.head.clone())));
    for (number, name) in grid.names.iter().enumerate() {
        let cells = columns.iter().map(|column| column.cells[number].clone());
        let note = grid.notes.get(number).cloned().unwrap_or_default();
        table.row_with_note([name.clone()].into_iter().chain(cells), note);
    }
    format!("{}\n{}", grid.title, table.draw_in(width, 2))
}

fn needed(grid: &Grid) -> impl Iterator<Item = &Column> {
    grid.columns.iter().filter(|column| column.spare == 0)
}

/// As many columns as there is room for; `None` where even those that are needed are too wide.
fn fitting(grid: &Grid, width: usize) -> Option<Vec<&Column>> {
    let most = grid.columns.iter().map(|column| column.spare).max().unwrap_or(0);
    let up_to = |spare: u8| grid.columns.iter().filter(move |column| column.spare <= spare);
    let is_narrow = |spare: &u8| extent(grid, up_to(*spare)) <= width;
    (0..=most).rev().find(is_narrow).map(|spare| up_to(spare).collect())
}

/// How wide the table is with these columns.
fn extent<'g>(grid: &Grid, columns: impl Iterator<Item = &'g Column>) -> usize {
    let widest = |texts: &[String]| texts.iter().map(|text| text.width()).max().unwrap_or(0);
    let note = match widest(&grid.notes) {
        0 => 0,
        note => note + GAP,
    };
    let of_column = |column: &Column| GAP + widest(&column.cells).max(column.head.width());
    GAP + widest(&grid.names).max(grid.head.width()) + columns.map(of_column).sum::<usize>() + note
}

/// Breaks a text into lines, never inside a name or an address.
fn wrapped(text: &str, indent: &str, width: usize) -> String {
    let rest = format!("{indent}  ");
    let options = textwrap::Options::new(width).initial_indent(indent).subsequent_indent(&rest);
    let options = options.word_splitter(textwrap::WordSplitter::NoHyphenation);
    textwrap::fill(text, options) + "\n"
}
