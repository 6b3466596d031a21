//! Plans for people and finance.
//!
//! [`Statement::of`] adds one plan or several up to a [`Statement`]: what they cost in each scenario, how sure that is and
//! what is saved, by model, kind of token, batch, plan and tag, and what it all rests on. Inside, every amount is exact;
//! [`Cost::rounded`] is the only rounded one, and lines of a table foot to its total. Each format is one function from
//! that to bytes, so the same plans give the same cents in all of them.

mod basis;
mod calculator;
mod cells;
mod charge;
mod cost;
mod csv;
mod error;
mod focus;
mod grid;
mod grounds;
mod headline;
mod html;
mod json;
mod markdown;
mod plain_text;
mod plan_part;
mod refusals;
mod rows;
mod scenario;
mod statement;
mod table;
mod xlsx;

pub use basis::Basis;
pub use calculator::{Calculator, CalculatorRow, Lever};
pub use charge::Charge;
pub use cost::{Cost, Costs};
pub use csv::csv;
pub use error::StatementError;
pub use focus::{FocusFiles, focus};
pub use html::{html, page};
pub use json::json;
pub use markdown::markdown;
pub use plan_part::PlanPart;
pub use rows::{BatchRow, KindCost, KindRow, ModelRow, PlanRow, TagRow};
pub use scenario::Scenario;
pub use statement::{
    AssumptionRow, CacheRow, PriceRow, SCHEMA, Saved, ScenarioRow, Statement, StatementFindings,
};
pub use table::table;
pub use xlsx::xlsx;
