use batchwise_findings::Rule;
use batchwise_records::Where;

use crate::ApiVersion;
use crate::circumstances::Scene;
use crate::flaws::{Flaws, Remark};
use crate::walk::{Block, Inside};

/// Source: <https://platform.claude.com/docs/en/api/migration-2026-10-21>, read 2026-11.
pub(crate) fn check(block: &Block<'_>, scene: &Scene<'_>, flaws: &mut Flaws) {
    let version = scene.circumstances.api_version;
    if block.role != "assistant" || block.inside != Inside::Message || version < ApiVersion::V2026_10_21 {
        return;
    }
    flaws.push(Rule::AssistantDocument, || Remark {
        at: Where::Value(block.trail.path()),
        message: format!("API version {version} refuses a `document` in a message of the assistant"),
        help: format!(
            "move it into a message of the user, or create the batch with API version {}",
            ApiVersion::V2023_06_01
        ),
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::case;

    #[test]
    fn documents_belong_to_the_user() {
        let document = r#"{"type":"document","source":{"type":"text","media_type":"text/plain","data":"x"}}"#;
        let said = |role: &str, blocks: &str| {
            case(&format!(
                r#""messages":[{{"role":"user","content":"hi"}},{{"role":"{role}","content":[{blocks}]}}]"#
            ))
        };
        assert_eq!(said("assistant", document).count(Rule::AssistantDocument), 1);
        assert_eq!(said("assistant", document).old_version().count(Rule::AssistantDocument), 0);
        assert_eq!(said("user", document).count(Rule::AssistantDocument), 0);
        let within = format!(r#"{{"type":"mcp_tool_result","tool_use_id":"a","content":[{document}]}}"#);
        assert_eq!(said("assistant", &within).count(Rule::AssistantDocument), 0);
    }
}
