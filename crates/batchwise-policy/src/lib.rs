//! What a team allows: `batchwise.toml`, read and applied.
//!
//! A [`Policy`] is read from text; every mistake in it is told with its place. It then looks at each request
//! ([`Policy::inspect`]), judges a plan ([`Policy::judge_plan`]), and a [`Judge`] decides how much each finding matters:
//! severities that the policy sets, and exceptions with a reason and a last day.
//!
//! ```
//! use batchwise_policy::Policy;
//!
//! let policy = Policy::parse("batchwise.toml", "[models]\ndeny = [\"claude-opus-*\"]").expect("it is right");
//! assert!(Policy::parse("batchwise.toml", "[model]\ndeny = []").is_err());
//! # let _ = policy;
//! ```
//!
//! The crate is pure: the caller reads the file, and the day is an argument.

mod policy;

mod baseline;
mod budget;
mod cache;
mod increase;
mod limits;
mod model_list;
mod token_caps;

mod exception;
mod firm;
mod judge;

mod document;
mod load;
mod problems;
mod table;

mod check;
mod glob;
mod model_names;
mod origin;
mod show;

#[doc(hidden)]
pub mod fuzz;

pub use baseline::{Baseline, Counting};
pub use budget::{Basis, Budget, Scenario};
pub use check::Check;
pub use exception::Exception;
pub use firm::is_firm;
pub use glob::Glob;
pub use increase::{Growth, Increase, WithoutBaseline};
pub use judge::{Judge, Ruling};
pub use limits::Limits;
pub use model_list::ModelList;
pub use origin::{Origin, Setting};
pub use policy::{POLICY_BYTES_MAX, Policy};
pub use problems::PolicyProblems;
pub use token_caps::{Cap, TokenCaps};
