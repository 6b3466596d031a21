//! Reads plan files, and trusts none of them.
//!
//! Strict about everything that is read, so that whoever holds a [`Plan`] can rely on it; what a later
//! program has added is passed over, as within a version fields are only added.

mod agreement;
mod error;
mod field;
mod format;
mod kinds;
mod parts;
mod variation;

use batchwise_records::Node;

use crate::Plan;

pub use error::PlanReadError;
use field::Field;

impl Plan {
    /// Reads a plan file, whole and decompressed. What [`Plan::write_json`] wrote gives the same plan again.
    ///
    /// Memory: a small multiple of the file's size.
    ///
    /// # Errors
    /// When it is no plan, one of a newer version, or one whose parts contradict each other. Never panics.
    pub fn read(bytes: &[u8]) -> Result<Plan, PlanReadError> {
        let text = format::text(bytes)?;
        let node: Node<'_> = serde_json::from_str(text).map_err(|error| format::not_json(text, &error))?;
        format::check(&node)?;
        let plan = parts::plan(&Field::root(&node))?;
        agreement::check(&plan)?;
        Ok(plan)
    }
}
