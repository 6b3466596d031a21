use batchwise_findings::Rule;
use batchwise_records::Node;

use crate::circumstances::{Scene, at};
use crate::flaws::{Flaws, Remark};

/// Source: thinking counts toward `max_tokens`,
/// <https://platform.claude.com/docs/en/build-with-claude/thinking>, read 2026-09. In 237 recorded requests with a budget
/// it was always below `max_tokens`; what the API answers otherwise is not recorded.
pub(crate) fn check(scene: &Scene<'_>, flaws: &mut Flaws) {
    let max_tokens = scene.subject.request.max_tokens;
    let budget = scene.parameter("thinking").and_then(|thinking| thinking.get("budget_tokens"));
    let Some(budget) = budget.and_then(Node::as_u64).filter(|budget| *budget >= max_tokens) else { return };
    flaws.push(Rule::ThinkingBudget, || Remark {
        at: at(&["thinking", "budget_tokens"]),
        message: format!(
            "`budget_tokens` is {budget}, which leaves nothing of `max_tokens` {max_tokens} for the reply"
        ),
        help: "raise `max_tokens` above the budget: thinking counts toward it".to_owned(),
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::case_of;

    #[test]
    fn a_budget_is_below_the_cap() {
        let check = |budget, expected| {
            let members = format!(
                "\"max_tokens\":2000,\"thinking\":{{\"type\":\"enabled\",\"budget_tokens\":{budget}}}"
            );
            assert_eq!(
                case_of("claude-haiku-4-5", &members).count(Rule::ThinkingBudget),
                expected,
                "{budget}"
            );
        };
        check("1999", 0);
        check("2000", 1);
        check("2000.0", 1);
        check("-1", 0);
        check("null", 0);
    }
}
