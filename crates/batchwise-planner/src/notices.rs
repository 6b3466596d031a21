use std::collections::BTreeMap;

use batchwise_findings::{Finding, Place, Rule};

use crate::appraisal::Doubt;

/// How many different doubts are told one by one. A file may name a million unknown models.
const TOLD_MAX: usize = 1_000;

/// What many requests have in common and is told once: with the number of requests and the first place.
#[derive(Default)]
pub(crate) struct Notices {
    seen: BTreeMap<Doubt, (u64, Place)>,
    /// Requests with doubts beyond [`TOLD_MAX`], by rule.
    more: BTreeMap<Rule, u64>,
}

impl Notices {
    /// Counts one more request; `place` is asked for only the first time.
    pub(crate) fn note(&mut self, doubt: &Doubt, place: impl FnOnce() -> Place) {
        if let Some((count, _)) = self.seen.get_mut(doubt) {
            *count += 1;
        } else if self.seen.len() < TOLD_MAX {
            self.seen.insert(doubt.clone(), (1, place()));
        } else {
            *self.more.entry(doubt.rule).or_default() += 1;
        }
    }

    /// The findings in order of rule and message, each with the number of requests it is about.
    pub(crate) fn into_findings(self) -> impl Iterator<Item = (Finding, u64)> {
        let told = self.seen.into_iter().map(|(doubt, (count, place))| {
            let message = match count {
                1 => doubt.message,
                _ => format!("{} ({count} requests, this is the first)", doubt.message),
            };
            let finding = Finding::new(doubt.rule, message).at(place).with_help(doubt.help);
            (Finding { requests: count, ..finding }, count)
        });
        let more = self.more.into_iter().map(|(rule, count)| {
            let message = format!("the same of {count} more requests, each in its own way");
            let finding = Finding::new(rule, message).with_help("see the ones before");
            (Finding { requests: count, ..finding }, count)
        });
        told.chain(more)
    }
}
