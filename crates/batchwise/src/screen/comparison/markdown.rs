use batchwise_findings::markdown_text as plain;

use super::answer::answer;
use super::grid::{Grid, grids};
use super::names::Names;
use super::remarks::remarks;
use super::{assumption, reading_help, source};
use crate::comparison::Comparison;

/// A comparison as headings, tables and lists of GitHub's Markdown.
pub(crate) fn comparison_in_markdown(comparison: &Comparison) -> String {
    let names = Names::of(comparison);
    let answer = answer(comparison, &names);
    let mut text = format!("### batchwise: {}\n", plain(&answer[0]));
    text.extend(answer[1..].iter().map(|line| format!("\n{}\n", plain(line))));
    text.extend(grids(comparison, &names).iter().map(table));
    text.push_str(&list("Remarks", remarks(comparison, &names)));
    text.push_str(&list("How to read it", reading_help(comparison)));
    text.push_str(&list("What it rests on, as it is", comparison.assumptions.iter().map(assumption)));
    text.push_str(&format!("\n{}\n", plain(&source(comparison))));
    text
}

fn table(grid: &Grid) -> String {
    let heads: String = grid.columns.iter().map(|column| format!(" {} |", plain(&column.head))).collect();
    let has_notes = grid.notes.iter().any(|note| !note.is_empty());
    let (note_head, note_rule) = if has_notes { ("  |", ":---|") } else { ("", "") };
    let rules = "---:|".repeat(grid.columns.len());
    let mut text = format!(
        "\n**{}**\n\n| {} |{heads}{note_head}\n|:---|{rules}{note_rule}\n",
        plain(&grid.title),
        plain(&grid.head)
    );
    for (number, name) in grid.names.iter().enumerate() {
        let cells: String = grid
            .columns
            .iter()
            .map(|column| format!(" {} |", column.cells[number].replace('$', "")))
            .collect();
        let note = grid.notes.get(number).filter(|_| has_notes).map(|note| format!(" {} |", plain(note)));
        text.push_str(&format!("| {} |{cells}{}\n", plain(name), note.unwrap_or_default()));
    }
    text
}

fn list(title: &str, lines: impl IntoIterator<Item = String>) -> String {
    let items: String = lines.into_iter().map(|line| format!("- {}\n", plain(&line))).collect();
    if items.is_empty() { items } else { format!("\n**{title}**\n\n{items}") }
}
