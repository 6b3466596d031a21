use super::cells::Row;
use super::sheet::Sheet;
use super::tables::SheetTable;
use super::words::{Line, Piece};
use crate::screen::harmless;

/// Headings, tables and lists of GitHub's Markdown.
pub(super) fn draw(sheet: &Sheet) -> String {
    if sheet.same {
        return format!("**batchwise**: {}\n", line(&sheet.sentence));
    }
    let mut text = format!("### batchwise: {}\n\n**{}**\n", line(&sheet.names), line(&sheet.sentence));
    text.push_str(&list(&sheet.cautions));
    text.extend(sheet.tables.iter().map(table));
    if !sheet.changes.is_empty() {
        text.push_str(&format!("\n**Changed**\n{}", list(&sheet.changes)));
    }
    text
}

fn list(lines: &[Line]) -> String {
    let items: String = lines.iter().map(|item| format!("- {}\n", line(item))).collect();
    if items.is_empty() { items } else { format!("\n{items}") }
}

fn table(table: &SheetTable) -> String {
    let heading = format!(
        "\n| {} | base | head | change | {} |\n|:---|---:|---:|---:|---:|\n",
        table.title, table.last_column
    );
    let row = |(label, cells): &Row| {
        let cells: String = cells.iter().map(|cell| format!(" {} |", cell.replace('$', ""))).collect();
        format!("| {} |{cells}\n", line(label).trim_start())
    };
    let rows: String = table.rows.iter().map(row).collect();
    let more = table.more.as_ref().map(|more| format!("\n{more}\n")).unwrap_or_default();
    heading + &rows + &more
}

/// Two dollar signs would make a formula of what is between them.
fn line(line: &Line) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Own(text) => text.replace('$', "USD "),
        Piece::Foreign(text) => code(text),
    };
    line.iter().map(piece).collect()
}

/// A text as code, in which nothing is a mention, a link, a reference, a formula or HTML. What would end the code or
/// the cell of a table is replaced by what looks like it.
fn code(text: &str) -> String {
    let tame = |character: char| match character {
        '`' => 'ˋ',
        '|' => '¦',
        other => other,
    };
    let text: String = harmless(text).chars().map(tame).collect();
    if text.trim().is_empty() { "(empty)".to_owned() } else { format!("`{text}`") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_texts_stay_in_their_code() {
        for (text, expected) in [
            ("claude-sonnet-5-5", "`claude-sonnet-5-5`"),
            ("a|b", "`a¦b`"),
            ("`@team` <b>#1</b>", "`ˋ@teamˋ <b>#1</b>`"),
            ("x\n\n# heading\r| a |", "`x␊␊# heading␍¦ a ¦`"),
            ("\\", "`\\`"),
            ("\\|", "`\\¦`"),
            ("", "(empty)"),
            (" ", "(empty)"),
            ("\u{202e}gpj", "`\u{fffd}gpj`"),
        ] {
            assert_eq!(code(text), expected);
        }
    }
}
