use batchwise_findings::Rule;
use batchwise_records::{Node, Trail, Where};

use crate::flaws::{Flaws, Remark};
use crate::walk::{Block, Message};

/// Whether a message says nothing. A last one of the assistant is where the reply goes on, and is left alone.
///
/// What the API answers is in no source of this project; no recorded request that was accepted has one, until 2026-11.
pub(crate) fn check(message: &Message<'_>, flaws: &mut Flaws) {
    let empty = match message.content {
        Node::String(text) => text.is_empty(),
        Node::Array(blocks) => blocks.is_empty(),
        _ => false,
    };
    if empty && !(message.is_last && message.role == "assistant") {
        flaws.push(Rule::EmptyMessage, || Remark {
            at: Where::Value(Trail::Key(message.trail, "content").path()),
            message: format!("message {} is empty, and the API may refuse it", message.index + 1),
            help: "remove the message, or give it a text".to_owned(),
        });
    }
}

/// Whether a text block says nothing.
pub(crate) fn check_block(block: &Block<'_>, flaws: &mut Flaws) {
    if block.object.get("text").and_then(Node::as_str).is_some_and(str::is_empty) {
        flaws.push(Rule::EmptyMessage, || Remark {
            at: Where::Value(Trail::Key(block.trail, "text").path()),
            message: "the text block is empty, and the API may refuse it".to_owned(),
            help: "remove the block, or give it a text".to_owned(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::case;

    #[test]
    fn messages_say_something() {
        let check = |messages: &str, expected| {
            let case = case(&format!("\"messages\":[{messages}]"));
            assert_eq!(case.count(Rule::EmptyMessage), expected, "{messages}");
        };
        check(r#"{"role":"user","content":""}"#, 1);
        check(r#"{"role":"user","content":[]}"#, 1);
        check(r#"{"role":"user","content":" "}"#, 0);
        check(r#"{"role":"user","content":[{"type":"text","text":""},{"type":"text","text":"x"}]}"#, 1);
        check(r#"{"role":"user","content":"x"},{"role":"assistant","content":""}"#, 0);
        check(r#"{"role":"assistant","content":""},{"role":"user","content":"x"}"#, 1);
    }
}
