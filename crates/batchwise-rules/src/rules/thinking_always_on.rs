use batchwise_findings::Rule;

use crate::circumstances::{Scene, at};
use crate::flaws::{Flaws, Remark};

/// Source: the model pages, read 2026-10-08, and
/// <https://platform.claude.com/docs/en/build-with-claude/thinking>, read 2026-09. Sonnet 5.5 is documented to answer
/// with 400; of the others it is said that thinking cannot be turned off.
pub(crate) fn check(scene: &Scene<'_>, flaws: &mut Flaws) {
    let Some(model) = scene.subject.model.filter(|model| !model.thinking_optional) else { return };
    if scene.kind_of("thinking") == Some("disabled") {
        flaws.push(Rule::ThinkingAlwaysOn, || Remark {
            at: at(&["thinking", "type"]),
            message: format!(
                "`thinking` is disabled, but `{}` always thinks, and bills it as output",
                model.id
            ),
            help: "remove `thinking`, or use a model that can do without".to_owned(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::case_of;

    #[test]
    fn some_models_always_think() {
        let check = |model, kind, expected| {
            let members = format!("\"thinking\":{{\"type\":\"{kind}\"}}");
            assert_eq!(case_of(model, &members).count(Rule::ThinkingAlwaysOn), expected, "{model} {kind}");
        };
        for model in ["claude-opus-5-5", "claude-sonnet-5-5", "claude-fable-5", "claude-mythos-5-2"] {
            check(model, "disabled", 1);
            check(model, "adaptive", 0);
        }
        check("claude-opus-5", "disabled", 0);
        check("claude-haiku-5-5", "disabled", 0);
        check("a-model-nobody-knows", "disabled", 0);
    }
}
