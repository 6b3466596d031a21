//! Calls of the history and what came back.

use super::*;

impl Walk<'_> {
    pub(super) fn call(&mut self, call: &Object<'_>) {
        self.has(RequestKind::Tools);
        self.add_cost(self.structure.call);
        match self.structure.rendering {
            Rendering::Compact => {
                self.add(self.structure.call_argument.times(tool::arguments(call)));
                self.text(&tool::call_text(call), TextRole::ToolCall);
            }
            Rendering::Prompt(letters) => {
                if let Some(id) = call.get("id").and_then(Node::as_str) {
                    self.call_names.insert(id.to_owned(), prompt_text::short_name(call).to_owned());
                }
                self.text(&prompt_text::call(call, letters), TextRole::ToolCall);
                match call.get("input") {
                    None | Some(Node::Null | Node::Object(_)) => (),
                    Some(other) => self.opaque(other, Assumption::WrongType),
                }
            }
        }
    }

    pub(super) fn result(&mut self, result: &Object<'_>) {
        self.has(RequestKind::Tools);
        self.add_cost(self.structure.result);
        if result.get("is_error").and_then(Node::as_bool) == Some(true) {
            self.add_cost(self.structure.result_error);
        }
        match self.structure.rendering {
            Rendering::Compact => {
                if let Some(content) = result.get("content") {
                    self.content(content, TextRole::ToolResult);
                }
            }
            Rendering::Prompt(_) => self.rendered_result(result),
        }
    }

    fn rendered_result(&mut self, result: &Object<'_>) {
        let content = result.get("content");
        let text = prompt_text::result_content(content);
        let tokens = if self.several_results {
            let id = result.get("tool_use_id").and_then(Node::as_str).unwrap_or_default();
            let name = self.call_names.get(id).cloned().unwrap_or_default();
            self.count(&prompt_text::one_of_several_results(&name, &text), TextRole::ToolResult)
        } else {
            let tokens = self.count(&prompt_text::only_result(&text), TextRole::ToolResult);
            less(tokens, Cost::exactly(self.structure.only_result_saves).estimate())
        };
        self.add_text(tokens);
        match content {
            None | Some(Node::Null | Node::String(_)) => (),
            Some(Node::Array(blocks)) => self.result_blocks(blocks),
            Some(other) => self.opaque(other, Assumption::WrongType),
        }
    }

    /// What is no text, and the breakpoints.
    fn result_blocks(&mut self, blocks: &[Node<'_>]) {
        for block in blocks {
            let kind = block.get("type").and_then(Node::as_str);
            if kind == Some("image") {
                self.add_cost(self.structure.result_image);
            }
            match block.get("text") {
                Some(Node::String(_)) if kind == Some("text") => (),
                _ => self.block(block, TextRole::ToolResult),
            }
            self.block_end(block.get("cache_control"));
        }
    }
}
