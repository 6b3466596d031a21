use batchwise_plan::Plan;
use serde::Serialize;
use std::collections::BTreeSet;

/// An assumption that the plans do not share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AssumptionChange {
    /// What it is about.
    pub key: String,
    /// What only the plan before assumed of it.
    pub base: Vec<String>,
    /// What only the plan after assumes of it.
    pub head: Vec<String>,
}

impl AssumptionChange {
    /// All that changed, in order of the keys.
    pub(crate) fn between(base: &Plan, head: &Plan) -> Vec<AssumptionChange> {
        let (before, after) = (assumed(base), assumed(head));
        let keys: BTreeSet<&str> = before.symmetric_difference(&after).map(|(key, _)| *key).collect();
        let only = |these: &BTreeSet<(&str, &str)>, those: &BTreeSet<(&str, &str)>, key: &str| {
            let values = these.difference(those).filter(|(other, _)| *other == key);
            values.map(|(_, value)| (*value).to_owned()).collect()
        };
        let change = |key: &str| AssumptionChange {
            key: key.to_owned(),
            base: only(&before, &after, key),
            head: only(&after, &before, key),
        };
        keys.into_iter().map(change).collect()
    }
}

fn assumed(plan: &Plan) -> BTreeSet<(&str, &str)> {
    plan.assumptions.iter().map(|assumption| (&*assumption.key, &*assumption.value)).collect()
}
