use std::collections::BTreeSet;

use crate::comparison::{Comparison, Row};
use crate::screen::harmless;

/// How the workload is called that nothing is changed about.
const AS_IT_IS: &str = "as it is";

/// What the rows of a comparison are called.
pub(super) struct Names {
    /// The conditions that differ.
    pub(super) head: String,
    /// For each row the values of these conditions.
    pub(super) rows: Vec<String>,
    /// What all variants have in common, where that is told beside the names.
    pub(super) common: Option<String>,
}

impl Names {
    /// Conditions that are the same in all variants are no part of their names, unless nothing else is.
    pub(super) fn of(comparison: &Comparison) -> Names {
        let (varied, fixed): (Vec<_>, Vec<_>) =
            comparison.keys.iter().copied().partition(|key| values(comparison, key).len() > 1);
        let (named, common) =
            if varied.is_empty() { (comparison.keys.clone(), Vec::new()) } else { (varied, fixed) };
        let told = |key: &&'static str| {
            format!("{key}={}", values(comparison, key).into_iter().map(harmless).collect::<String>())
        };
        let common: Vec<String> = common.iter().map(told).collect();
        Names {
            head: named.join(", "),
            rows: comparison.rows.iter().map(|row| name(row, &named)).collect(),
            common: (!common.is_empty()).then(|| common.join(", ")),
        }
    }

    /// The same rows by number.
    pub(super) fn numbered(&self) -> Names {
        Names {
            head: String::new(),
            rows: (0..self.rows.len()).map(|number| format!("({number})")).collect(),
            common: None,
        }
    }
}

/// The values that a condition has in the variants.
fn values<'c>(comparison: &'c Comparison, key: &str) -> BTreeSet<&'c str> {
    comparison.rows.iter().filter_map(|row| row.what_if.get(key)).map(String::as_str).collect()
}

fn name(row: &Row, keys: &[&'static str]) -> String {
    if row.what_if.is_empty() {
        return AS_IT_IS.to_owned();
    }
    let values = keys.iter().filter_map(|key| row.what_if.get(key)).map(|value| harmless(value));
    values.collect::<Vec<_>>().join(", ")
}
