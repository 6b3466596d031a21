use batchwise_findings::Rule;
use batchwise_records::{FieldPath, Node, Object, Where};

use crate::flaws::{Flaws, Remark};
use crate::walk::{Block, Inside};
use crate::wording::quoted;

/// The calls of the assistant's turn and the results in the user's turn after it. Messages in a row with one role are
/// one turn, and those of the system are in none.
///
/// What the API answers when they do not fit is in no source of this project, so this is a warning; that they do fit in
/// all 1,354 calls of recorded requests that were accepted, until 2026-11, is. Tools that run on the server, or over MCP,
/// have blocks of other types.
#[derive(Default)]
pub(crate) struct Turns<'n> {
    role: &'n str,
    calls: Vec<Part<'n>>,
    results: Vec<Part<'n>>,
}

/// A call or a result.
struct Part<'n> {
    id: &'n str,
    /// The message and the block in it, each counted from 0.
    message: usize,
    block: usize,
}

impl<'n> Turns<'n> {
    /// A new message begins.
    pub(crate) fn message(&mut self, role: &'n str, flaws: &mut Flaws) {
        if role == self.role || role == "system" {
            return;
        }
        if role == "assistant" {
            self.settle(flaws);
        }
        self.role = role;
    }

    /// A `tool_use` or `tool_result` block.
    pub(crate) fn block(&mut self, object: &'n Object<'n>, block: &Block<'_>) {
        let (key, parts) = match (block.kind, block.role) {
            ("tool_use", "assistant") => ("id", &mut self.calls),
            ("tool_result", "user") => ("tool_use_id", &mut self.results),
            _ => return,
        };
        let Some(id) = object.get(key).and_then(Node::as_str).filter(|_| block.inside == Inside::Message)
        else {
            return;
        };
        let [message, block] = block.position();
        parts.push(Part { id, message, block });
    }

    /// The request has ended.
    pub(crate) fn finish(mut self, flaws: &mut Flaws) {
        self.settle(flaws);
    }

    fn settle(&mut self, flaws: &mut Flaws) {
        if self.calls.is_empty() && self.results.is_empty() {
            return;
        }
        let sorted = |parts: &[Part<'n>]| {
            let mut ids: Vec<&str> = parts.iter().map(|part| part.id).collect();
            ids.sort_unstable();
            ids
        };
        let (called, answered) = (sorted(&self.calls), sorted(&self.results));
        for call in self.calls.iter().filter(|call| answered.binary_search(&call.id).is_err()) {
            flaws.push(Rule::ToolPairing, || Remark {
                at: call.at("id"),
                message: format!(
                    "the call {} has no `tool_result` in the next turn of the user",
                    quoted(call.id)
                ),
                help: "add a `tool_result` block with its id, or remove the call".to_owned(),
            });
        }
        for result in self.results.iter().filter(|result| called.binary_search(&result.id).is_err()) {
            flaws.push(Rule::ToolPairing, || Remark {
                at: result.at("tool_use_id"),
                message: format!(
                    "the result {} answers no `tool_use` of the turn before it",
                    quoted(result.id)
                ),
                help: "add the call to the assistant's turn before it, or remove the result".to_owned(),
            });
        }
        self.calls.clear();
        self.results.clear();
    }
}

impl Part<'_> {
    fn at(&self, key: &str) -> Where {
        let messages = FieldPath::keys(&["params", "messages"]);
        Where::Value(messages.index(self.message).key("content").index(self.block).key(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::case;

    #[track_caller]
    fn check(messages: &[(&str, &str)], expected: &[&str]) {
        let block = |word: &str| match word.split_once('=') {
            Some(("call", id)) => format!(r#"{{"type":"tool_use","id":"{id}","name":"f","input":{{}}}}"#),
            Some(("result", id)) => format!(r#"{{"type":"tool_result","tool_use_id":"{id}","content":"x"}}"#),
            Some(("mcp", id)) => format!(r#"{{"type":"mcp_tool_use","id":"{id}","name":"f","input":{{}}}}"#),
            _ => format!(r#"{{"type":"text","text":"{word}"}}"#),
        };
        let message = |(role, words): &(&str, &str)| {
            let blocks: Vec<String> = words.split(' ').map(block).collect();
            format!(r#"{{"role":"{role}","content":[{}]}}"#, blocks.join(","))
        };
        let messages: Vec<String> = messages.iter().map(message).collect();
        let case = case(&format!("\"messages\":[{}]", messages.join(",")));
        assert_eq!(case.said(Rule::ToolPairing), expected, "{messages:?}");
    }

    #[test]
    fn calls_and_results_belong_together() {
        check(&[("user", "hi"), ("assistant", "call=a call=b"), ("user", "result=b result=a and")], &[]);
        check(
            &[
                ("user", "hi"),
                ("assistant", "call=a"),
                ("assistant", "call=b"),
                ("user", "result=a"),
                ("user", "result=b"),
            ],
            &[],
        );
        check(&[("user", "hi"), ("assistant", "call=a"), ("system", "s"), ("user", "result=a")], &[]);
        check(&[("user", "hi"), ("assistant", "mcp=a"), ("user", "go")], &[]);
        check(
            &[("user", "hi"), ("assistant", "call=a call=b"), ("user", "result=a")],
            &["the call `b` has no `tool_result` in the next turn of the user"],
        );
        check(
            &[("user", "hi"), ("assistant", "call=a")],
            &["the call `a` has no `tool_result` in the next turn of the user"],
        );
        check(&[("user", "result=a")], &["the result `a` answers no `tool_use` of the turn before it"]);
        check(
            &[
                ("user", "hi"),
                ("assistant", "call=a"),
                ("user", "no"),
                ("assistant", "x"),
                ("user", "result=a"),
            ],
            &[
                "the call `a` has no `tool_result` in the next turn of the user",
                "the result `a` answers no `tool_use` of the turn before it",
            ],
        );
    }
}
