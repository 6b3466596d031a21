use unicode_width::UnicodeWidthStr;

/// A table of text: the first column to the left, the others to the right, two spaces between them.
#[derive(Default)]
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
    left_aligned: usize,
}

impl Table {
    /// A table whose first `left_aligned` columns are aligned to the left.
    pub(crate) fn new(left_aligned: usize) -> Table {
        Table { rows: Vec::new(), left_aligned }
    }

    /// Appends a row. Rows may differ in length.
    pub(crate) fn row<T: Into<String>>(&mut self, cells: impl IntoIterator<Item = T>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    /// The table, each line indented by `indent` spaces.
    pub(crate) fn draw(&self, indent: usize) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width =
            |column: usize| self.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max();
        let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
        let mut text = String::new();
        for row in &self.rows {
            let mut line = " ".repeat(indent);
            for (column, cell) in row.iter().enumerate() {
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
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}
