mod media;
mod tools;

use std::collections::BTreeSet;
use std::sync::Arc;

use batchwise_records::{Node, Object};
use batchwise_units::{Estimate, Tokens};

use crate::memo::Memo;
use crate::milli_tokens::to_tokens;
use crate::pdf::{self, Pdf};
use crate::server_side::{anthropic_tool, parallel_discount};
use crate::{
    Assumption, Breakpoint, CacheTtl, Cost, Family, InputEstimate, MilliTokens, ModelTraits, RequestKind,
    Structure, TextCounter, TextRole, base64_text, image, script, tool,
};

/// Below so few bytes of text for each page, a PDF is taken for pictures or for one whose fonts cannot be
/// read here.
const PAGE_TEXT_BYTES_MIN: u64 = 40;

/// One pass over a request, in the order in which the API puts the prompt together.
pub(crate) struct Walk<'w> {
    counter: &'w dyn TextCounter,
    structure: &'w Structure,
    model: &'w ModelTraits,
    pdfs: &'w Memo<Option<Arc<Pdf>>>,
    kind: RequestKind,
    /// Everything up to here.
    sum: Estimate<MilliTokens>,
    breakpoints: Vec<Breakpoint>,
    /// The sum at the last breakpoint.
    marked: Option<Estimate<MilliTokens>>,
    assumptions: BTreeSet<Assumption>,
    bounded: bool,
    /// Whether a document has turned citations on.
    cites: bool,
    /// Whether thinking met now belongs to the turn that is still going on.
    in_last_turn: bool,
}

impl<'w> Walk<'w> {
    pub(crate) fn new(
        counter: &'w dyn TextCounter,
        structure: &'w Structure,
        model: &'w ModelTraits,
        pdfs: &'w Memo<Option<Arc<Pdf>>>,
    ) -> Walk<'w> {
        Walk {
            counter,
            structure,
            model,
            pdfs,
            kind: RequestKind::default(),
            sum: Estimate::default(),
            breakpoints: Vec::new(),
            marked: None,
            assumptions: BTreeSet::new(),
            bounded: true,
            cites: false,
            in_last_turn: false,
        }
    }

    pub(crate) fn walk(mut self, params: &Object<'_>) -> InputEstimate {
        self.tools(params);
        self.settings(params);
        self.system(params.get("system"));
        self.messages(params.get("messages"));
        if self.marked != Some(self.sum) {
            self.breakpoint(params.get("cache_control"));
        }
        InputEstimate {
            kind: self.kind,
            total: self.with_slack(),
            breakpoints: self.breakpoints,
            assumptions: self.assumptions.into_iter().collect(),
            bounded: self.bounded,
        }
    }

    fn add(&mut self, part: Estimate<MilliTokens>) {
        self.sum += part;
    }

    fn add_cost(&mut self, cost: Cost) {
        self.add(cost.estimate());
    }

    fn has(&mut self, kind: RequestKind) {
        self.kind = self.kind.max(kind);
    }

    fn assume(&mut self, assumption: Assumption) {
        self.assumptions.insert(assumption);
    }

    /// Input may come that no one can know.
    fn assume_unbounded(&mut self, assumption: Assumption) {
        self.assume(assumption);
        self.has(RequestKind::ServerTools);
        self.bounded = false;
    }

    fn with_slack(&self) -> Estimate<Tokens> {
        let slack = MilliTokens::tokens(self.structure.slack);
        let low = MilliTokens(self.sum.low().0.saturating_sub(slack.0));
        let high = self.sum.high() + slack;
        to_tokens(match self.sum.likely() {
            Some(likely) => Estimate::new(low, likely, high),
            None => Estimate::between(low, high),
        })
    }

    /// Marks the end of what was added so far, when `cache_control` says so.
    fn breakpoint(&mut self, cache_control: Option<&Node<'_>>) {
        let Some(control) = cache_control.and_then(Node::as_object) else { return };
        let ttl = match control.get("ttl") {
            None | Some(Node::Null) => CacheTtl::FiveMinutes,
            Some(ttl) => match ttl.as_str() {
                Some("5m") => CacheTtl::FiveMinutes,
                Some("1h") => CacheTtl::OneHour,
                _ => {
                    self.assume(Assumption::CacheTtlUnknown);
                    CacheTtl::FiveMinutes
                }
            },
        };
        self.breakpoints.push(Breakpoint { prefix: self.with_slack(), ttl });
        self.marked = Some(self.sum);
    }

    // Texts

    fn count(&mut self, text: &str, role: TextRole) -> Estimate<MilliTokens> {
        if !self.assumptions.contains(&Assumption::ForeignText) && script::is_foreign(text) {
            self.assume(Assumption::ForeignText);
        }
        self.counter.count(text, role, self.model.family)
    }

    fn text(&mut self, text: &str, role: TextRole) {
        let tokens = self.count(text, role);
        self.add(tokens);
    }

    /// JSON whose meaning is not known: about its text, within wide bounds.
    fn opaque(&mut self, node: &Node<'_>, assumption: Assumption) {
        self.assume(assumption);
        let text = self.count(&node.to_compact_json(), TextRole::ToolDefinition);
        self.add(widened(text, self.structure.opaque));
    }

    // Settings that bring a prompt of their own

    fn settings(&mut self, params: &Object<'_>) {
        match params.get("thinking").and_then(|thinking| thinking.get("type")).and_then(Node::as_str) {
            Some("enabled") => {
                self.has(RequestKind::Thinking);
                self.add_cost(self.structure.thinking_enabled);
            }
            Some("adaptive") => {
                self.has(RequestKind::Thinking);
                self.add_cost(self.structure.thinking_adaptive);
            }
            _ => (),
        }
        let within = params.get("output_config").and_then(|config| config.get("format"));
        let format = within.or_else(|| params.get("output_format")).and_then(Node::as_object);
        if let Some(format) = format {
            self.has(RequestKind::StructuredOutput);
            self.assume(Assumption::StructuredOutput);
            self.add_cost(self.structure.structured_output);
            if let Some(schema) = format.get("schema") {
                self.text(&schema.to_compact_json(), TextRole::Schema);
            }
        }
        let management = params.get("context_management").and_then(Node::as_object);
        if let Some(management) = management {
            let compacts = Node::Object(management.clone()).to_compact_json().contains("compact");
            self.assume(Assumption::ContextManagement);
            self.bounded &= !compacts;
        }
    }

    // System and messages

    fn system(&mut self, system: Option<&Node<'_>>) {
        if let Some(system) = system {
            self.content(system, TextRole::Prose);
        }
    }

    fn messages(&mut self, messages: Option<&Node<'_>>) {
        let frame = match self.model.frame {
            Some(tokens) => Cost::exactly(tokens.0),
            None => self.structure.frame,
        };
        self.add_cost(frame);
        let messages = messages.and_then(Node::as_array).unwrap_or_default();
        let last_question = messages.iter().rposition(is_question);
        for (index, message) in messages.iter().enumerate() {
            self.in_last_turn = last_question.is_none_or(|question| question < index);
            if index > 0 {
                self.has(RequestKind::Chat);
                self.add_cost(self.structure.further_message);
            }
            match message.as_object().map(|message| message.get("content")) {
                Some(Some(content)) => self.content(content, TextRole::Prose),
                Some(None) => (),
                None => self.opaque(message, Assumption::WrongType),
            }
        }
    }

    /// A string or an array of blocks.
    fn content(&mut self, content: &Node<'_>, role: TextRole) {
        match content {
            Node::Null => (),
            Node::String(text) => self.text(text, role),
            Node::Array(blocks) => {
                for block in blocks {
                    self.block(block, role);
                    self.breakpoint(block.get("cache_control"));
                }
            }
            other => self.opaque(other, Assumption::WrongType),
        }
    }

    fn block(&mut self, node: &Node<'_>, role: TextRole) {
        let Some(block) = node.as_object() else { return self.opaque(node, Assumption::WrongType) };
        let kind = block.get("type").and_then(Node::as_str);
        match kind {
            Some("text") => self.field(block, "text", role),
            Some("image") => self.image(block),
            Some("document") => self.document(block),
            Some("search_result") => self.search_result(block),
            Some("tool_use" | "server_tool_use" | "mcp_tool_use") => self.call(block),
            Some("tool_result" | "mcp_tool_result") => self.result(block),
            Some("thinking") => self.thinking(block),
            Some("redacted_thinking") => self.encrypted(block.get("data")),
            Some("container_upload") => {
                self.assume_unbounded(Assumption::ContainerUpload);
                self.add_cost(self.structure.document);
            }
            Some(kind) if kind.ends_with("_tool_result") => self.server_result(node),
            _ => {
                self.opaque(node, Assumption::BlockTypeUnknown);
                self.has(RequestKind::ServerTools);
                self.bounded = false;
            }
        }
    }

    /// A text under `key`; anything else there is counted as JSON.
    fn field(&mut self, object: &Object<'_>, key: &str, role: TextRole) {
        match object.get(key) {
            None | Some(Node::Null) => (),
            Some(Node::String(text)) => self.text(text, role),
            Some(other) => self.opaque(other, Assumption::WrongType),
        }
    }

    fn call(&mut self, call: &Object<'_>) {
        self.has(RequestKind::Tools);
        self.add_cost(self.structure.call);
        self.add(self.structure.call_argument.times(tool::arguments(call)));
        self.text(&tool::call_text(call), TextRole::ToolCall);
    }

    fn result(&mut self, result: &Object<'_>) {
        self.has(RequestKind::Tools);
        self.add_cost(self.structure.result);
        if let Some(content) = result.get("content") {
            self.content(content, TextRole::ToolResult);
        }
    }

    /// The result of a tool that ran at Anthropic in an earlier turn. Part of it is encrypted.
    fn server_result(&mut self, node: &Node<'_>) {
        self.has(RequestKind::ServerTools);
        self.assume(Assumption::EncryptedContent);
        let bytes = node.to_compact_json().len() as u64;
        self.add(self.structure.result.estimate());
        self.add(Estimate::between(MilliTokens(0), MilliTokens::tokens(bytes)));
    }

    /// What was thought before. The turn that is going on keeps its thinking; of earlier turns, newer
    /// models keep it too, and of the older ones some do and some do not.
    fn thinking(&mut self, block: &Object<'_>) {
        let shown = block.get("thinking").and_then(Node::as_str).unwrap_or_default();
        let signature = block.get("signature").and_then(Node::as_str).unwrap_or_default();
        self.has(RequestKind::Thinking);
        self.assume(Assumption::KeptThinking);
        let kept = if shown.is_empty() {
            let bytes = (signature.len() as u64).saturating_sub(self.structure.thinking_signature_bytes);
            self.structure.thinking_signature.times(bytes)
        } else {
            let text = self.count(shown, TextRole::Prose);
            widened(text, self.structure.thinking)
        };
        if self.in_last_turn || self.model.family == Family::Claude47 {
            self.add(kept);
        } else {
            self.add(Estimate::between(MilliTokens(0), kept.high()));
        }
    }

    fn encrypted(&mut self, data: Option<&Node<'_>>) {
        self.has(RequestKind::Thinking);
        self.assume(Assumption::EncryptedContent);
        let bytes = data.and_then(Node::as_str).map_or(0, |data| data.len() as u64);
        self.add(Estimate::between(MilliTokens(0), MilliTokens::tokens(bytes)));
    }
}

/// Whether a message starts a turn: the user says something, rather than only a tool.
fn is_question(message: &Node<'_>) -> bool {
    let is_result = |block: &Node<'_>| block.get("type").and_then(Node::as_str) == Some("tool_result");
    message.get("role").and_then(Node::as_str) == Some("user")
        && !message.get("content").and_then(Node::as_array).is_some_and(|blocks| blocks.iter().all(is_result))
}

/// Multiplies the ends by the ends, in thousandths.
fn widened(estimate: Estimate<MilliTokens>, factor: Cost) -> Estimate<MilliTokens> {
    estimate.zip(factor.estimate(), |tokens, factor| tokens.per_mille(factor.0))
}

/// `whole` less `part`: the most is taken off the least and the least off the most.
fn less(whole: Estimate<MilliTokens>, part: Estimate<MilliTokens>) -> Estimate<MilliTokens> {
    let difference = |a: MilliTokens, b: MilliTokens| MilliTokens(a.0.saturating_sub(b.0));
    let (low, high) = (difference(whole.low(), part.high()), difference(whole.high(), part.low()));
    match whole.likely().zip(part.likely()) {
        Some((whole, part)) => Estimate::new(low, difference(whole, part), high),
        None => Estimate::between(low, high),
    }
}

#[cfg(test)]
mod tests;
