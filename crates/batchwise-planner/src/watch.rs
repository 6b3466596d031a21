use batchwise_findings::Finding;

use crate::Appraisal;

/// Who wants to know what happens while a plan is made. All calls come in the order of the input.
pub trait Watch {
    /// Something was noticed.
    fn finding(&mut self, finding: Finding);

    /// A readable request went by, whether or not it ends up in a batch.
    fn row(&mut self, row: &Row<'_>) {
        let _ = row;
    }

    /// So much of all inputs was read.
    fn progress(&mut self, bytes: u64, requests: u64) {
        let _ = (bytes, requests);
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
}
