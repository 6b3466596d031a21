use batchwise_findings::Rule;

use super::cache_breakpoint_inert::caveat;
use crate::circumstances::Scene;
use crate::flaws::{Flaws, Remark};
use crate::marks::place_of;

/// Whether the model's minimum lies within the estimate of the longest marked prefix. Where the input has no bound, the
/// estimate has no high end.
///
/// Source: <https://platform.claude.com/docs/en/build-with-claude/prompt-caching>, read 2026-08-22 and 2026-10-08.
pub(crate) fn check(scene: &Scene<'_>, flaws: &mut Flaws) {
    let input = scene.subject.input;
    let marks = &input.breakpoints;
    let Some((last, model)) = marks.last().zip(scene.subject.model) else { return };
    let within =
        |minimum: &_| last.prefix.low() < *minimum && (*minimum <= last.prefix.high() || !input.bounded);
    let Some(minimum) = model.min_cacheable.filter(within) else { return };
    flaws.push(Rule::CacheBreakpointDoubtful, || Remark {
        at: place_of(scene.params(), marks.len() - 1),
        message: format!(
            "perhaps nothing is cached: the prefix has {}{} tokens, and `{}` caches from {minimum} on{}",
            last.prefix.low(),
            match input.bounded {
                true => format!(" to {}", last.prefix.high()),
                false => " or more".to_owned(),
            },
            model.id,
            caveat(model)
        ),
        help: "share a longer prefix to be sure".to_owned(),
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{case, case_of};
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
        assert_eq!(case("").breakpoint(OneHour, [1, 1]).unbounded().count(Rule::CacheBreakpointDoubtful), 1);
    }
}
