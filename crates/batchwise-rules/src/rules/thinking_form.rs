use batchwise_findings::Rule;
use batchwise_pricing::{Model, Tokenizer};
use batchwise_records::Node;
use jiff::civil::{Date, date};

use crate::circumstances::{Scene, at};
use crate::flaws::{Flaws, Remark};
use crate::wording::shown;

/// The launch of Claude Opus 4.6, the first model that was recorded to accept adaptive thinking.
const FIRST_ADAPTIVE: Date = date(2026, 2, 5);

/// Source: the recorded answer `"thinking.type.enabled" is not supported for this model`, 2026-09-02, which does not say
/// of which model; and 771 recorded requests with `thinking` that were accepted, until 2026-11.
pub(crate) fn check(scene: &Scene<'_>, flaws: &mut Flaws) {
    let Some(kind) = scene.parameter("thinking").and_then(|thinking| thinking.get("type")) else { return };
    let Some(doubt) = doubt(kind, scene.subject.model) else { return };
    flaws.push(Rule::ThinkingForm, || Remark {
        at: at(&["thinking", "type"]),
        message: format!("`thinking.type` is {}: {}", shown(kind), doubt.why),
        help: doubt.way_out.to_owned(),
    });
}

struct Doubt {
    why: &'static str,
    way_out: &'static str,
}

fn doubt(kind: &Node<'_>, model: Option<&Model>) -> Option<Doubt> {
    match (kind.as_str(), model) {
        (Some("disabled" | "between_tools"), _) | (Some("enabled" | "adaptive"), None) => None,
        (Some("enabled"), Some(model)) => (model.tokenizer == Tokenizer::Claude47).then_some(Doubt {
            why: "some models refuse it, and none since Claude 4.7 was seen to accept it",
            way_out: "write {\"type\": \"adaptive\"}, or try one request first",
        }),
        (Some("adaptive"), Some(model)) => (model.released < FIRST_ADAPTIVE).then_some(Doubt {
            why: "no model before Claude Opus 4.6 was seen to accept it",
            way_out: "write {\"type\": \"enabled\", \"budget_tokens\": …}, or try one request first",
        }),
        _ => Some(Doubt {
            why: "no model is known to accept it",
            way_out: "write one of adaptive, enabled and disabled, as the model allows",
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::case_of;

    #[test]
    fn a_form_that_a_model_was_not_seen_to_accept_is_doubted() {
        let check = |model, thinking, expected| {
            let members = format!("\"thinking\":{{\"type\":{thinking}}}");
            assert_eq!(case_of(model, &members).count(Rule::ThinkingForm), expected, "{model} {thinking}");
        };
        check("claude-opus-4-6", "\"enabled\"", 0);
        check("claude-opus-4-7", "\"enabled\"", 1);
        check("claude-opus-4-6", "\"adaptive\"", 0);
        check("claude-haiku-4-5", "\"adaptive\"", 1);
        check("claude-haiku-4-5", "\"disabled\"", 0);
        check("claude-haiku-4-5", "\"auto\"", 1);
        check("claude-haiku-4-5", "5", 1);
        check("a-model-nobody-knows", "\"enabled\"", 0);
    }
}
