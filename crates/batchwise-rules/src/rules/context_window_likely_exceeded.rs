use batchwise_findings::Rule;

use crate::circumstances::{Scene, at};
use crate::flaws::{Flaws, Remark};

/// A prompt that is certainly too long is `context-window-exceeded`, which every plan tells.
pub(crate) fn check(scene: &Scene<'_>, flaws: &mut Flaws) {
    let (total, Some(model)) = (scene.subject.input.total, scene.subject.model) else { return };
    let window = model.context_window;
    let Some(likely) = total.likely().filter(|likely| total.low() <= window && *likely > window) else {
        return;
    };
    flaws.push(Rule::ContextWindowLikelyExceeded, || Remark {
        at: at(&["messages"]),
        message: format!(
            "the prompt has about {likely} tokens, more than the {window} that `{}` can read",
            model.id
        ),
        help: "shorten the prompt, or use a model with a larger context window".to_owned(),
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::case_of;

    #[test]
    fn the_likely_length_decides() {
        let check = |tokens, expected| {
            let case = case_of("claude-haiku-4-5", "").tokens(tokens);
            assert_eq!(case.count(Rule::ContextWindowLikelyExceeded), expected, "{tokens:?}");
        };
        check([190_000, 200_000, 210_000], 0);
        check([190_000, 200_001, 210_000], 1);
        check([200_000, 200_001, 210_000], 1);
        check([200_001, 200_001, 210_000], 0); // certain
    }
}
