//! What the API would say about one request.
//!
//! The API checks almost nothing when a batch is created: a mistake in `params` comes back hours later as an errored row.
//! [`inspect`] looks for those mistakes, for what costs more than it should, and for what nobody knows. Each [`Rule`] has
//! a file in `src/rules`, named after its id, and a file in `explanations`, which [`explain`] returns and of which
//! `docs/rules.md` is made.
//!
//! A rule is an error only where documentation or a recorded answer says that the API refuses the request. What is
//! likely but not known is a warning or a note, and its explanation says so.

mod circumstances;
mod explain;
mod inspect;

mod flaws;
mod marks;
mod parameters;
mod rules;
mod walk;
mod wording;

#[cfg(test)]
mod case;

pub use batchwise_findings::Rule;
pub use batchwise_records::ApiVersion;
pub use circumstances::{Circumstances, Subject};
pub use explain::explain;
pub use inspect::inspect;
