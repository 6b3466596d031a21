use crate::problem::in_order;
use crate::{Problem, SourceFile, price_book};

/// Everything that is wrong with the files of a price book, and what merely looks wrong: prices that do
/// not follow the documented multipliers without an `exception`, or that were read before they started.
/// Sorted by place; empty for a sound book. [`crate::PriceBook::parse`] refuses a book exactly when one of
/// these is an error.
pub fn lint(files: &[SourceFile]) -> Vec<Problem> {
    let (_, mut problems) = price_book::read(files);
    in_order(&mut problems);
    problems
}
