use std::collections::BTreeMap;

use batchwise_findings::{Finding, Rule, Severity};
use batchwise_planner::{Row, Watch};

use crate::args::ReadingArgs;
use crate::progress::Progress;
use crate::screen;

/// How many findings of one rule are drawn unless the user asks for all, so that no rule hides another.
const DRAWN: u64 = 20;

/// Watches a plan being made: draws the first findings of each rule, counts the others, shows progress.
pub(crate) struct Witness<'w> {
    found: BTreeMap<Rule, u64>,
    most: u64,
    least: Severity,
    progress: Progress,
    on_row: &'w mut dyn FnMut(&Row<'_>),
}

impl<'w> Witness<'w> {
    pub(crate) fn new(
        args: &ReadingArgs,
        progress: Progress,
        on_row: &'w mut dyn FnMut(&Row<'_>),
    ) -> Witness<'w> {
        let least = if args.quiet { Severity::Error } else { Severity::Note };
        let most = if args.verbose { u64::MAX } else { DRAWN };
        Witness { found: BTreeMap::new(), most, least, progress, on_row }
    }

    /// Tells how many findings were not drawn.
    pub(crate) fn tell_the_rest(self) {
        for (rule, found) in &self.found {
            if *found > self.most {
                self.progress.suspend(|| screen::more_findings(*rule, found - self.most));
            }
        }
    }
}

impl Watch for Witness<'_> {
    fn finding(&mut self, finding: Finding) {
        if finding.severity() < self.least {
            return;
        }
        let found = self.found.entry(finding.rule).or_default();
        *found += 1;
        if *found <= self.most {
            self.progress.suspend(|| screen::finding(&finding));
        }
    }

    fn row(&mut self, row: &Row<'_>) {
        (self.on_row)(row);
    }

    fn progress(&mut self, bytes: u64, requests: u64) {
        self.progress.set(bytes, requests);
    }
}
