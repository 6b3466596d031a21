use batchwise_findings::Rule;
use batchwise_records::{Node, Trail, Where};

use crate::ApiVersion;
use crate::circumstances::Scene;
use crate::flaws::{Flaws, Remark};
use crate::walk::{Block, Inside};

/// Source: <https://platform.claude.com/docs/en/api/migration-2026-10-21>, read 2026-11: a `text` block directly in a
/// message of the user, or in a `search_result`.
pub(crate) fn check(block: &Block<'_>, scene: &Scene<'_>, flaws: &mut Flaws) {
    let version = scene.circumstances.api_version;
    if block.role != "user" || version < ApiVersion::V2026_10_21 {
        return;
    }
    let cites = block.object.get("citations").and_then(Node::as_array).is_some_and(|list| !list.is_empty());
    if cites && matches!(block.inside, Inside::Message | Inside::SearchResult) {
        flaws.push(Rule::UserCitations, || Remark {
            at: Where::Value(Trail::Key(block.trail, "citations").path()),
            message: format!("API version {version} refuses `citations` in a text of the user"),
            help: format!(
                "remove `citations`, or create the batch with API version {}",
                ApiVersion::V2023_06_01
            ),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::case_with_blocks;

    #[test]
    fn the_user_does_not_cite() {
        let text = |citations: &str| format!(r#"{{"type":"text","text":"x","citations":{citations}}}"#);
        let check = |block: &str, expected| {
            assert_eq!(case_with_blocks(block).count(Rule::UserCitations), expected, "{block}");
            assert_eq!(case_with_blocks(block).old_version().count(Rule::UserCitations), 0, "{block}");
        };
        let cited = text("[{}]");
        check(&cited, 1);
        check(&text("[]"), 0);
        check(&text("null"), 0);
        check(&format!(r#"{{"type":"search_result","title":"t","source":"s","content":[{cited}]}}"#), 1);
        check(&format!(r#"{{"type":"tool_result","tool_use_id":"a","content":[{cited}]}}"#), 0);
    }
}
