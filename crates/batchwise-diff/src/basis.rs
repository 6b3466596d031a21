//! What decides whether two plans' numbers are alike.

use std::collections::BTreeMap;

use batchwise_plan::Plan;

use crate::Unlike;
use crate::range_compared::Obstacles;

impl Obstacles {
    /// What keeps the totals of two plans from being alike.
    pub(crate) fn between(base: &Plan, head: &Plan) -> Obstacles {
        Obstacles {
            counting: (!counted_alike(base, head)).then_some(Unlike::Tokenizer),
            pricing: (unpriced(base) != unpriced(head)).then_some(Unlike::Unpriced),
            caching: (value(base, "cache") != value(head, "cache")).then_some(Unlike::Cache),
        }
    }
}

/// The method that counted the input, as the assumption about it names it: the first name in backticks.
pub(crate) fn tokenizer(plan: &Plan) -> Option<&str> {
    value(plan, "input-tokens")?.split('`').nth(1)
}

/// A method with other constants, or another sample, still estimates the same; only another method does not.
fn counted_alike(base: &Plan, head: &Plan) -> bool {
    match (tokenizer(base), tokenizer(head)) {
        (Some(before), Some(after)) => before == after,
        _ => value(base, "input-tokens") == value(head, "input-tokens"),
    }
}

fn value<'p>(plan: &'p Plan, key: &str) -> Option<&'p str> {
    plan.assumptions.iter().find(|assumption| assumption.key == key).map(|assumption| &*assumption.value)
}

/// How many requests of each model are in no cost.
fn unpriced(plan: &Plan) -> BTreeMap<&str, u64> {
    let models = plan.models.iter().filter(|model| model.unpriced_requests > 0);
    models.map(|model| (&*model.model, model.unpriced_requests)).collect()
}
