use batchwise_findings::Rule;
use batchwise_pricing::Model;

use crate::circumstances::Scene;
use crate::flaws::{Flaws, Remark};
use crate::marks::place_of;

/// Whether no breakpoint of the request reaches the model's minimum, not even at the high end of the estimate: nothing is
/// cached then, without a word. One that is too short beside another that is long enough does no harm. Results of tools
/// that run on the server are cached by themselves, so nothing is said where the input has no bound.
///
/// Source: <https://platform.claude.com/docs/en/build-with-claude/prompt-caching>, read 2026-08-22 and 2026-10-08.
pub(crate) fn check(scene: &Scene<'_>, flaws: &mut Flaws) {
    let input = scene.subject.input;
    let marks = &input.breakpoints;
    let Some((last, model)) = marks.last().zip(scene.subject.model) else { return };
    let Some(minimum) = model.min_cacheable.filter(|minimum| input.bounded && last.prefix.high() < *minimum)
    else {
        return;
    };
    flaws.push(Rule::CacheBreakpointInert, || Remark {
        at: place_of(scene.params(), marks.len() - 1),
        message: format!(
            "nothing is cached: the prefix has at most {} tokens, and `{}` caches from {minimum} on{}",
            last.prefix.high(),
            model.id,
            caveat(model)
        ),
        help: "remove `cache_control`, or share a longer prefix".to_owned(),
    });
}

/// Of some models the minimum is taken from their predecessors.
pub(crate) fn caveat(model: &Model) -> &'static str {
    if model.is_unconfirmed("min_cacheable_tokens") { ", like its predecessors" } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{case, case_of};
    use batchwise_tokens::CacheTtl::OneHour;

    #[test]
    fn the_longest_prefix_must_reach_the_minimum() {
        let check = |model, prefixes: &[[u64; 2]], expected| {
            let case = prefixes.iter().fold(case_of(model, ""), |case, &ends| case.breakpoint(OneHour, ends));
            assert_eq!(case.count(Rule::CacheBreakpointInert), expected, "{model} {prefixes:?}");
        };
        check("claude-opus-5-5", &[[500, 511]], 1);
        check("claude-opus-5-5", &[[500, 512]], 0);
        check("claude-haiku-4-5", &[[4_000, 4_095]], 1);
        check("claude-haiku-4-5", &[[100, 120], [4_096, 4_200]], 0);
        check("claude-haiku-4-5", &[[100, 120], [4_000, 4_090]], 1);
        check("claude-3-sonnet-20240229", &[[1, 1]], 0); // no minimum is known
        check("claude-opus-5-5", &[], 0);
        assert_eq!(case("").breakpoint(OneHour, [1, 1]).unbounded().count(Rule::CacheBreakpointInert), 0);
    }
}
