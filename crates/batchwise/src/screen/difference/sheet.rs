use batchwise_diff::Difference;
use batchwise_units::grouped;

use super::cells::places_of;
use super::remarks::{cautions, changes, sentence};
use super::tables::{SheetTable, tables};
use super::words::{Line, name, own};

/// How many models, rules and assumptions are told; the JSON has all.
pub(super) const TOLD_MAX: usize = 20;

/// What is told about a difference, before it is drawn.
pub(super) struct Sheet {
    /// Which files are compared.
    pub(super) names: Line,
    /// What it comes to, in one sentence.
    pub(super) sentence: Line,
    /// What to know before the numbers are believed.
    pub(super) cautions: Vec<Line>,
    pub(super) tables: Vec<SheetTable>,
    /// What else changed.
    pub(super) changes: Vec<Line>,
    /// Whether there is nothing but the sentence.
    pub(super) same: bool,
}

impl Sheet {
    pub(super) fn of(difference: &Difference, [base, head]: &[String; 2]) -> Sheet {
        let places = places_of(difference);
        let names = vec![name(base), own(" -> "), name(head)];
        let sentence = match difference.same {
            true => vec![
                own("no difference: "),
                name(base),
                own(" and "),
                name(head),
                own(" plan the same requests at the same cost"),
            ],
            false => vec![own(sentence(difference, places))],
        };
        Sheet {
            names,
            sentence,
            cautions: cautions(difference),
            tables: tables(difference, places),
            changes: changes(difference),
            same: difference.same,
        }
    }
}

/// That there are more than were told.
pub(super) fn more_of(count: usize, what: &str) -> String {
    format!("… and {} more {what}; --format json lists all", grouped(count as u64))
}
