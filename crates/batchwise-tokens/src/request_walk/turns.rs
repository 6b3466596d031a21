//! The system prompt and the messages, and how they become turns.

use super::*;

/// A system prompt that starts like this tells the API who pays, and is not shown to the model.
/// Source: 32 recorded observations of Claude Code, 2026-11.
const BILLING_HEADER: &str = "x-anthropic-billing-header:";

impl Walk<'_> {
    pub(super) fn system(&mut self, params: &Object<'_>) {
        let Some(system) = params.get("system").filter(|system| **system != Node::Null) else { return };
        if self.structure.rendering == Rendering::Compact {
            return self.content(system, TextRole::Prose);
        }
        if has_text(system) {
            let tools = params.get("tools").and_then(Node::as_array).is_some_and(|tools| !tools.is_empty());
            let cost = if tools { self.structure.system_with_tools } else { self.structure.system };
            self.add_cost(cost);
        }
        match system {
            Node::String(text) => {
                self.text(text.trim_start(), TextRole::Prose);
                self.block_end(None);
            }
            Node::Array(blocks) => self.system_blocks(blocks),
            other => self.content(other, TextRole::Prose),
        }
    }

    /// White space before the first text counts nothing.
    fn system_blocks(&mut self, blocks: &[Node<'_>]) {
        let headers = blocks.iter().take_while(|block| is_billing_header(block)).count();
        for (index, block) in blocks.iter().enumerate() {
            match block.get("text").and_then(Node::as_str) {
                _ if index < headers => (),
                Some(text) if index == headers && is_text(block) => {
                    self.text(text.trim_start(), TextRole::Prose);
                }
                _ => self.block(block, TextRole::Prose),
            }
            self.block_end(block.get("cache_control"));
        }
    }

    pub(super) fn messages(&mut self, messages: Option<&Node<'_>>) {
        let frame = match self.model.frame {
            Some(tokens) if self.structure.frame_of_model => Cost::exactly(tokens.0),
            _ => self.structure.frame,
        };
        self.add_cost(frame);
        let messages = messages.and_then(Node::as_array).unwrap_or_default();
        let last_question = messages.iter().rposition(is_question);
        let mut before = None;
        for (index, message) in messages.iter().enumerate() {
            self.in_last_turn = last_question.is_none_or(|question| question < index);
            self.message_frame(messages, index, before);
            before = Some(role(message)).filter(|role| *role != "system").or(before);
            self.is_first = role(message) == "user";
            match message.as_object().map(|message| message.get("content")) {
                Some(Some(content)) => self.content(content, TextRole::Prose),
                Some(None) => (),
                None => self.opaque(message, Assumption::WrongType),
            }
        }
        if self.model.trailing_blanks_are_free {
            self.trailing_blanks(messages.last());
        }
    }

    /// Takes off what the blanks at the end of the last text cost.
    fn trailing_blanks(&mut self, message: Option<&Node<'_>>) {
        let content = message.and_then(|message| message.get("content"));
        let text = match content {
            Some(Node::Array(blocks)) => blocks.last().and_then(|block| block.get("text")),
            other => other,
        };
        let Some(text) = text.and_then(Node::as_str) else { return };
        let shown = text.trim_end_matches(|char: char| char.is_ascii_whitespace());
        let blanks = self.counter.count_end(text, shown, self.model.family);
        let ends_here = self.marked == Some(self.sum);
        self.sum = less(self.sum, blanks);
        if let Some(last) = self.block_ends.last_mut() {
            *last = self.sum;
        }
        if ends_here {
            self.marked = Some(self.sum);
            if let Some((prefix, _)) = self.breakpoints.last_mut() {
                *prefix = self.sum;
            }
        }
    }

    /// What the message costs beside its content.
    fn message_frame(&mut self, messages: &[Node<'_>], index: usize, before: Option<&str>) {
        let message = &messages[index];
        if index > 0 {
            self.has(RequestKind::Chat);
        }
        let cost = message_cost(self.structure, messages, index, before);
        self.add_cost(cost);
        if has_block(message, CALLS) {
            self.add_cost(self.structure.calls);
        }
        if !has_block(message, RESULTS) {
            return;
        }
        if index == 0 || !has_block(&messages[index - 1], RESULTS) {
            let turn = messages[index..].iter().take_while(|message| has_block(message, RESULTS));
            self.several_results = turn.map(|message| count_blocks(message, RESULTS)).sum::<usize>() > 1;
            if self.several_results {
                self.add_cost(self.structure.several_results);
            }
        }
        if message.get("content").and_then(Node::as_array).is_some_and(|blocks| !blocks.iter().all(is_result))
        {
            self.add_cost(self.structure.after_results);
        }
    }
}

const CALLS: &[&str] = &["tool_use", "server_tool_use", "mcp_tool_use"];
const RESULTS: &[&str] = &["tool_result", "mcp_tool_result"];

/// What a message costs by its place among the others; `before` is whose message came before, but for those of
/// the system.
fn message_cost(structure: &Structure, messages: &[Node<'_>], index: usize, before: Option<&str>) -> Cost {
    let (message, role) = (&messages[index], role(&messages[index]));
    if index == 0 {
        return if role == "assistant" { structure.assistant_first } else { Cost::NONE };
    }
    if role == "system" {
        structure.system_message
    } else if before == Some(role) {
        let results = has_block(message, RESULTS) && has_block(&messages[index - 1], RESULTS);
        if results { structure.merged_results } else { structure.merged_message }
    } else if role == "assistant" && index + 1 == messages.len() {
        structure.prefill
    } else {
        structure.further_message
    }
}

fn role<'n>(message: &'n Node<'_>) -> &'n str {
    message.get("role").and_then(Node::as_str).unwrap_or_default()
}

fn count_blocks(message: &Node<'_>, kinds: &[&str]) -> usize {
    let blocks = message.get("content").and_then(Node::as_array).unwrap_or_default();
    let is_one =
        |block: &&Node<'_>| kinds.contains(&block.get("type").and_then(Node::as_str).unwrap_or_default());
    blocks.iter().filter(is_one).count()
}

fn has_block(message: &Node<'_>, kinds: &[&str]) -> bool {
    count_blocks(message, kinds) > 0
}

fn is_result(block: &Node<'_>) -> bool {
    RESULTS.contains(&block.get("type").and_then(Node::as_str).unwrap_or_default())
}

/// Whether a message starts a turn: the user says something, rather than only a tool.
fn is_question(message: &Node<'_>) -> bool {
    role(message) == "user"
        && !message.get("content").and_then(Node::as_array).is_some_and(|blocks| blocks.iter().all(is_result))
}

fn has_text(system: &Node<'_>) -> bool {
    match system {
        Node::String(text) => !text.is_empty(),
        Node::Array(blocks) => blocks.iter().any(|block| {
            !is_billing_header(block)
                && block.get("text").and_then(Node::as_str).is_some_and(|text| !text.is_empty())
        }),
        _ => false,
    }
}

fn is_text(block: &Node<'_>) -> bool {
    block.get("type").and_then(Node::as_str) == Some("text")
}

fn is_billing_header(block: &Node<'_>) -> bool {
    block.get("text").and_then(Node::as_str).is_some_and(|text| text.starts_with(BILLING_HEADER))
}
