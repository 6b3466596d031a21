use batchwise_findings::Rule;
use batchwise_tokens::CacheTtl;

use crate::circumstances::Scene;
use crate::flaws::{Flaws, Remark};
use crate::marks::place_of;

/// Whether a breakpoint lives five minutes, which is less than most batches take. It is no mistake: a miss costs 1.25
/// times plain input then, and not twice as much.
///
/// Source: <https://platform.claude.com/docs/en/build-with-claude/batch-processing>, read 2026-08-14: "batches can take
/// longer than 5 minutes".
pub(crate) fn check(scene: &Scene<'_>, flaws: &mut Flaws) {
    let marks = &scene.subject.input.breakpoints;
    let Some(short) = marks.iter().position(|mark| mark.ttl == CacheTtl::FiveMinutes) else { return };
    flaws.push(Rule::CacheTtlShort, || Remark {
        at: place_of(scene.params(), short),
        message: "the cache lives five minutes, and a batch often takes longer".to_owned(),
        help: "\"ttl\": \"1h\" raises the hit rate, but its writes cost 2 and not 1.25 times plain input"
            .to_owned(),
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::case;
    use batchwise_tokens::CacheTtl::{FiveMinutes, OneHour};

    #[test]
    fn five_minutes_are_noted_once() {
        let marked = |life| case("").breakpoint(life, [5_000, 5_000]).breakpoint(life, [6_000, 6_000]);
        assert_eq!(marked(FiveMinutes).count(Rule::CacheTtlShort), 1);
        assert_eq!(marked(OneHour).count(Rule::CacheTtlShort), 0);
    }
}
