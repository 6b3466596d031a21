//! Tables and texts of at most 80 columns, for people.

use batchwise_findings::visible;
use batchwise_units::{Usd, dollars};
use textwrap::WordSplitter;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// How wide a table may be.
pub(crate) const WIDTH: usize = 80;

/// How wide a name in the first column may be: what is left beside five numbers.
const NAME_WIDTH: usize = 26;

/// An amount of a statement. What is something never looks like nothing.
pub(crate) fn amount(rounded: Usd, exact: Usd, places: u32) -> String {
    if rounded == Usd::ZERO && exact > Usd::ZERO {
        return format!("<${}1", &Usd::ZERO.rounded(places)[..=places as usize]);
    }
    dollars(rounded, places)
}

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

/// A text broken into lines, never inside a name or an address.
pub(crate) fn wrapped(text: &str, indent: &str) -> String {
    let rest = format!("{indent}  ");
    let options = textwrap::Options::new(WIDTH).initial_indent(indent).subsequent_indent(&rest);
    let options = options.word_splitter(WordSplitter::NoHyphenation).break_words(false);
    textwrap::fill(&visible(text), options) + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn something_never_looks_like_nothing() {
        let usd = |text| Usd::parse(text).unwrap();
        for (rounded, exact, places, expected) in [
            ("0", "0", 2, "$0.00"),
            ("0", "0.0001", 2, "<$0.01"),
            ("0", "0.00001", 4, "<$0.0001"),
            ("1234.5", "1234.501", 2, "$1,234.50"),
        ] {
            assert_eq!(amount(usd(rounded), usd(exact), places), expected);
        }
    }

    #[test]
    fn names_are_cut_by_their_width() {
        assert_eq!(name("claude-haiku-5-5"), "claude-haiku-5-5");
        assert_eq!(name(&"模".repeat(40)).width(), 25);
        assert_eq!(name("a\nb"), "a␊b");
    }
}
