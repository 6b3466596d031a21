//! What stands on the page, from the answer to what it rests on.

use super::text::{escaped, prose};
use super::{answer, batches, costs, grounds};
use crate::Statement;

/// Everything inside the body; `panel` is the calculator's.
pub(super) fn all(statement: &Statement, panel: &str) -> String {
    let main = [
        answer::scenarios(statement),
        costs::models(statement),
        costs::kinds(statement),
        panel.to_owned(),
        costs::cache(statement),
        batches::batches(statement),
        costs::tags(statement),
        costs::plans(statement),
        grounds::basis(statement),
        grounds::findings(statement),
    ];
    format!("{}<main>\n{}</main>\n{}", answer::opening(statement), main.concat(), grounds::footer(statement))
}

/// A section under its title; none where it says nothing.
pub fn section(id: &str, title: &str, content: &str) -> String {
    if content.is_empty() {
        return String::new();
    }
    format!(
        "<section aria-labelledby=\"{id}\">\n<h2 id=\"{id}\">{}</h2>\n{content}</section>\n",
        escaped(title)
    )
}

/// A sentence or several.
pub fn paragraph(text: &str) -> String {
    format!("<p>{}</p>\n", prose(text))
}

/// What must be known beside a number.
pub fn caveat(text: &str) -> String {
    format!("<p class=\"caveat\" role=\"note\">{}</p>\n", prose(text))
}
