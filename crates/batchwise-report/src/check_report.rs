use std::collections::BTreeMap;

use batchwise_findings::{Finding, Rule, Severity, Verdict};
use batchwise_plan::Quote;
use serde::Serialize;

/// What was found in some request files, and what that means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckReport {
    /// The version of batchwise.
    pub version: String,
    /// What was read, in the order given.
    pub files: Vec<CheckedFile>,
    /// How many requests could be read and stand in batches.
    pub requests: u64,
    /// How many of them have no price: the cost is that of the others.
    pub unpriced_requests: u64,
    /// How many may get input that nobody can know: for them nothing is a bound.
    pub unbounded_requests: u64,
    /// How many lines with something on them are in no batch.
    pub left_out_lines: u64,
    /// How many batches they make.
    pub batches: u64,
    /// What they cost, where at least one has a price.
    pub quote: Option<Quote>,
    /// The first findings of each rule: errors first, then by rule, each in the order of the inputs.
    pub findings: Vec<Told>,
    /// How many there are of each rule that was broken.
    pub rules: BTreeMap<Rule, RuleCount>,
    /// How many findings the policy excuses; they are not among the others.
    pub excused: u64,
    /// Whether the files may pass.
    pub verdict: Verdict,
}

/// One file that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedFile {
    /// As the user named it; `-` is standard input.
    pub name: String,
    /// How many of its requests are in batches.
    pub requests: u64,
}

/// A finding and how much it matters to this user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// What was noticed.
    pub finding: Finding,
    /// Its severity after the user's policy.
    pub severity: Severity,
}

/// How often a rule was broken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RuleCount {
    /// By severity: a policy may give findings of one rule different ones.
    pub counts: Counts,
    /// How many of them are not told one by one.
    pub omitted: u64,
}

/// A number of findings by severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Errors.
    pub error: u64,
    /// Warnings.
    pub warning: u64,
    /// Notes.
    pub note: u64,
}

impl CheckReport {
    /// All findings by severity, told or not.
    pub fn counts(&self) -> Counts {
        self.rules.values().fold(Counts::default(), |sum, rule| sum.and(rule.counts))
    }

    /// How many findings are not told one by one.
    pub fn omitted(&self) -> u64 {
        self.rules.values().map(|rule| rule.omitted).sum()
    }

    /// The rules that were broken, the worst first, then the most frequent.
    pub fn rules_by_weight(&self) -> Vec<(Rule, RuleCount)> {
        let mut rules: Vec<(Rule, RuleCount)> =
            self.rules.iter().map(|(&rule, &count)| (rule, count)).collect();
        rules.sort_by_key(|(_, count)| std::cmp::Reverse((count.counts.worst(), count.counts.total())));
        rules
    }
}

impl Counts {
    /// Adds `more` findings of a severity.
    pub fn add(&mut self, severity: Severity, more: u64) {
        *match severity {
            Severity::Error => &mut self.error,
            Severity::Warning => &mut self.warning,
            Severity::Note => &mut self.note,
        } += more;
    }

    /// How many there are of a severity.
    pub fn of(self, severity: Severity) -> u64 {
        match severity {
            Severity::Error => self.error,
            Severity::Warning => self.warning,
            Severity::Note => self.note,
        }
    }

    /// All of them.
    pub fn total(self) -> u64 {
        self.error + self.warning + self.note
    }

    /// The worst severity of which there is one.
    pub fn worst(self) -> Option<Severity> {
        [Severity::Error, Severity::Warning, Severity::Note]
            .into_iter()
            .find(|&severity| self.of(severity) > 0)
    }

    fn and(self, other: Counts) -> Counts {
        Counts {
            error: self.error + other.error,
            warning: self.warning + other.warning,
            note: self.note + other.note,
        }
    }
}

/// Reports to test formats with.
#[cfg(test)]
pub(crate) mod tests_support {
    use super::*;
    use crate::Desk;
    use batchwise_findings::{Excerpt, Place};

    /// A finding at a field of a short line.
    pub(crate) fn finding(rule: Rule, file: &str, line: u64) -> Told {
        let text = r#"{"custom_id":"a","params":{"model":"m"}}"#;
        let place = Place {
            file: file.to_owned(),
            line,
            column: 14,
            bytes: 13..16,
            field: "custom_id".to_owned(),
            excerpt: Some(Excerpt::around(text.as_bytes(), 13..16)),
        };
        let finding = Finding::new(rule, "`a` is odd").with_help("change it").at(place).about("a", "m");
        Told { finding, severity: rule.severity() }
    }

    /// The report of these findings.
    pub(crate) fn report(findings: &[Told]) -> CheckReport {
        let mut desk = Desk::new(1_000, Severity::Error);
        findings.iter().for_each(|told| desk.take(told.finding.clone(), told.severity));
        let (findings, rules, verdict) = desk.close();
        CheckReport {
            version: "1.2.3".to_owned(),
            files: vec![CheckedFile { name: "./a.jsonl".to_owned(), requests: 3 }],
            requests: 3,
            unpriced_requests: 0,
            unbounded_requests: 0,
            left_out_lines: 0,
            batches: 1,
            quote: None,
            findings,
            rules,
            excused: 0,
            verdict,
        }
    }
}
