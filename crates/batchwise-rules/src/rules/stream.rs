use batchwise_findings::Rule;
use batchwise_records::Node;

use crate::circumstances::{Scene, at};
use crate::flaws::{Flaws, Remark};

/// Source: the recorded answer `"stream=True" is not supported in the Message Batches API`, 2026-09-02; and
/// <https://platform.claude.com/docs/en/build-with-claude/batch-processing>, read 2026-09-26.
pub(crate) fn check(scene: &Scene<'_>, flaws: &mut Flaws) {
    if scene.parameter("stream").and_then(Node::as_bool) == Some(true) {
        flaws.push(Rule::Stream, || Remark {
            at: at(&["stream"]),
            message: "`stream` is true: the API answers the request with an error".to_owned(),
            help: "remove `stream`: a batch returns whole replies".to_owned(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::case;

    #[test]
    fn only_a_true_stream_is_refused() {
        let check = |members, expected| assert_eq!(case(members).count(Rule::Stream), expected, "{members}");
        check("\"stream\":true", 1);
        check("\"stream\":false", 0);
        check("\"stream\":null", 0);
        check("", 0);
    }
}
