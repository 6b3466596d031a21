use batchwise_findings::Rule;
use batchwise_records::{Node, Trail, Where};

use crate::flaws::{Flaws, Remark};
use crate::walk::Block;

/// Source: the recorded answer `Unable to download the file. Please verify the URL and try again.` of a single row,
/// 2026-09-02.
pub(crate) fn check(block: &Block<'_>, flaws: &mut Flaws) {
    let Some(source) = block.object.get("source") else { return };
    if source.get("type").and_then(Node::as_str) == Some("url") {
        flaws.push(Rule::UrlMedia, || Remark {
            at: Where::Value(Trail::Key(block.trail, "source").path()),
            message: format!("the {} is fetched when the request runs, up to 24 hours from now", block.kind),
            help: "keep the address valid for 24 hours, or upload the file and name its id".to_owned(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::case_with_blocks;

    #[test]
    fn addresses_are_fetched_late() {
        let check = |block: &str, expected| {
            assert_eq!(case_with_blocks(block).count(Rule::UrlMedia), expected, "{block}");
        };
        check(r#"{"type":"image","source":{"type":"url","url":"https://example.com/a.png"}}"#, 1);
        check(r#"{"type":"document","source":{"type":"url","url":"https://example.com/a.pdf"}}"#, 1);
        check(r#"{"type":"image","source":{"type":"file","file_id":"f"}}"#, 0);
        check(
            r#"{"type":"tool_result","tool_use_id":"a","content":[{"type":"image","source":{"type":"url","url":"u"}}]}"#,
            1,
        );
    }
}
