use std::collections::BTreeMap;

use crate::{Rule, Severity, Verdict};

/// How often each rule was broken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    by_rule: BTreeMap<Rule, u64>,
}

impl Tally {
    /// Counts `more` lines or requests that break `rule`.
    pub fn count(&mut self, rule: Rule, more: u64) {
        *self.by_rule.entry(rule).or_default() += more;
    }

    /// The number of findings of that severity.
    pub fn of(&self, severity: Severity) -> u64 {
        self.by_rule.iter().filter(|(rule, _)| rule.severity() == severity).map(|(_, count)| count).sum()
    }

    /// Each rule that was broken, with its count.
    pub fn rules(&self) -> impl Iterator<Item = (Rule, u64)> {
        self.by_rule.iter().map(|(&rule, &count)| (rule, count))
    }

    /// The worst that any finding means for the run.
    pub fn verdict(&self) -> Verdict {
        self.by_rule.keys().map(|rule| rule.verdict()).max().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_rule_decides() {
        let mut tally = Tally::default();
        assert_eq!(tally.verdict(), Verdict::Ok);
        tally.count(Rule::LargeItem, 1);
        assert_eq!(tally.verdict(), Verdict::Ok);
        tally.count(Rule::RequestTooLarge, 1);
        assert_eq!(tally.verdict(), Verdict::Refused);
        tally.count(Rule::InvalidJson, 1);
        tally.count(Rule::RequestTooLarge, 1);
        assert_eq!(tally.verdict(), Verdict::Unusable);
        assert_eq!((tally.of(Severity::Error), tally.of(Severity::Warning)), (3, 1));
    }
}
