use std::collections::BTreeSet;

use batchwise_plan::Findings;
use serde::Serialize;

use crate::Compared;

/// A rule that is broken more or less often than before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleChange {
    /// The rule's id.
    pub rule: String,
    /// What happened to it.
    pub state: RuleState,
    /// How often it is broken.
    pub findings: Compared<i128>,
}

/// What happened to a rule's findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleState {
    /// There were none before.
    New,
    /// There are none any more.
    Gone,
    /// There are more than before.
    More,
    /// There are fewer than before.
    Fewer,
}

impl RuleState {
    /// The word users see.
    pub fn name(self) -> &'static str {
        match self {
            RuleState::New => "new",
            RuleState::Gone => "gone",
            RuleState::More => "more",
            RuleState::Fewer => "fewer",
        }
    }
}

impl RuleChange {
    /// All that changed, in order of the rules' ids.
    pub(crate) fn between(base: &Findings, head: &Findings) -> Vec<RuleChange> {
        let rules: BTreeSet<&str> = base.rules.keys().chain(head.rules.keys()).map(|rule| &**rule).collect();
        let count = |findings: &Findings, rule: &str| findings.rules.get(rule).copied().unwrap_or(0);
        let change = |rule: &str| {
            let (before, after) = (count(base, rule), count(head, rule));
            let state = match (before, after) {
                _ if before == after => return None,
                (0, _) => RuleState::New,
                (_, 0) => RuleState::Gone,
                _ if after > before => RuleState::More,
                _ => RuleState::Fewer,
            };
            Some(RuleChange { rule: rule.to_owned(), state, findings: Compared::counts(before, after) })
        };
        rules.into_iter().filter_map(change).collect()
    }
}
