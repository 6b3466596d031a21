use batchwise_findings::{Finding, Severity};
use batchwise_planner::{Row, Watch};

use crate::progress::Progress;

/// How many findings of one severity are drawn unless the user asks for all.
const DRAWN: usize = 20;

/// Watches a plan being made: remembers the first findings, counts the others, shows progress.
pub(crate) struct Witness<'w> {
    findings: Vec<Finding>,
    /// Findings that were only counted, by severity.
    more: [(Severity, usize); 3],
    all: bool,
    progress: Progress,
    on_row: &'w mut dyn FnMut(&Row<'_>),
}

impl<'w> Witness<'w> {
    pub(crate) fn new(all: bool, progress: Progress, on_row: &'w mut dyn FnMut(&Row<'_>)) -> Witness<'w> {
        let more = [(Severity::Error, 0), (Severity::Warning, 0), (Severity::Note, 0)];
        Witness { findings: Vec::new(), more, all, progress, on_row }
    }

    /// Ends the progress display and returns the findings to draw and how many more there were.
    pub(crate) fn into_findings(self) -> (Vec<Finding>, [(Severity, usize); 3]) {
        (self.findings, self.more)
    }
}

impl Watch for Witness<'_> {
    fn finding(&mut self, finding: Finding) {
        let severity = finding.severity();
        let drawn = self.findings.iter().filter(|other| other.severity() == severity).count();
        if self.all || drawn < DRAWN {
            self.findings.push(finding);
        } else if let Some((_, count)) = self.more.iter_mut().find(|(other, _)| *other == severity) {
            *count += 1;
        }
    }

    fn row(&mut self, row: &Row<'_>) {
        (self.on_row)(row);
    }

    fn progress(&mut self, bytes: u64, requests: u64) {
        self.progress.set(bytes, requests);
    }
}
