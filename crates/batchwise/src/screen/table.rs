use unicode_width::UnicodeWidthStr;

use super::width;

/// A table of text: the first column to the left, the others to the right, two spaces between them. One space where it is
/// wider than the screen with two; and what stands behind a row stands below it where it does not fit.
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
        let widths = self.widths();
        let wide = indent + widths.iter().map(|width| width + 2).sum::<usize>();
        let gap = if wide > width() + 2 { " " } else { "  " };
        let mut text = String::new();
        for row in &self.rows {
            let mut line = " ".repeat(indent) + &self.cells(row, &widths, gap);
            if !row.note.is_empty() {
                let is_beside = line.width() + 2 + row.note.width() <= width();
                let below = format!("\n{:1$}", "", indent + 4);
                line.push_str(if is_beside { "  " } else { &below });
                line.push_str(&row.note);
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }

    /// How wide each column is.
    fn widths(&self) -> Vec<usize> {
        let columns = self.rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
        let cells = |column: usize| self.rows.iter().filter_map(move |row| row.cells.get(column));
        let width = |column: usize| cells(column).map(|cell| cell.width()).max();
        (0..columns).map(|column| width(column).unwrap_or(0)).collect()
    }

    fn cells(&self, row: &Row, widths: &[usize], gap: &str) -> String {
        let padded = |(column, cell): (usize, &String)| {
            let padding = " ".repeat(widths[column] - cell.width());
            if column < self.left_aligned { format!("{cell}{padding}") } else { format!("{padding}{cell}") }
        };
        row.cells.iter().enumerate().map(padded).collect::<Vec<_>>().join(gap)
    }
}
