use batchwise_findings::Rule;

use crate::circumstances::{Scene, at};
use crate::flaws::{Flaws, Remark};

/// Only the high end of the range is too long.
pub(crate) fn check(scene: &Scene<'_>, flaws: &mut Flaws) {
    let (total, Some(model)) = (scene.subject.input.total, scene.subject.model) else { return };
    let window = model.context_window;
    if total.high() <= window || total.likely().unwrap_or(total.low()) > window {
        return;
    }
    flaws.push(Rule::ContextWindowPossible, || Remark {
        at: at(&["messages"]),
        message: format!(
            "the prompt may have up to {} tokens, more than the {window} that `{}` can read",
            total.high(),
            model.id
        ),
        help: "count it exactly, shorten it, or use a model with a larger context window".to_owned(),
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::case_of;

    #[test]
    fn the_high_end_decides() {
        let check = |tokens, expected| {
            let case = case_of("claude-haiku-4-5", "").tokens(tokens);
            assert_eq!(case.count(Rule::ContextWindowPossible), expected, "{tokens:?}");
        };
        check([190_000, 195_000, 200_000], 0);
        check([190_000, 195_000, 200_001], 1);
        check([190_000, 200_000, 200_001], 1);
        check([190_000, 200_001, 200_001], 0); // likely
    }
}
