use batchwise_findings::Rule;
use batchwise_records::Node;

use crate::circumstances::{Scene, at};
use crate::flaws::{Flaws, Remark};
use crate::marks::place_of;

/// Source: <https://platform.claude.com/docs/en/build-with-claude/prompt-caching>, read 2026-08-22. An automatic
/// breakpoint counts, unless the last block has one with the same lifetime; with another lifetime it is refused.
const BREAKPOINTS_MAX: usize = 4;

/// Whether there are more breakpoints than a request may have, or an automatic one contradicts the last.
pub(crate) fn check(scene: &Scene<'_>, flaws: &mut Flaws) {
    let count = scene.subject.input.breakpoints.len();
    if count > BREAKPOINTS_MAX {
        flaws.push(Rule::CacheBreakpoints, || Remark {
            at: place_of(scene.params(), BREAKPOINTS_MAX),
            message: format!("the request has {count} cache breakpoints, {BREAKPOINTS_MAX} are allowed"),
            help: "keep those at the ends of the longest shared prefixes".to_owned(),
        });
    }
    let automatic = scene.parameter("cache_control").filter(|control| control.as_object().is_some());
    let Some((automatic, last)) = automatic.zip(last_control(scene)) else { return };
    if lifetime(automatic) != lifetime(last) {
        flaws.push(Rule::CacheBreakpoints, || Remark {
            at: at(&["cache_control"]),
            message: "the automatic `cache_control` has another lifetime than that of the last block"
                .to_owned(),
            help: "remove one of them, or give both the same `ttl`".to_owned(),
        });
    }
}

/// The `cache_control` of the last block of the last message.
fn last_control<'s>(scene: &Scene<'s>) -> Option<&'s Node<'s>> {
    let block = scene.list("messages").last()?.get("content")?.as_array()?.last()?;
    block.get("cache_control").filter(|control| control.as_object().is_some())
}

fn lifetime<'n>(control: &'n Node<'_>) -> &'n str {
    control.get("ttl").and_then(Node::as_str).unwrap_or("5m")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{Case, case, case_with_blocks};
    use batchwise_tokens::CacheTtl::OneHour;

    #[test]
    fn four_breakpoints_are_allowed() {
        let marked =
            |count| (0..count).fold(case(""), |case: Case, _| case.breakpoint(OneHour, [5_000, 5_000]));
        assert_eq!(marked(4).count(Rule::CacheBreakpoints), 0);
        assert_eq!(
            marked(5).said(Rule::CacheBreakpoints),
            ["the request has 5 cache breakpoints, 4 are allowed"]
        );
    }

    #[test]
    fn an_automatic_breakpoint_agrees_with_the_last() {
        let check = |automatic: &str, last: &str, expected| {
            let members = format!(
                r#""cache_control":{automatic},"messages":[{{"role":"user","content":[{{"type":"text","text":"x","cache_control":{last}}}]}}]"#
            );
            assert_eq!(case(&members).count(Rule::CacheBreakpoints), expected, "{members}");
        };
        let (short, hour) = (r#"{"type":"ephemeral"}"#, r#"{"type":"ephemeral","ttl":"1h"}"#);
        check(short, short, 0);
        check(short, r#"{"type":"ephemeral","ttl":"5m"}"#, 0);
        check(hour, short, 1);
        check(short, hour, 1);
        check(short, "null", 0);
        assert_eq!(case_with_blocks(r#"{"type":"text","text":"x"}"#).count(Rule::CacheBreakpoints), 0);
    }
}
