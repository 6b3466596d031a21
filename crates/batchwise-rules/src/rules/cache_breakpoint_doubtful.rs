use batchwise_findings::Rule;

use super::cache_breakpoint_inert::caveat;
use crate::circumstances::Scene;
use crate::flaws::{Flaws, Remark};
use crate::marks::place_of;

/// Whether the model's minimum lies within the estimate of the longest marked prefix.
///
/// Source: <https://platform.claude.com/docs/en/build-with-claude/prompt-caching>, read 2026-08-22 and 2026-10-08.
pub(crate) fn check(scene: &Scene<'_>, flaws: &mut Flaws) {
    let marks = &scene.subject.input.breakpoints;
    let Some((last, model)) = marks.last().zip(scene.subject.model) else { return };
    let within = |minimum: &_| (last.prefix.low() < *minimum) && (*minimum <= last.prefix.high());
    let Some(minimum) = model.min_cacheable.filter(within) else { return };
    flaws.push(Rule::CacheBreakpointDoubtful, || Remark {
        at: place_of(scene.params(), marks.len() - 1),
        message: format!(
            "perhaps nothing is cached: the prefix has {} to {} tokens, and `{}` caches from {minimum} on{}",
            last.prefix.low(),
            last.prefix.high(),
            model.id,
            caveat(model)
        ),
        help: "share a longer prefix to be sure".to_owned(),
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::case_of;
    use batchwise_tokens::CacheTtl::OneHour;

    #[test]
    fn a_minimum_within_the_range_is_doubtful() {
        let check = |ends, expected| {
            let case = case_of("claude-opus-5-5", "").breakpoint(OneHour, ends);
            assert_eq!(case.count(Rule::CacheBreakpointDoubtful), expected, "{ends:?}");
        };
        check([500, 511], 0);
        check([500, 512], 1);
        check([511, 600], 1);
        check([512, 600], 0);
    }
}
