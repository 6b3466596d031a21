//! What changed between two plans.
//!
//! [`difference`] sets two plans side by side and subtracts what is alike. Where a value is unknown in one of
//! them, or where both mean something else, there is no change but the reason why not: [`Unlike`].

mod assumption_change;
mod basis;
mod compared;
mod difference;
mod model_change;
mod range_compared;
mod rule_change;
mod side;

pub use assumption_change::AssumptionChange;
pub use compared::{Compared, Quantity, Unlike};
pub use difference::{Difference, FindingsCompared, SCHEMA, difference};
pub use model_change::{ModelChange, ModelState};
pub use range_compared::{CostCompared, RangeCompared, SavingsCompared, TokensCompared};
pub use rule_change::{RuleChange, RuleState};
pub use side::Side;
