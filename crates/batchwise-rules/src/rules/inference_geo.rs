use batchwise_findings::Rule;

use crate::circumstances::{Scene, at};
use crate::flaws::{Flaws, Remark};

/// Source: <https://platform.claude.com/docs/en/about-claude/pricing>, read 2026-08-21: older models answer any request
/// that carries the parameter with 400.
pub(crate) fn check(scene: &Scene<'_>, flaws: &mut Flaws) {
    let Some(model) = scene.subject.model.filter(|model| !model.inference_geo) else { return };
    if scene.parameter("inference_geo").is_some() {
        flaws.push(Rule::InferenceGeo, || Remark {
            at: at(&["inference_geo"]),
            message: format!("`{}` refuses `inference_geo`, whatever its value", model.id),
            help: "remove it, or use Claude 4.6 or later".to_owned(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::case_of;

    #[test]
    fn older_models_refuse_a_region() {
        let check = |model, value, expected| {
            let members = format!("\"inference_geo\":{value}");
            assert_eq!(case_of(model, &members).count(Rule::InferenceGeo), expected, "{model} {value}");
        };
        check("claude-haiku-4-5", "\"global\"", 1);
        check("claude-haiku-4-5", "null", 0);
        check("claude-opus-4-6", "\"us\"", 0);
        check("a-model-nobody-knows", "\"us\"", 0);
    }
}
