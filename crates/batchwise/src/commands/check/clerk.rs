use batchwise_findings::{Finding, Rule};
use batchwise_planner::Watch;
use batchwise_policy::{Judge, Policy, Ruling};
use batchwise_pricing::PriceBook;
use batchwise_report::Desk;

use crate::progress::Progress;

/// Takes what is found while a plan is made to the judge, and what counts to the desk.
pub(super) struct Clerk<'c> {
    policy: &'c Policy,
    judge: Judge<'c>,
    book: &'c PriceBook,
    desk: Desk,
    excused: u64,
    progress: Progress,
}

impl<'c> Clerk<'c> {
    /// A clerk at an empty desk.
    pub(super) fn new(
        policy: &'c Policy,
        judge: Judge<'c>,
        book: &'c PriceBook,
        desk: Desk,
        progress: Progress,
    ) -> Clerk<'c> {
        Clerk { policy, judge, book, desk, excused: 0, progress }
    }

    /// Takes all of these.
    pub(super) fn take_all(&mut self, findings: Vec<Finding>) {
        findings.into_iter().for_each(|finding| self.finding(finding));
    }

    /// What was taken, with what is left of the policy's exceptions, and how many findings they excuse.
    pub(super) fn close(mut self) -> (Desk, u64) {
        self.take_all(self.judge.leftovers());
        (self.desk, self.excused)
    }
}

impl Watch for Clerk<'_> {
    fn finding(&mut self, finding: Finding) {
        match self.judge.ruling(&finding) {
            Ruling::Counts(severity) => {
                let finding = match self.desk.keeps(finding.rule) {
                    true => self.policy.explain(finding, self.book),
                    false => finding,
                };
                self.desk.take(finding, severity);
            }
            Ruling::Excused(_) => self.excused += finding.requests,
            Ruling::Off => (),
        }
    }

    fn wants_spot(&self, rule: Rule) -> bool {
        self.desk.keeps(rule)
    }

    fn wants_each(&self) -> bool {
        true
    }

    fn progress(&mut self, bytes: u64, requests: u64) {
        self.progress.set(bytes, requests);
    }
}
