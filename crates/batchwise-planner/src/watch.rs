use batchwise_findings::{Finding, Rule};

use crate::Appraisal;

/// Who wants to know what happens while a plan is made.
///
/// Calls come in the order of the inputs, except that what many requests share is told once, at the end.
pub trait Watch {
    /// Something was noticed.
    fn finding(&mut self, finding: Finding);

    /// Whether findings of that rule should come with the exact spot and the text around it. To find it takes about as
    /// long as reading the line.
    fn wants_spot(&self, rule: Rule) -> bool {
        let _ = rule;
        true
    }

    /// Whether what many requests share is told for each of them, in its place, and not once at the end.
    fn wants_each(&self) -> bool {
        false
    }

    /// A readable request went by, whether or not it ends up in a batch.
    fn row(&mut self, row: &Row<'_>) {
        let _ = row;
    }

    /// So much of all inputs was read.
    fn progress(&mut self, bytes: u64, requests: u64) {
        let _ = (bytes, requests);
    }
}

/// Collects what was noticed.
impl Watch for Vec<Finding> {
    fn finding(&mut self, finding: Finding) {
        self.push(finding);
    }
}

/// One request and where it stands.
#[derive(Clone, Copy, Debug)]
pub struct Row<'r> {
    /// The input's name.
    pub file: &'r str,
    /// Line number, counted from 1.
    pub line: u64,
    /// What it comes to.
    pub appraisal: &'r Appraisal,
    /// The rule that keeps it out of every batch, if one does.
    pub left_out: Option<Rule>,
}
