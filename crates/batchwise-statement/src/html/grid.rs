use super::text::escaped;

/// A table: what it says, its columns, and rows whose first cell names them. All texts are escaped here.
pub struct Grid<'g> {
    /// What it says.
    pub caption: &'g str,
    /// The names of its columns.
    pub header: &'g [&'g str],
    /// How many columns from the left are words; the others are numbers.
    pub words: usize,
    /// Its cells, row by row.
    pub rows: Vec<Vec<String>>,
    /// The row below the line, where there is one.
    pub total: Option<Vec<String>>,
}

impl Grid<'_> {
    /// Its markup.
    pub fn html(&self) -> String {
        let header: String = (0..).zip(self.header).map(|(column, cell)| self.column(column, cell)).collect();
        let rows: String = self.rows.iter().map(|row| self.row(row)).collect();
        let total = self.total.as_ref();
        let total = total.map(|row| format!("<tfoot>\n{}</tfoot>\n", self.row(row))).unwrap_or_default();
        let caption = escaped(self.caption);
        format!(
            "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"{caption}\">\n<table>\n\
             <caption>{caption}</caption>\n<thead>\n<tr>{header}</tr>\n</thead>\n<tbody>\n{rows}</tbody>\n{total}\
             </table>\n</div>\n"
        )
    }

    fn column(&self, column: usize, cell: &str) -> String {
        format!("<th scope=\"col\"{}>{}</th>", self.class(column), escaped(cell))
    }

    fn row(&self, row: &[String]) -> String {
        let cell = |(column, cell): (usize, &String)| match column {
            0 => format!("<th scope=\"row\">{}</th>", escaped(cell)),
            _ => format!("<td{}>{}</td>", self.class(column), escaped(cell)),
        };
        format!("<tr>{}</tr>\n", (0..).zip(row).map(cell).collect::<String>())
    }

    fn class(&self, column: usize) -> &'static str {
        if column < self.words { "" } else { " class=\"number\"" }
    }
}
