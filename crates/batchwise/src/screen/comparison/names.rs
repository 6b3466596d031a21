use crate::comparison::{Comparison, Row};
use crate::screen::harmless;

/// What the rows of a comparison are called.
pub(super) struct Names {
    /// The conditions that differ.
    pub(super) head: String,
    /// For each row the values of these conditions.
    pub(super) rows: Vec<String>,
}

/// How the workload is called that nothing is changed about.
pub(super) const AS_IT_IS: &str = "as it is";

impl Names {
    pub(super) fn of(comparison: &Comparison) -> Names {
        Names {
            head: comparison.keys.join(", "),
            rows: comparison.rows.iter().map(|row| name(row, &comparison.keys)).collect(),
        }
    }

    /// The same rows by number.
    pub(super) fn numbered(&self) -> Names {
        Names {
            head: String::new(),
            rows: (0..self.rows.len()).map(|number| format!("({number})")).collect(),
        }
    }
}

fn name(row: &Row, keys: &[&'static str]) -> String {
    if row.what_if.is_empty() {
        return AS_IT_IS.to_owned();
    }
    let values = keys.iter().filter_map(|key| row.what_if.get(key)).map(|value| harmless(value));
    values.collect::<Vec<_>>().join(", ")
}
