use batchwise_findings::Rule;

use crate::circumstances::{Scene, at};
use crate::flaws::{Flaws, Remark};

/// Source: <https://platform.claude.com/docs/en/about-claude/pricing>, read 2026-10-08: Opus 5.5, Sonnet 5.5 and
/// Fable and Mythos 5.1 answer with 400.
pub(crate) fn check(scene: &Scene<'_>, flaws: &mut Flaws) {
    let Some(model) = scene.subject.model.filter(|model| !model.forced_tool_choice) else { return };
    let Some(kind @ ("any" | "tool")) = scene.kind_of("tool_choice") else { return };
    flaws.push(Rule::ForcedToolChoice, || Remark {
        at: at(&["tool_choice", "type"]),
        message: format!("`{}` refuses a forced tool: `tool_choice` is `{kind}`", model.id),
        help: "write {\"type\": \"auto\"} and ask for the tool in the prompt, or use `output_config` with a `format`"
            .to_owned(),
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::case_of;

    #[test]
    fn some_models_refuse_a_forced_tool() {
        let check = |model, kind, expected| {
            let members = format!(
                "\"tools\":[{{\"name\":\"f\"}}],\"tool_choice\":{{\"type\":\"{kind}\",\"name\":\"f\"}}"
            );
            assert_eq!(case_of(model, &members).count(Rule::ForcedToolChoice), expected, "{model} {kind}");
        };
        for model in ["claude-opus-5-5", "claude-sonnet-5-5", "claude-fable-5-1", "claude-mythos-5-1"] {
            check(model, "any", 1);
            check(model, "tool", 1);
            check(model, "auto", 0);
            check(model, "none", 0);
        }
        check("claude-haiku-5-5", "any", 0);
        check("claude-fable-5-2", "any", 0); // not known
    }
}
