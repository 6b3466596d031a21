//! What batchwise noticed about a user's files.
//!
//! A [`Finding`] is plain data: a [`Rule`], a message, a [`Place`] in an input. Drawing it is the business
//! of whoever shows it. A flawed file is an ordinary input, so findings are results and never errors.

mod excerpt;
mod finding;
mod markdown_text;
mod place;
mod rule;
mod tally;
mod visible;

pub use excerpt::Excerpt;
pub use finding::{Finding, Reference, RequestName};
pub use markdown_text::markdown_text;
pub use place::Place;
pub use rule::{Rule, Severity, Verdict};
pub use tally::Tally;
pub use visible::{is_deceptive, visible};
