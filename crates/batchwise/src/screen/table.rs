use unicode_width::UnicodeWidthStr;

/// A table of text: the first column to the left, the others to the right, two spaces between them.
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
        let columns = self.rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
        let cells = |column: usize| self.rows.iter().filter_map(move |row| row.cells.get(column));
        let width = |column: usize| cells(column).map(|cell| cell.width()).max();
        let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
        let mut text = String::new();
        for row in &self.rows {
            let mut line = " ".repeat(indent);
            for (column, cell) in row.cells.iter().enumerate() {
                let padding = " ".repeat(widths[column] - cell.width());
                let gap = if column == 0 { "" } else { "  " };
                let padded = if column < self.left_aligned {
                    format!("{cell}{padding}")
                } else {
                    format!("{padding}{cell}")
                };
                line.push_str(gap);
                line.push_str(&padded);
            }
            if !row.note.is_empty() {
                line.push_str(&format!("  {}", row.note));
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}
