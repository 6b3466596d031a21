use std::collections::BTreeMap;

use batchwise_findings::{Finding, Place};

use crate::appraisal::Doubt;

/// What many requests have in common and is told once: with the number of requests and the first place.
#[derive(Default)]
pub(crate) struct Notices {
    seen: BTreeMap<Doubt, (u64, Place)>,
}

impl Notices {
    /// Counts one more request; `place` is asked for only the first time.
    pub(crate) fn note(&mut self, doubt: &Doubt, place: impl FnOnce() -> Place) {
        match self.seen.get_mut(doubt) {
            Some((count, _)) => *count += 1,
            None => {
                self.seen.insert(doubt.clone(), (1, place()));
            }
        }
    }

    /// The findings, in order of rule and message.
    pub(crate) fn into_findings(self) -> impl Iterator<Item = Finding> {
        self.seen.into_iter().map(|(doubt, (count, place))| Finding {
            rule: doubt.rule,
            message: match count {
                1 => doubt.message,
                _ => format!("{} ({count} requests, this is the first)", doubt.message),
            },
            at: Some(place),
            help: Some(doubt.help),
        })
    }
}
