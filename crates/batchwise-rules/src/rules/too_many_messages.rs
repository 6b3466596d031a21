use batchwise_findings::Rule;

use crate::circumstances::{Scene, at};
use crate::flaws::{Flaws, Remark};

/// Source: the official Python client 2.11.0, read 2026-11.
const MESSAGES_MAX: usize = 100_000;

/// Whether there are more messages than a request may have.
pub(crate) fn check(scene: &Scene<'_>, flaws: &mut Flaws) {
    let count = scene.list("messages").len();
    if count > MESSAGES_MAX {
        flaws.push(Rule::TooManyMessages, || Remark {
            at: at(&["messages"]),
            message: format!("the request has {count} messages, {MESSAGES_MAX} are allowed"),
            help: "put several into one message, or leave old ones out".to_owned(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::case;

    #[test]
    fn a_hundred_thousand_messages_are_allowed() {
        let check = |count: usize, expected| {
            let list = vec![r#"{"role":"user","content":"a"}"#; count].join(",");
            let case = case(&format!("\"messages\":[{list}]"));
            assert_eq!(case.count(Rule::TooManyMessages), expected, "{count}");
        };
        check(100_000, 0);
        check(100_001, 1);
    }
}
