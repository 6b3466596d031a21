use batchwise_findings::Rule;
use batchwise_tokens::CacheTtl;

use crate::circumstances::Scene;
use crate::flaws::{Flaws, Remark};
use crate::marks::place_of;

/// Source: "longer TTL must precede shorter",
/// <https://platform.claude.com/docs/en/build-with-claude/prompt-caching>, read 2026-08-22.
pub(crate) fn check(scene: &Scene<'_>, flaws: &mut Flaws) {
    let marks = &scene.subject.input.breakpoints;
    let Some(short) = marks.iter().position(|mark| mark.ttl == CacheTtl::FiveMinutes) else { return };
    let Some(late) =
        marks.iter().rposition(|mark| mark.ttl == CacheTtl::OneHour).filter(|hour| *hour > short)
    else {
        return;
    };
    flaws.push(Rule::CacheTtlOrder, || Remark {
        at: place_of(scene.params(), late),
        message: "a cache breakpoint of an hour stands behind one of five minutes".to_owned(),
        help: "let those with \"ttl\": \"1h\" come first, in the order tools, system, messages".to_owned(),
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::case;
    use batchwise_tokens::CacheTtl::{FiveMinutes, OneHour};

    #[test]
    fn longer_lives_come_first() {
        let check = |lives: &[CacheTtl], expected| {
            let case = lives.iter().fold(case(""), |case, &life| case.breakpoint(life, [5_000, 5_000]));
            assert_eq!(case.count(Rule::CacheTtlOrder), expected, "{lives:?}");
        };
        check(&[OneHour, OneHour, FiveMinutes], 0);
        check(&[FiveMinutes, FiveMinutes], 0);
        check(&[FiveMinutes, OneHour], 1);
        check(&[OneHour, FiveMinutes, OneHour, FiveMinutes], 1);
        check(&[], 0);
    }
}
