//! What arbitrary bytes are fed to.
//!
//! A [`Target`] takes any bytes, and panics where a promise is broken. `fuzz/` runs the same targets with cargo-fuzz,
//! which needs a nightly compiler; the tests here feed them what lies in `fuzz/corpus`, and what a [`Mutator`] makes
//! of it, with any compiler.

mod line_parser;
mod mutator;
mod plan_reader;
mod policy_reader;
mod row_reader;
mod targets;
mod validator;

pub use line_parser::line_parser;
pub use mutator::Mutator;
pub use plan_reader::plan_reader;
pub use policy_reader::policy_reader;
pub use row_reader::row_reader;
pub use targets::{TARGETS, Target};
pub use validator::validator;
