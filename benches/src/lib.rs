//! Measurements of batchwise.
//!
//! `cargo run --release -p batchwise-benches --bin accuracy -- FILE` compares the token estimates with
//! recorded counts of the real API. `cargo bench -p batchwise-benches` measures how fast each stage is; the
//! [`Workload`]s here are what it measures on, and [`straightforward`] is what it measures against.

mod dice;
mod pool;
pub mod straightforward;
mod workload;

pub use dice::Dice;
pub use pool::Pool;
pub use workload::{Shape, Workload};
