use unicode_width::UnicodeWidthStr;

use super::{filled, told_width};

/// A table of text: the first column to the left, the others to the right, two spaces between them.
///
/// Where that is wider than the screen is known to be, nothing is cut: there is one space between the columns, or long names
/// in the first one stand above their rows; and what does not fit behind a row stands below it.
#[derive(Default)]
pub(crate) struct Table {
    rows: Vec<Row>,
    left_aligned: usize,
}

struct Row {
    cells: Vec<String>,
    /// Behind the last cell, in no column.
    note: String,
}

/// How wide the columns are, and what is between them.
struct Layout {
    widths: Vec<usize>,
    gap: &'static str,
}

impl Table {
    /// A table whose first `left_aligned` columns are aligned to the left.
    pub(crate) fn new(left_aligned: usize) -> Table {
        Table { rows: Vec::new(), left_aligned }
    }

    /// Appends a row. Rows may differ in length.
    pub(crate) fn row<T: Into<String>>(&mut self, cells: impl IntoIterator<Item = T>) {
        self.row_with_note(cells, String::new());
    }

    /// Appends a row with something to say about it, which stands behind it.
    pub(crate) fn row_with_note<T: Into<String>>(
        &mut self,
        cells: impl IntoIterator<Item = T>,
        note: String,
    ) {
        self.rows.push(Row { cells: cells.into_iter().map(Into::into).collect(), note });
    }

    /// The table, each line indented by `indent` spaces.
    pub(crate) fn draw(&self, indent: usize) -> String {
        self.draw_in(told_width().unwrap_or(usize::MAX), indent)
    }

    /// The same on a screen that is `room` columns wide.
    pub(crate) fn draw_in(&self, room: usize, indent: usize) -> String {
        let layout = self.layout(room.saturating_sub(indent));
        let margin = " ".repeat(indent);
        let mut text = String::new();
        let mut line = |line: &str| {
            text.push_str(line.trim_end());
            text.push('\n');
        };
        for row in &self.rows {
            let (name, cells) = self.cells(row, &layout);
            if let Some(name) = name {
                line(&format!("{margin}{name}"));
            }
            let cells = format!("{margin}{cells}");
            let beside = format!("{cells}  {}", row.note);
            if row.note.is_empty() || beside.width() <= room {
                line(&beside);
            } else {
                line(&cells);
                let below = format!("{margin}    ");
                line(&filled(row.note.trim(), room, &below, &below));
            }
        }
        text
    }

    fn layout(&self, room: usize) -> Layout {
        let columns = self.rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
        let cells = |column: usize| self.rows.iter().filter_map(move |row| row.cells.get(column));
        let width = |column: usize| cells(column).map(|cell| cell.width()).max().unwrap_or(0);
        let mut widths: Vec<usize> = (0..columns).map(width).collect();
        let whole = |gap: usize| widths.iter().sum::<usize>() + gap * columns.saturating_sub(1);
        let (wide, narrow) = (whole(2), whole(1));
        if wide <= room || narrow <= room {
            return Layout { widths, gap: if wide <= room { "  " } else { " " } };
        }
        if let Some(first) = widths.first_mut() {
            let left = room.saturating_sub(wide - *first);
            *first = cells(0).map(|cell| cell.width()).filter(|width| *width <= left).max().unwrap_or(0);
        }
        Layout { widths, gap: "  " }
    }

    /// The cells of a row in their columns; before them the first, where it is too wide for its column.
    fn cells<'r>(&self, row: &'r Row, layout: &Layout) -> (Option<&'r str>, String) {
        let is_above = |(column, cell): (usize, &String)| column == 0 && cell.width() > layout.widths[0];
        let padded = |(column, cell): (usize, &'r String)| {
            let cell = if is_above((column, cell)) { "" } else { cell };
            let padding = " ".repeat(layout.widths[column] - cell.width());
            if column < self.left_aligned { format!("{cell}{padding}") } else { format!("{padding}{cell}") }
        };
        let cells: Vec<String> = row.cells.iter().enumerate().map(padded).collect();
        let name = row.cells.first().filter(|cell| is_above((0, cell)));
        (name.map(String::as_str), cells.join(layout.gap))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use insta::assert_snapshot;

    fn table() -> Table {
        let mut table = Table::new(1);
        table.row(["model", "requests", "tokens"]);
        table.row_with_note(["claude-haiku-5-5", "7", "1,234"], "one has no upper bound".to_owned());
        table.row(["claude-haiku-4-5-20251001", "12", "567"]);
        table
    }

    #[test]
    fn what_does_not_fit_stands_above_or_below() {
        assert_snapshot!(table().draw_in(80, 2), @"
        model                      requests  tokens
        claude-haiku-5-5                  7   1,234  one has no upper bound
        claude-haiku-4-5-20251001        12     567
        ");
        assert_snapshot!(table().draw_in(50, 2), @"
        model                      requests  tokens
        claude-haiku-5-5                  7   1,234
            one has no upper bound
        claude-haiku-4-5-20251001        12     567
        ");
        assert_snapshot!(table().draw_in(43, 2), @"
        model                     requests tokens
        claude-haiku-5-5                 7  1,234
            one has no upper bound
        claude-haiku-4-5-20251001       12    567
        ");
        assert_snapshot!(table().draw_in(36, 2), @"
        model             requests  tokens
        claude-haiku-5-5         7   1,234
            one has no upper bound
        claude-haiku-4-5-20251001
                                12     567
        ");
    }
}
