use batchwise_findings::Rule;
use batchwise_units::Tokens;

use crate::circumstances::{Scene, at};
use crate::flaws::{Flaws, Remark};

/// Source: <https://platform.claude.com/docs/en/build-with-claude/vision>, read 2026-08-22: 100 images for models with a
/// context window of 200,000 tokens, 600 for others.
pub(crate) fn check(count: usize, scene: &Scene<'_>, flaws: &mut Flaws) {
    let Some(model) = scene.subject.model else { return };
    let max = if model.context_window <= Tokens(200_000) { 100 } else { 600 };
    if count > max {
        flaws.push(Rule::TooManyImages, || Remark {
            at: at(&["messages"]),
            message: format!("the request has {count} images, `{}` takes {max}", model.id),
            help: "spread them over several requests".to_owned(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::case_of;

    #[test]
    fn the_window_decides() {
        let check = |model, count, expected| {
            let image = r#"{"type":"image","source":{"type":"file","file_id":"f"}}"#;
            let blocks = vec![image; count].join(",");
            let case = case_of(model, &format!(r#""messages":[{{"role":"user","content":[{blocks}]}}]"#));
            assert_eq!(case.count(Rule::TooManyImages), expected, "{model} {count}");
        };
        check("claude-haiku-4-5", 100, 0);
        check("claude-haiku-4-5", 101, 1);
        check("claude-haiku-5-5", 600, 0);
        check("claude-haiku-5-5", 601, 1);
        check("a-model-nobody-knows", 601, 0);
    }
}
