//! Tables and texts for a terminal.

use batchwise_findings::visible;
use textwrap::WordSplitter;
use unicode_width::UnicodeWidthStr;

/// A table: the first column to the left, the others to the right. Where it is wider than so many columns its own columns
/// stand closer, and names that are too long stand above their rows; no figure is cut.
pub(crate) fn draw(rows: &[Vec<String>], columns: usize) -> String {
    let widths = widths(rows);
    let [others, gaps] = [widths.iter().skip(1).sum::<usize>(), widths.len().saturating_sub(1)];
    let gap = if 2 + widths.first().unwrap_or(&0) + others + 2 * gaps <= columns { 2 } else { 1 };
    let room = columns.saturating_sub(2 + others + gap * gaps);
    let fits = |row: &&Vec<String>| row.first().is_some_and(|name| name.width() <= room);
    let names = rows.iter().filter(fits).map(|row| row[0].width()).max().unwrap_or(0);
    let line = |row: &Vec<String>| {
        let (name, above) = match fits(&row) {
            true => (row[0].as_str(), String::new()),
            false => ("", format!("  {}\n", row.first().map_or("", String::as_str))),
        };
        let name = format!("  {name}{}", " ".repeat(names - name.width()));
        let cells = row.iter().zip(&widths).skip(1);
        let cells = cells.map(|(cell, width)| " ".repeat(gap + width - cell.width()) + cell);
        format!("{above}{}\n", (name + &cells.collect::<String>()).trim_end())
    };
    rows.iter().map(line).collect()
}

fn widths(rows: &[Vec<String>]) -> Vec<usize> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max();
    (0..columns).map(|column| width(column).unwrap_or(0)).collect()
}

/// Sections of a text below each other, without those that say nothing.
pub(crate) fn joined<const N: usize>(sections: [String; N]) -> Vec<u8> {
    let sections: Vec<String> = sections.into_iter().filter(|section| !section.is_empty()).collect();
    sections.join("\n").into_bytes()
}

/// Whether a table stands in so many columns with its names beside the figures.
pub(crate) fn fits(rows: &[Vec<String>], columns: usize) -> bool {
    let widths = widths(rows);
    widths.iter().map(|width| width + 2).sum::<usize>() <= columns
}

/// A text broken into lines of a width, never inside a name or an address.
pub(crate) fn wrapped(text: &str, indent: &str, width: usize) -> String {
    let rest = format!("{indent}  ");
    let options = textwrap::Options::new(width).initial_indent(indent).subsequent_indent(&rest);
    let options = options.word_splitter(WordSplitter::NoHyphenation).break_words(false);
    textwrap::fill(&visible(text), options) + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use insta::assert_snapshot;

    fn rows(name: &str) -> Vec<Vec<String>> {
        let row = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
        vec![row(["model", "low", "high"]), row([name, "$0.25", "$1,234.50"]), row(["total", "$1.00", "-"])]
    }

    #[test]
    fn a_table_has_room_or_makes_some() {
        assert_snapshot!(draw(&rows("claude-haiku-5-5"), 40), @"
        model               low       high
        claude-haiku-5-5  $0.25  $1,234.50
        total             $1.00          -
        ");
        assert_snapshot!(draw(&rows("claude-haiku-5-5"), 34), @"
        model              low      high
        claude-haiku-5-5 $0.25 $1,234.50
        total            $1.00         -
        ");
        assert_snapshot!(draw(&rows("模型模型模型模型"), 33), @"
        model   low      high
        模型模型模型模型
              $0.25 $1,234.50
        total $1.00         -
        ");
        assert_snapshot!(draw(&rows("claude-haiku-5-5"), 30), @"
        model   low      high
        claude-haiku-5-5
              $0.25 $1,234.50
        total $1.00         -
        ");
    }

    #[test]
    fn whether_it_fits_is_known_before() {
        assert!(fits(&rows("claude-haiku-5-5"), 36));
        assert!(!fits(&rows("claude-haiku-5-5"), 35));
    }
}
