//! Tables and texts for a terminal.

use batchwise_findings::visible;
use textwrap::WordSplitter;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// How wide a name in the first column may be: what is left beside five numbers.
const NAME_WIDTH: usize = 26;

/// A name made harmless, and cut where it is too wide.
pub(crate) fn name(text: &str) -> String {
    let text = visible(text);
    if text.width() <= NAME_WIDTH {
        return text;
    }
    let mut cut = String::new();
    for character in text.chars() {
        if cut.width() + character.width().unwrap_or(0) >= NAME_WIDTH {
            break;
        }
        cut.push(character);
    }
    cut + "…"
}

/// A table: the first column to the left, the others to the right, two spaces between and before.
pub(crate) fn draw(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max();
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, width))| {
            let padding = " ".repeat(width - cell.width());
            if column == 0 { format!("  {cell}{padding}") } else { format!("  {padding}{cell}") }
        });
        format!("{}\n", cells.collect::<String>().trim_end())
    };
    rows.iter().map(line).collect()
}

/// Sections of a text below each other, without those that say nothing.
pub(crate) fn joined<const N: usize>(sections: [String; N]) -> Vec<u8> {
    let sections: Vec<String> = sections.into_iter().filter(|section| !section.is_empty()).collect();
    sections.join("\n").into_bytes()
}

/// How wide the widest line is.
pub(crate) fn width(text: &str) -> usize {
    text.lines().map(UnicodeWidthStr::width).max().unwrap_or(0)
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

    #[test]
    fn names_are_cut_by_their_width() {
        assert_eq!(name("claude-haiku-5-5"), "claude-haiku-5-5");
        assert_eq!(name(&"模".repeat(40)).width(), 25);
        assert_eq!(name("a\nb"), "a␊b");
    }
}
