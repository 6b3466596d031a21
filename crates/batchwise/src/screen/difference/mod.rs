//! What changed between two plans: first as tables of words, then drawn for a terminal or for a comment.

mod cells;
mod human;
mod markdown;
mod remarks;
mod sheet;
mod tables;
mod words;

use batchwise_diff::Difference;

use sheet::Sheet;

/// The difference for people, at most as wide as a screen where names allow it.
pub(crate) fn difference(difference: &Difference, names: &[String; 2]) -> String {
    human::draw(&Sheet::of(difference, names))
}

/// The difference as a comment in GitHub's Markdown, in which nothing of the plans can become a table, a link or a
/// mention.
pub(crate) fn difference_in_markdown(difference: &Difference, names: &[String; 2]) -> String {
    markdown::draw(&Sheet::of(difference, names))
}
