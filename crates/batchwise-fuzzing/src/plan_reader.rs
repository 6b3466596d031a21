use std::sync::LazyLock;

use batchwise_diff::difference;
use batchwise_plan::{Fingerprint, Plan};
use batchwise_statement::{PlanPart, Statement, csv, focus, html, json, markdown, table, xlsx};

/// A plan like any other.
static OTHER: LazyLock<Plan> = LazyLock::new(|| {
    let file = include_bytes!("../../../fuzz/corpus/plan_reader/one-request.json");
    Plan::read(file).expect("it is a plan")
});

/// Reads a plan file. What was read is written as it was, does not differ from itself, and can be reported, alone and
/// beside another; what is refused has a reason of one line.
pub fn plan_reader(bytes: &[u8]) {
    match Plan::read(bytes) {
        Ok(plan) => {
            let mut written = Vec::new();
            plan.write_json(&mut written).expect("memory takes everything");
            assert_eq!(Plan::read(&written).as_ref(), Ok(&plan), "what is written is read");
            assert!(difference(&plan, &plan).same, "a plan does not differ from itself");
            let (there, back) = (difference(&OTHER, &plan), difference(&plan, &OTHER));
            assert_eq!((there.same, there.models.len()), (back.same, back.models.len()));
            report(&plan);
        }
        Err(error) => {
            let reason = error.to_string();
            assert!(!reason.is_empty() && reason.len() < 2_000 + bytes.len(), "{reason}");
            assert!(!reason.contains(['\n', '\r', '\u{1b}']), "{reason}");
        }
    }
}

/// Every format takes the plan, or gives a reason of one line.
fn report(plan: &Plan) {
    let part = |name: &'static str, plan| PlanPart { name, sha256: Fingerprint::of(name.as_bytes()), plan };
    for parts in [&[part("a", plan)][..], &[part("a", plan), part("b", &OTHER), part("c", plan)]] {
        match Statement::of(parts) {
            Ok(statement) => {
                let table = |statement: &Statement| table(statement, 80);
                let formats = [table, markdown, csv, json, html];
                let texts = formats.map(|format| format(&statement));
                assert!(texts.iter().all(|text| !text.contains(&0x1b)), "nothing can move a cursor");
                let _ = (xlsx(&statement), focus(&statement));
            }
            Err(error) => assert!(!error.to_string().contains('\n'), "{error}"),
        }
    }
}
