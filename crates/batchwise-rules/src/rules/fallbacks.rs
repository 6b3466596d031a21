use batchwise_findings::Rule;

use crate::circumstances::{Scene, at};
use crate::flaws::{Flaws, Remark};

/// Source: <https://platform.claude.com/docs/en/build-with-claude/refusals-and-fallback>, read 2026-08-22.
pub(crate) fn check(scene: &Scene<'_>, flaws: &mut Flaws) {
    if scene.parameter("fallbacks").is_some() {
        flaws.push(Rule::Fallbacks, || Remark {
            at: at(&["fallbacks"]),
            message: "`fallbacks` makes the request an errored row in a batch".to_owned(),
            help: "remove it, and send what was refused to another model in a batch of its own".to_owned(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::case_of;

    #[test]
    fn fallbacks_are_refused() {
        let check = |value, expected| {
            let members = format!("\"fallbacks\":{value}");
            assert_eq!(case_of("claude-opus-5-5", &members).count(Rule::Fallbacks), expected, "{value}");
        };
        check(r#"[{"model":"claude-haiku-5-5"}]"#, 1);
        check("null", 0);
    }
}
