use batchwise_findings::Rule;
use batchwise_records::Node;

use super::beta_needed;
use crate::circumstances::{Scene, at};
use crate::flaws::{Flaws, Remark};

/// Refused by the documentation of 2026-08-14 and no longer mentioned by that of 2026-09-26; `thread` is in neither.
///
/// Source: <https://platform.claude.com/docs/en/build-with-claude/batch-processing>, both copies.
pub(crate) fn check(scene: &Scene<'_>, flaws: &mut Flaws) {
    for name in
        ["store", "previous_thread_event_id", "cache_hint", "context_hint", "research_preview_2026_02"]
    {
        let Some(value) = scene.parameter(name) else { continue };
        let off = match name {
            "research_preview_2026_02" => value.as_str() != Some("active"),
            _ => value.as_bool() == Some(false),
        };
        if !off {
            doubt(
                name,
                "documentation of August 2026 says that batches refuse it; newer text is silent",
                flaws,
            );
        }
    }
    let thread = scene.parameter("thread").filter(|thread| **thread != Node::Bool(false));
    if thread.is_some() && scene.has_beta(beta_needed::THREADS) {
        doubt("thread", "a thread lives some minutes, a batch takes hours; no page says what happens", flaws);
    }
}

fn doubt(name: &str, why: &str, flaws: &mut Flaws) {
    flaws.push(Rule::DoubtfulParameter, || Remark {
        at: at(&[name]),
        message: format!("`{name}` may be refused: {why}"),
        help: "remove it, or try a batch of one request first".to_owned(),
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::case;

    #[test]
    fn what_was_refused_once_is_doubted() {
        let check = |members, expected| {
            let case = case(members).beta(beta_needed::THREADS);
            assert_eq!(case.count(Rule::DoubtfulParameter), expected, "{members}");
        };
        check("\"store\":true", 1);
        check("\"store\":false", 0);
        check("\"cache_hint\":{},\"context_hint\":{}", 2);
        check("\"research_preview_2026_02\":\"active\"", 1);
        check("\"research_preview_2026_02\":\"off\"", 0);
        check("\"thread\":{}", 1);
        check("\"previous_thread_event_id\":null", 0);
    }
}
