//! What must hold between any two plans.

#[path = "../../batchwise-plan/tests/common/any_plan.rs"]
mod any_plan;

use any_plan::any_plan;
use batchwise_diff::{Difference, difference};
use batchwise_plan::{Assumption, Plan};
use batchwise_units::Usd;
use proptest::prelude::*;
use serde_json::Value;

fn json(difference: &Difference) -> Value {
    serde_json::to_value(difference).unwrap()
}

/// An exact number in billionths: dollars are texts, counts are numbers.
fn billionths(value: &Value) -> i128 {
    match value {
        Value::String(text) => {
            let (sign, digits) = text.strip_prefix('-').map_or((1, &**text), |digits| (-1, digits));
            let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
            sign * format!("{whole}{decimals:0<9}").parse::<i128>().unwrap()
        }
        number => i128::from(number.as_i64().unwrap()) * 1_000_000_000,
    }
}

fn is_comparison(value: &Value) -> bool {
    value.get("change").is_some()
}

/// The slow, obvious answer: whole numbers.
fn check_changes(value: &Value) -> Result<(), TestCaseError> {
    match value {
        Value::Object(members) if is_comparison(value) => {
            let (base, head, change) = (&members["base"], &members["head"], &members["change"]);
            let both = !base.is_null() && !head.is_null();
            prop_assert_eq!(!change.is_null(), both && members["unlike"].is_null());
            prop_assert_eq!(
                members["unlike"].is_null(),
                !change.is_null() || (base.is_null() && head.is_null())
            );
            if change.is_null() {
                prop_assert!(members["percent"].is_null());
                return Ok(());
            }
            let [before, after] = [base, head].map(billionths);
            prop_assert_eq!(billionths(change), after - before);
            let tenths = |part: i128| (part.abs() * 2_000 + before) / (2 * before);
            let shown = |part: i128| {
                let minus = if part < 0 { "-" } else { "" };
                format!("{minus}{}.{}", tenths(part) / 10, tenths(part) % 10)
            };
            let percent = (before > 0).then(|| shown(after - before));
            prop_assert_eq!(members["percent"].as_str(), percent.as_deref());
            Ok(())
        }
        Value::Object(members) => members.values().try_for_each(check_changes),
        Value::Array(elements) => elements.iter().try_for_each(check_changes),
        _ => Ok(()),
    }
}

/// The difference as it is, or seen from the other side; percentages, which are of another number there, are left
/// out, and changes are in billionths.
fn seen(value: Value, from_the_other_side: bool) -> Value {
    let seen = |value| seen(value, from_the_other_side);
    match value {
        Value::Object(mut members) => {
            members.remove("percent");
            if let Some(change) = members.get_mut("change").filter(|change| !change.is_null()) {
                let sign = if from_the_other_side { -1 } else { 1 };
                *change = (sign * billionths(change)).to_string().into();
            }
            if from_the_other_side {
                let state = members.get("state").and_then(Value::as_str).map(|state| opposite(state).into());
                members.extend(state.map(|state| ("state".to_owned(), state)));
                if let (Some(base), Some(head)) = (members.remove("base"), members.remove("head")) {
                    members.insert("base".to_owned(), head);
                    members.insert("head".to_owned(), base);
                }
            }
            members.into_iter().map(|(key, value)| (key, seen(value))).collect()
        }
        Value::Array(elements) => elements.into_iter().map(seen).collect(),
        other => other,
    }
}

fn opposite(state: &str) -> &str {
    match state {
        "new" => "gone",
        "gone" => "new",
        "more" => "fewer",
        "fewer" => "more",
        other => other,
    }
}

/// A plan and what may have become of it: anything, or a small step.
fn two_plans() -> impl Strategy<Value = (Plan, Plan)> {
    (any_plan(), any_plan(), 0..4).prop_map(|(base, other, step)| {
        let mut head = base.clone();
        match step {
            0 => head = other,
            1 => head.assumptions = other.assumptions,
            2 => head.priced_on = other.priced_on,
            _ => head.tokens = other.tokens,
        }
        (base, head)
    })
}

proptest! {
    #[test]
    fn a_plan_does_not_differ_from_itself(plan in any_plan()) {
        let difference = difference(&plan, &plan);
        prop_assert!(difference.same);
        prop_assert!(difference.models.is_empty() && difference.findings.rules.is_empty());
        prop_assert!(difference.assumptions.is_empty() && !difference.cost.differs());
    }

    #[test]
    fn it_is_antisymmetric((base, head) in two_plans()) {
        let (there, back) = (json(&difference(&base, &head)), json(&difference(&head, &base)));
        prop_assert_eq!(seen(back, true), seen(there, false));
    }

    #[test]
    fn changes_are_exact((base, head) in two_plans()) {
        check_changes(&json(&difference(&base, &head)))?;
    }

    #[test]
    fn plans_that_count_otherwise_are_not_subtracted(base in any_plan(), head in any_plan()) {
        let counted_by = |plan: Plan, name: &str| {
            let value = format!("estimated offline by `{name}`; low and high are a range");
            let basis = Assumption { key: "input-tokens".to_owned(), value, source: String::new() };
            Plan { assumptions: vec![basis], ..plan }
        };
        let difference = difference(&counted_by(base, "claude"), &counted_by(head, "bytes"));
        let scenarios = difference.cost.scenarios().into_iter().flat_map(|range| range.ends());
        prop_assert!(scenarios.chain([&difference.cost.batch_bound]).all(|cost| cost.change.is_none()));
        prop_assert!(difference.tokens.input.ends().into_iter().all(|end| end.change.is_none()));
        prop_assert!(difference.requests.change.is_some() && difference.tokens.output.high.change.is_some());
    }

    #[test]
    fn ends_that_rest_on_another_cache_are_not_subtracted(base in any_plan(), rate in 0..100u8) {
        let caching = |value: String| {
            let cache = Assumption { key: "cache".to_owned(), value, source: String::new() };
            Plan { assumptions: vec![cache], ..base.clone() }
        };
        let difference = difference(&caching("unknown".to_owned()), &caching(format!("{rate}% are read")));
        let cost = &difference.cost;
        prop_assert!(cost.batch_cached.low.change.is_none() && cost.batch_cached.high.change.is_none());
        prop_assert_eq!(cost.batch_cached.likely.change, cost.batch_cached.likely.base.map(|_| Usd::ZERO));
        prop_assert_eq!(cost.batch.high.change, cost.batch.high.base.map(|_| Usd::ZERO));
    }
}
