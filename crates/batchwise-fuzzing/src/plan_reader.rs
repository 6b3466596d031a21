use std::sync::LazyLock;

use batchwise_diff::difference;
use batchwise_plan::Plan;

/// A plan like any other.
static OTHER: LazyLock<Plan> = LazyLock::new(|| {
    let file = include_bytes!("../../../fuzz/corpus/plan_reader/one-request.json");
    Plan::read(file).expect("it is a plan")
});

/// Reads a plan file. What was read is written as it was, and does not differ from itself; what is refused has a
/// reason of one line.
pub fn plan_reader(bytes: &[u8]) {
    match Plan::read(bytes) {
        Ok(plan) => {
            let mut written = Vec::new();
            plan.write_json(&mut written).expect("memory takes everything");
            assert_eq!(Plan::read(&written).as_ref(), Ok(&plan), "what is written is read");
            assert!(difference(&plan, &plan).same, "a plan does not differ from itself");
            let (there, back) = (difference(&OTHER, &plan), difference(&plan, &OTHER));
            assert_eq!((there.same, there.models.len()), (back.same, back.models.len()));
        }
        Err(error) => {
            let reason = error.to_string();
            assert!(!reason.is_empty() && reason.len() < 2_000 + bytes.len(), "{reason}");
            assert!(!reason.contains(['\n', '\r', '\u{1b}']), "{reason}");
        }
    }
}
