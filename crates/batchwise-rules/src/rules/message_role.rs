use batchwise_findings::Rule;
use batchwise_records::{Trail, Where};

use crate::flaws::{Flaws, Remark};
use crate::walk::Message;
use crate::wording::quoted;

/// Recorded requests that were accepted have no other roles, until 2026-11; what the API answers to another is in no
/// source of this project.
pub(crate) fn check(message: &Message<'_>, flaws: &mut Flaws) {
    if matches!(message.role, "user" | "assistant" | "system") {
        return;
    }
    flaws.push(Rule::MessageRole, || Remark {
        at: Where::Value(Trail::Key(message.trail, "role").path()),
        message: format!("the role {} was never seen to be accepted", quoted(message.role)),
        help: match message.role {
            "tool" | "function" => "put a `tool_result` block into a message of the user",
            "developer" => "put it into `system`",
            _ => "write \"user\" or \"assistant\"",
        }
        .to_owned(),
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::case;

    #[test]
    fn roles_are_known() {
        let check = |role, expected| {
            let case = case(&format!(r#""messages":[{{"role":"{role}","content":"hi"}}]"#));
            assert_eq!(case.count(Rule::MessageRole), expected, "{role}");
        };
        check("user", 0);
        check("assistant", 0);
        check("system", 0);
        check("tool", 1);
        check("User", 1);
        check("", 1);
    }
}
