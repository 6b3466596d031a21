mod calls;
mod media;
mod parameters;
mod tools;
mod turns;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use batchwise_records::{Node, Object};
use batchwise_units::{Estimate, Tokens};

use crate::memo::Memo;
use crate::milli_tokens::to_tokens;
use crate::pdf::{self, Pdf};
use crate::server_side::anthropic_tool;
use crate::{
    Assumption, Breakpoint, CacheTtl, Cost, EarlierThinking, InputEstimate, MilliTokens, ModelTraits,
    Rendering, RequestKind, Structure, TextCounter, TextRole, base64_text, image, json_text, prompt_text,
    script, tool,
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
    /// How much of its width is that of the texts' own counts.
    text_width: u64,
    /// The sum at each breakpoint.
    breakpoints: Vec<(Estimate<MilliTokens>, CacheTtl)>,
    /// The sum at the end of each block.
    block_ends: Vec<Estimate<MilliTokens>>,
    /// In how many blocks the walk is.
    depth: u32,
    /// The sum at the last breakpoint.
    marked: Option<Estimate<MilliTokens>>,
    assumptions: BTreeSet<Assumption>,
    bounded: bool,
    /// Whether a document has turned citations on.
    cites: bool,
    /// Whether thinking has a budget, so that all of it is shown.
    shows_thinking: bool,
    /// The names of the calls so far, by their ids.
    call_names: BTreeMap<String, String>,
    /// Whether results met now are several in their turn.
    several_results: bool,
    /// Whether thinking met now belongs to the turn that is still going on.
    in_last_turn: bool,
    /// Whether no text of a message of the user was met yet.
    is_first: bool,
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
            text_width: 0,
            breakpoints: Vec::new(),
            block_ends: Vec::new(),
            depth: 0,
            marked: None,
            assumptions: BTreeSet::new(),
            bounded: true,
            cites: false,
            shows_thinking: false,
            call_names: BTreeMap::new(),
            several_results: false,
            in_last_turn: false,
            is_first: false,
        }
    }

    pub(crate) fn walk(mut self, params: &Object<'_>) -> InputEstimate {
        self.tools(params);
        self.settings(params);
        self.parameters(params);
        self.system(params);
        self.messages(params.get("messages"));
        if self.marked != Some(self.sum) {
            self.breakpoint(params.get("cache_control"));
        }
        InputEstimate {
            kind: self.kind,
            total: self.with_margin(self.sum),
            breakpoints: self.breakpoints.iter().map(|&(sum, ttl)| self.marked_prefix(sum, ttl)).collect(),
            blocks: self.block_ends.iter().map(|&sum| self.with_margin(sum)).collect(),
            has_bounds: self.has_bounds(),
            assumptions: self.assumptions.into_iter().collect(),
            bounded: self.bounded,
        }
    }

    /// Where texts are counted to the token or nearly so, a sum that is a wider range is one of bounds.
    fn has_bounds(&self) -> bool {
        let exact = self.structure.rendering != Rendering::Compact;
        self.assumptions.iter().any(|assumption| assumption.is_of_bounds())
            || exact && width(self.sum) != self.text_width
    }

    fn add(&mut self, part: Estimate<MilliTokens>) {
        self.sum += part;
    }

    /// Adds what a text was counted as.
    fn add_text(&mut self, tokens: Estimate<MilliTokens>) {
        self.text_width += width(tokens);
        self.add(tokens);
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

    /// `sum`, which is the whole request or its beginning, within the margin of the kind of request it is.
    fn with_margin(&self, sum: Estimate<MilliTokens>) -> Estimate<Tokens> {
        to_tokens(self.structure.allowances[self.kind as usize].widen(sum))
    }

    fn marked_prefix(&self, sum: Estimate<MilliTokens>, ttl: CacheTtl) -> Breakpoint {
        Breakpoint { prefix: self.with_margin(sum), ttl }
    }

    /// Notes that a block ends here, and marks its end when `cache_control` says so. One within another block is none
    /// by itself, unless it is marked.
    fn block_end(&mut self, cache_control: Option<&Node<'_>>) {
        if self.depth == 0 || cache_control.is_some_and(|control| control.as_object().is_some()) {
            self.block_ends.push(self.sum);
        }
        self.breakpoint(cache_control);
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
        self.breakpoints.push((self.sum, ttl));
        self.marked = Some(self.sum);
    }

    // Texts

    fn count(&mut self, text: &str, role: TextRole) -> Estimate<MilliTokens> {
        let known = self.counter.knows_every_script() || self.assumptions.contains(&Assumption::ForeignText);
        if !known && script::is_foreign(text) {
            self.assume(Assumption::ForeignText);
        }
        if role == TextRole::Prose && std::mem::take(&mut self.is_first) {
            return self.counter.count_first(text, self.model);
        }
        self.counter.count(text, role, self.model.family)
    }

    fn text(&mut self, text: &str, role: TextRole) {
        let tokens = self.count(text, role);
        self.add_text(tokens);
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
                self.shows_thinking = true;
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
                let text = match self.structure.rendering {
                    Rendering::Compact => schema.to_compact_json(),
                    Rendering::Prompt(_) => json_text::indented_json(schema),
                };
                self.text(&text, TextRole::Schema);
            }
        }
        let management = params.get("context_management").and_then(Node::as_object);
        if let Some(management) = management {
            let compacts = Node::Object(management.clone()).to_compact_json().contains("compact");
            self.assume(Assumption::ContextManagement);
            self.bounded &= !compacts;
        }
    }

    // Content

    /// A string or an array of blocks.
    fn content(&mut self, content: &Node<'_>, role: TextRole) {
        match content {
            Node::Array(blocks) => {
                for block in blocks {
                    self.block(block, role);
                    self.block_end(block.get("cache_control"));
                }
                return;
            }
            Node::Null => (),
            Node::String(text) => self.text(text, role),
            other => self.opaque(other, Assumption::WrongType),
        }
        self.block_end(None);
    }

    fn block(&mut self, node: &Node<'_>, role: TextRole) {
        self.depth += 1;
        self.block_content(node, role);
        self.depth -= 1;
    }

    fn block_content(&mut self, node: &Node<'_>, role: TextRole) {
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
        if !self.in_last_turn && self.structure.earlier_thinking == EarlierThinking::Dropped {
            return;
        }
        let kept = if shown.is_empty() {
            let bytes = (signature.len() as u64).saturating_sub(self.structure.thinking_signature_bytes);
            self.structure.thinking_signature.times(bytes)
        } else {
            let factor =
                if self.shows_thinking { self.structure.thinking } else { self.structure.thinking_summary };
            let text = self.count(shown, TextRole::Prose);
            widened(text, factor) + self.structure.thinking_block.estimate()
        };
        match self.structure.earlier_thinking {
            _ if self.in_last_turn => self.add(kept),
            EarlierThinking::Kept | EarlierThinking::Dropped => self.add(kept),
            EarlierThinking::Unknown => self.add(Estimate::between(MilliTokens(0), kept.high())),
        }
    }

    fn encrypted(&mut self, data: Option<&Node<'_>>) {
        self.has(RequestKind::Thinking);
        self.assume(Assumption::EncryptedContent);
        let bytes = data.and_then(Node::as_str).map_or(0, |data| data.len() as u64);
        self.add(Estimate::between(MilliTokens(0), MilliTokens::tokens(bytes)));
    }
}

fn width(range: Estimate<MilliTokens>) -> u64 {
    range.high().0 - range.low().0
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
