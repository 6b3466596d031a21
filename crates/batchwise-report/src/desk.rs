use std::collections::BTreeMap;

use batchwise_findings::{Finding, Rule, Severity, Verdict};

use crate::{RuleCount, Told};

/// The most findings of one rule that are ever kept. A file with a mistake in each of 100,000 lines has 100,000
/// findings, and nobody reads more than a few of them.
pub const KEPT_MAX: usize = 10_000;

/// Takes findings as they come: keeps the first of each rule, counts all.
#[derive(Clone, Debug)]
pub struct Desk {
    kept_max: usize,
    kept: BTreeMap<Rule, Vec<Told>>,
    rules: BTreeMap<Rule, RuleCount>,
    fails_on: Severity,
    verdict: Verdict,
}

impl Desk {
    /// A desk that keeps `kept_max` findings of each rule, at most [`KEPT_MAX`]. Findings of severity `fails_on`
    /// and above refuse the files.
    pub fn new(kept_max: usize, fails_on: Severity) -> Desk {
        let kept_max = kept_max.min(KEPT_MAX);
        Desk { kept_max, kept: BTreeMap::new(), rules: BTreeMap::new(), fails_on, verdict: Verdict::Ok }
    }

    /// Whether a further finding of that rule would be kept.
    pub fn keeps(&self, rule: Rule) -> bool {
        self.kept.get(&rule).is_none_or(|kept| kept.len() < self.kept_max)
    }

    /// Takes a finding of that severity.
    pub fn take(&mut self, finding: Finding, severity: Severity) {
        self.verdict = self.verdict.max(self.verdict_of(finding.rule, severity));
        let keeps = self.keeps(finding.rule);
        let count = self.rules.entry(finding.rule).or_default();
        count.counts.add(severity, finding.requests);
        if keeps {
            self.kept.entry(finding.rule).or_default().push(Told { finding, severity });
        } else {
            count.omitted += finding.requests;
        }
    }

    /// What cannot be read stays unusable; anything else that is severe enough refuses.
    fn verdict_of(&self, rule: Rule, severity: Severity) -> Verdict {
        match severity >= self.fails_on {
            true => rule.verdict().max(Verdict::Refused),
            false => Verdict::Ok,
        }
    }

    /// What was kept, the worst first; the counts of all rules; the verdict.
    pub fn close(self) -> (Vec<Told>, BTreeMap<Rule, RuleCount>, Verdict) {
        let mut findings: Vec<Told> = self.kept.into_values().flatten().collect();
        findings.sort_by_key(|told| std::cmp::Reverse(told.severity));
        (findings, self.rules, self.verdict)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn desk(fails_on: Severity, taken: &[(Rule, Severity)]) -> Desk {
        let mut desk = Desk::new(2, fails_on);
        for &(rule, severity) in taken {
            desk.take(Finding::new(rule, "x"), severity);
        }
        desk
    }

    #[test]
    fn the_first_of_each_rule_are_kept_and_all_are_counted() {
        let many = [(Rule::LargeItem, Severity::Warning); 5];
        let (findings, rules, verdict) = desk(Severity::Error, &many).close();
        assert_eq!((findings.len(), rules[&Rule::LargeItem].omitted, verdict), (2, 3, Verdict::Ok));
        assert_eq!(rules[&Rule::LargeItem].counts.warning, 5);
    }

    #[test]
    fn the_user_decides_what_fails() {
        let verdict = |fails_on, rule, severity| desk(fails_on, &[(rule, severity)]).close().2;
        let (error, warning, note) = (Severity::Error, Severity::Warning, Severity::Note);
        assert_eq!(verdict(error, Rule::LargeItem, warning), Verdict::Ok);
        assert_eq!(verdict(error, Rule::LargeItem, error), Verdict::Refused);
        assert_eq!(verdict(warning, Rule::LargeItem, warning), Verdict::Refused);
        assert_eq!(verdict(warning, Rule::LargeItem, note), Verdict::Ok);
        assert_eq!(verdict(error, Rule::InvalidJson, error), Verdict::Unusable);
        assert_eq!(verdict(error, Rule::DuplicateCustomId, error), Verdict::Refused);
    }

    #[test]
    fn the_worst_come_first() {
        let taken = [(Rule::LargeItem, Severity::Warning), (Rule::DuplicateCustomId, Severity::Error)];
        let (findings, ..) = desk(Severity::Error, &taken).close();
        assert_eq!(findings[0].finding.rule, Rule::DuplicateCustomId);
    }
}
