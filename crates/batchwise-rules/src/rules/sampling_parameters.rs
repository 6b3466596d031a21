use batchwise_findings::Rule;
use batchwise_records::{FieldPath, Node, Where};

use crate::ApiVersion;
use crate::circumstances::{Scene, at};
use crate::flaws::{Flaws, Remark};
use crate::wording::shown;

const NAMES: [&str; 3] = ["temperature", "top_p", "top_k"];

/// Source: <https://platform.claude.com/docs/en/api/migration-2026-10-21>, read 2026-11; for version 2023-06-01 the list
/// of error codes in <https://github.com/anthropics/skills>, 2026-07.
pub(crate) fn check(scene: &Scene<'_>, flaws: &mut Flaws) {
    let version = scene.circumstances.api_version;
    let model = scene.subject.model;
    for name in NAMES {
        let Some(value) = scene.params().get(name) else { continue };
        if version >= ApiVersion::V2026_10_21 {
            flaws.push(Rule::SamplingParameters, || Remark {
                at: Where::Key(FieldPath::keys(&["params", name])),
                message: format!("API version {version} refuses `{name}`, whatever its value"),
                help: match model.is_some_and(|model| model.sampling_parameters) {
                    true => {
                        format!("remove it, or create the batch with API version {}", ApiVersion::V2023_06_01)
                    }
                    false => "remove it".to_owned(),
                },
            });
        } else if let Some(model) =
            model.filter(|model| !model.sampling_parameters && !is_default(name, value))
        {
            flaws.push(Rule::SamplingParameters, || Remark {
                at: at(&[name]),
                message: format!(
                    "`{}` refuses `{name}` other than its default, and it is {}",
                    model.id,
                    shown(value)
                ),
                help: "remove it".to_owned(),
            });
        }
    }
}

/// The default of `top_k` is none at all.
fn is_default(name: &str, value: &Node<'_>) -> bool {
    *value == Node::Null || name != "top_k" && value.as_u64() == Some(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::case_of;

    #[test]
    fn the_new_version_refuses_any_value() {
        for value in ["0.7", "1", "null"] {
            let members = format!("\"temperature\":{value}");
            assert_eq!(case_of("claude-haiku-4-5", &members).count(Rule::SamplingParameters), 1, "{value}");
        }
        let all = case_of("claude-opus-5-5", "\"temperature\":1,\"top_p\":1,\"top_k\":5");
        assert_eq!(all.count(Rule::SamplingParameters), 3);
    }

    #[test]
    fn the_old_version_refuses_what_the_model_does() {
        let check = |model, members, expected| {
            let case = case_of(model, members).old_version();
            assert_eq!(case.count(Rule::SamplingParameters), expected, "{model} {members}");
        };
        check("claude-haiku-4-5", "\"temperature\":0.7,\"top_p\":0.9,\"top_k\":5", 0);
        check("claude-opus-4-6", "\"temperature\":0", 0);
        check("claude-opus-4-7", "\"temperature\":0", 1);
        check("claude-opus-4-7", "\"temperature\":1.0,\"top_p\":1,\"top_k\":null", 0);
        check("claude-sonnet-5", "\"top_k\":1", 1);
        check("a-model-nobody-knows", "\"temperature\":0", 0);
    }
}
