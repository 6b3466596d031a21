use std::collections::BTreeSet;
use std::sync::Arc;

use batchwise_records::{Node, Object};
use batchwise_units::{Estimate, Tokens};

use crate::memo::Memo;
use crate::milli_tokens::to_tokens;
use crate::pdf::{self, Pdf};
use crate::server_side::{anthropic_tool, parallel_discount};
use crate::{
    Assumption, Breakpoint, CacheTtl, Cost, Family, InputEstimate, MilliTokens, ModelTraits, Structure,
    TextCounter, TextRole, base64_text, image, script, tool,
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

    fn assume(&mut self, assumption: Assumption) {
        self.assumptions.insert(assumption);
    }

    /// Input may come that no one can know.
    fn assume_unbounded(&mut self, assumption: Assumption) {
        self.assume(assumption);
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

    // Tools

    fn tools(&mut self, params: &Object<'_>) {
        let tools = match params.get("tools") {
            Some(Node::Array(tools)) => tools.as_slice(),
            None | Some(Node::Null) => &[],
            Some(other) => return self.opaque(other, Assumption::WrongType),
        };
        if !tools.is_empty() && !tools.iter().any(|tool| self.brings_prompt(tool)) {
            self.tool_prompt(params.get("tool_choice"));
        }
        for tool in tools {
            self.tool(tool);
            self.breakpoint(tool.get("cache_control"));
        }
        let servers = params.get("mcp_servers").and_then(Node::as_array);
        if servers.is_some_and(|servers| !servers.is_empty()) {
            self.assume_unbounded(Assumption::McpServers);
        }
    }

    fn brings_prompt(&self, tool: &Node<'_>) -> bool {
        let kind = tool.get("type").and_then(Node::as_str).unwrap_or_default();
        anthropic_tool(kind, self.model.family).is_some_and(|tool| tool.brings_prompt)
    }

    fn tool_prompt(&mut self, choice: Option<&Node<'_>>) {
        let kind = choice.and_then(|choice| choice.get("type")).and_then(Node::as_str).unwrap_or("auto");
        let forced = matches!(kind, "any" | "tool");
        let published = if forced { self.model.tool_prompt_any } else { self.model.tool_prompt_auto };
        let unknown = if forced { self.structure.tool_prompt_any } else { self.structure.tool_prompt_auto };
        let mut prompt = match published {
            Some(Tokens(tokens)) => {
                let slack = self.structure.tool_prompt_slack;
                Cost::tokens(tokens.saturating_sub(slack), tokens, tokens + slack).estimate()
            }
            None => {
                self.assume(Assumption::ToolPromptUnknown);
                unknown.estimate()
            }
        };
        let single =
            choice.and_then(|choice| choice.get("disable_parallel_tool_use")).and_then(Node::as_bool);
        if single == Some(true) && kind != "none" {
            let generation = self.model.tool_prompt_auto.map(|tokens| tokens.0);
            let off = parallel_discount(generation, forced).estimate();
            if off != Estimate::default() {
                self.assume(Assumption::ParallelToolUseDisabled);
            }
            prompt = less(prompt, off);
        }
        self.add(prompt);
        if kind == "tool" {
            self.add_cost(self.structure.tool_named);
        }
    }

    fn tool(&mut self, node: &Node<'_>) {
        let Some(tool) = node.as_object() else { return self.opaque(node, Assumption::WrongType) };
        match tool.get("type") {
            None | Some(Node::Null) => self.own_tool(tool),
            Some(Node::String(kind)) if kind == "custom" => self.own_tool(tool),
            Some(Node::String(kind)) if kind == "mcp_toolset" => {
                self.assume_unbounded(Assumption::McpServers)
            }
            Some(Node::String(kind)) => match anthropic_tool(kind, self.model.family) {
                Some(known) => {
                    self.add_cost(known.cost);
                    if !known.measured {
                        self.assume(Assumption::ToolTypeUnmeasured);
                    }
                    if known.server {
                        self.assume_unbounded(Assumption::ServerTools);
                    }
                }
                None => {
                    self.opaque(node, Assumption::ToolTypeUnknown);
                    self.bounded = false;
                }
            },
            Some(_) => self.opaque(node, Assumption::WrongType),
        }
    }

    fn own_tool(&mut self, tool: &Object<'_>) {
        self.add_cost(self.structure.tool);
        self.add(self.structure.tool_property.times(tool::properties(tool)));
        self.text(&tool::shown_json(tool), TextRole::ToolDefinition);
    }

    // Settings that bring a prompt of their own

    fn settings(&mut self, params: &Object<'_>) {
        match params.get("thinking").and_then(|thinking| thinking.get("type")).and_then(Node::as_str) {
            Some("enabled") => self.add_cost(self.structure.thinking_enabled),
            Some("adaptive") => self.add_cost(self.structure.thinking_adaptive),
            _ => (),
        }
        let within = params.get("output_config").and_then(|config| config.get("format"));
        let format = within.or_else(|| params.get("output_format")).and_then(Node::as_object);
        if let Some(format) = format {
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
        self.add_cost(self.structure.call);
        self.add(self.structure.call_argument.times(tool::arguments(call)));
        self.text(&tool::call_text(call), TextRole::ToolCall);
    }

    fn result(&mut self, result: &Object<'_>) {
        self.add_cost(self.structure.result);
        if let Some(content) = result.get("content") {
            self.content(content, TextRole::ToolResult);
        }
    }

    /// The result of a tool that ran at Anthropic in an earlier turn. Part of it is encrypted.
    fn server_result(&mut self, node: &Node<'_>) {
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
        self.assume(Assumption::EncryptedContent);
        let bytes = data.and_then(Node::as_str).map_or(0, |data| data.len() as u64);
        self.add(Estimate::between(MilliTokens(0), MilliTokens::tokens(bytes)));
    }

    // Media

    fn image(&mut self, block: &Object<'_>) {
        let source = block.get("source");
        let data = source.and_then(|source| source.get("data")).and_then(Node::as_str);
        match data.and_then(image::read_size) {
            Some(size) => self.add_cost(image::known(size, self.model.image_tier)),
            None => {
                self.assume(Assumption::ImageSizeUnknown);
                self.add_cost(image::unknown(self.model.image_tier));
            }
        }
    }

    fn document(&mut self, block: &Object<'_>) {
        self.field(block, "title", TextRole::Prose);
        self.field(block, "context", TextRole::Prose);
        self.citations(block);
        let Some(source) = block.get("source").and_then(Node::as_object) else {
            return self.unread_document();
        };
        let media_type = source.get("media_type").and_then(Node::as_str).unwrap_or_default();
        let data = source.get("data").and_then(Node::as_str);
        match (source.get("type").and_then(Node::as_str), data) {
            (Some("text"), Some(text)) => self.text_document(text),
            (Some("content"), _) => {
                self.add_cost(self.structure.document);
                if let Some(content) = source.get("content") {
                    self.content(content, TextRole::Prose);
                }
            }
            (Some("base64"), Some(data)) if media_type.ends_with("pdf") => self.pdf(data),
            (Some("base64"), Some(data)) => {
                let text = base64_text::decode(data).and_then(|bytes| String::from_utf8(bytes).ok());
                match text {
                    Some(text) if !text.starts_with("%PDF") && !text.is_empty() => {
                        self.text_document(&text);
                    }
                    _ => self.unread_document(),
                }
            }
            _ => self.unread_document(),
        }
    }

    fn text_document(&mut self, text: &str) {
        self.add_cost(self.structure.document);
        self.text(text, TextRole::Prose);
    }

    fn pdf(&mut self, base64: &str) {
        let read = self.pdfs.get(base64, |base64| pdf::read(base64).map(Arc::new));
        let Some(pdf) = read else { return self.unread_document() };
        self.assume(Assumption::PdfText);
        self.add(self.structure.pdf_page.times(pdf.pages));
        match &pdf.text {
            Some(text) if text.len() as u64 >= pdf.pages * PAGE_TEXT_BYTES_MIN => {
                let text = self.count(text, TextRole::Prose);
                self.add(widened(text, self.structure.pdf_text));
            }
            Some(_) => {
                let most = self.structure.pdf_page_text.times(pdf.pages).high();
                self.add(Estimate::new(MilliTokens(0), MilliTokens(0), most));
            }
            None => {
                let most = self.structure.pdf_page_text.times(pdf.pages).high();
                self.add(Estimate::between(MilliTokens(0), most));
            }
        }
    }

    /// Any document the model accepts, from one page to the whole window.
    fn unread_document(&mut self) {
        self.assume(Assumption::DocumentUnread);
        let page = self.structure.pdf_page.estimate() + self.structure.pdf_page_text.estimate();
        let pages = page.high().times(u64::from(self.model.pdf_pages_max));
        let most = pages.min(MilliTokens::tokens(self.model.context_window.0));
        self.add(Estimate::between(page.low().min(most), most));
    }

    fn search_result(&mut self, block: &Object<'_>) {
        self.add_cost(self.structure.document);
        self.field(block, "title", TextRole::Prose);
        self.field(block, "source", TextRole::Prose);
        self.citations(block);
        if let Some(content) = block.get("content") {
            self.content(content, TextRole::Prose);
        }
    }

    fn citations(&mut self, block: &Object<'_>) {
        let enabled = block.get("citations").and_then(|citations| citations.get("enabled"));
        if enabled.and_then(Node::as_bool) == Some(true) {
            self.assume(Assumption::Citations);
            if !self.cites {
                self.add_cost(self.structure.citations);
            }
            self.cites = true;
        }
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
mod tests {
    use super::*;
    use crate::pdf::tests::pdf;
    use crate::{ByteRatio, Estimator, ImageTier, StructureEstimator, TextCounter};
    use batchwise_records::Request;
    use serde_json::{Value, json};

    /// Counts every character as one token, so that tests can be read.
    struct Letters;

    impl TextCounter for Letters {
        fn method(&self) -> &'static str {
            "letters"
        }

        fn count(&self, text: &str, _: TextRole, _: Family) -> Estimate<MilliTokens> {
            Estimate::exactly(MilliTokens::tokens(text.chars().count() as u64))
        }
    }

    fn old() -> ModelTraits {
        ModelTraits {
            family: Family::PreClaude47,
            frame: None,
            image_tier: ImageTier::Standard,
            tool_prompt_auto: Some(Tokens(496)),
            tool_prompt_any: Some(Tokens(588)),
            pdf_pages_max: 100,
            context_window: Tokens(200_000),
        }
    }

    fn new() -> ModelTraits {
        ModelTraits {
            family: Family::Claude47,
            image_tier: ImageTier::High,
            tool_prompt_auto: None,
            tool_prompt_any: None,
            ..old()
        }
    }

    #[track_caller]
    fn estimate_with(params: Value, model: &ModelTraits) -> InputEstimate {
        let mut params = params;
        for (key, value) in [
            ("model", json!("m")),
            ("max_tokens", json!(1)),
            ("messages", json!([{"role": "user", "content": ""}])),
        ] {
            params.as_object_mut().unwrap().entry(key).or_insert(value);
        }
        let line = json!({"custom_id": "x", "params": params}).to_string();
        let request = Request::parse(line.as_bytes()).unwrap();
        StructureEstimator::new(Letters, Structure::for_tiktoken).estimate(&request, model)
    }

    fn estimate(params: Value) -> InputEstimate {
        estimate_with(params, &old())
    }

    fn user(content: Value) -> Value {
        json!({"messages": [{"role": "user", "content": content}]})
    }

    /// The likely tokens beside the seven of the frame.
    #[track_caller]
    fn check(params: Value, likely: impl Into<Option<u64>>, keys: &[&str]) {
        let estimate = estimate(params);
        assert_eq!(estimate.total.likely().map(|tokens| tokens.0 - 7), likely.into());
        let actual: Vec<&str> = estimate.assumptions.iter().map(|assumption| assumption.key()).collect();
        assert_eq!(actual, keys);
    }

    #[test]
    fn texts_and_messages() {
        check(user(json!("")), 0, &[]);
        check(user(json!("hello")), 5, &[]);
        check(user(json!([{"type": "text", "text": "hello"}, {"type": "text", "text": "you"}])), 8, &[]);
        check(json!({"system": "be kind"}), 7, &[]);
        check(json!({"system": [{"type": "text", "text": "be"}, {"type": "text", "text": "kind"}]}), 6, &[]);
        let turn = |role: &str| json!({"role": role, "content": "abc"});
        check(json!({"messages": [turn("user"), turn("assistant"), turn("user")]}), 15, &[]);
        check(user(json!("語")), 1, &["foreign-text"]);
    }

    #[test]
    fn settings_without_tokens_cost_nothing() {
        check(
            json!({
                "metadata": {"user_id": "someone"}, "temperature": 0.5, "stop_sequences": ["stop", "here"],
                "top_p": 1, "service_tier": "auto", "thinking": {"type": "disabled"}, "tools": [],
                "tool_choice": {"type": "auto"}, "cache_control": {"type": "ephemeral"}, "system": null
            }),
            0,
            &[],
        );
    }

    #[test]
    fn a_frame_of_its_own_replaces_that_of_the_family() {
        let total = |model: &ModelTraits| estimate_with(json!({}), model).total.likely();
        assert_eq!(total(&old()), Some(Tokens(7)));
        assert_eq!(total(&new()), Some(Tokens(6)));
        assert_eq!(total(&ModelTraits { frame: Some(Tokens(12)), ..new() }), Some(Tokens(12)));
    }

    fn with_tool(choice: Value) -> Value {
        // 11 for the tool, 10 for its JSON.
        json!({"tools": [{"type": "custom", "name": "a", "cache_control": null}], "tool_choice": choice})
    }

    #[test]
    fn tools_bring_a_prompt() {
        check(with_tool(json!(null)), 496 + 11 + 12, &[]);
        check(with_tool(json!({"type": "none"})), 496 + 11 + 12, &[]);
        check(with_tool(json!({"type": "any"})), 588 + 11 + 12, &[]);
        check(with_tool(json!({"type": "tool", "name": "a"})), 588 + 6 + 11 + 12, &[]);
        check(with_tool(json!(7)), 496 + 11 + 12, &[]);
        let single = json!({"type": "auto", "disable_parallel_tool_use": true});
        check(with_tool(single), 496 - 206 + 11 + 12, &["parallel-tool-use-disabled"]);
        let unknown = estimate_with(with_tool(json!(null)), &new());
        assert_eq!(unknown.assumptions, [Assumption::ToolPromptUnknown]);
        assert_eq!(unknown.total.likely(), Some(Tokens(6 + 290 + 4 + 12)));
        assert!(unknown.total.low() <= Tokens(6 + 8 + 12) && unknown.total.high() >= Tokens(810));
    }

    #[test]
    fn properties_of_a_tool_count() {
        let tool = json!({"name": "a", "input_schema": {"properties": {"x": {}, "y": {}, "z": {}, "u": {}, "v": {}}}});
        let json = tool.to_string().len() as u64;
        check(json!({"tools": [tool]}), 496 + 11 + 9 + json, &[]);
    }

    #[test]
    fn calls_and_results() {
        let call = json!({"type": "tool_use", "id": "t", "name": "f", "input": {"x": 1, "y": "two"}});
        check(user(json!([call])), 28 + 7, &[]);
        check(user(json!([{"type": "tool_use"}])), 0, &[]);
        let result =
            |content: Value| user(json!([{"type": "tool_result", "content": content, "is_error": true}]));
        check(result(json!("done")), 45, &[]);
        check(result(json!([{"type": "text", "text": "done"}])), 45, &[]);
        check(result(json!(null)), 41, &[]);
        check(
            result(json!([{"type": "image", "source": {"type": "url", "url": "https://x"}}])),
            41 + 1_563,
            &["image-size-unknown"],
        );
    }

    #[test]
    fn tools_of_anthropic_are_known_by_their_type() {
        let tool = |kind: &str| json!({"tools": [{"type": kind, "name": "a"}]});
        check(tool("bash_20250124"), 496 + 245, &[]);
        check(tool("memory_20990101"), 496 + 1_069, &["tool-type-unmeasured"]);
        check(tool("web_search_20250305"), 496 + 1_711, &["server-tools"]);
        assert!(estimate(tool("bash_20250124")).bounded);
        for kind in [
            "web_search_20250305",
            "web_fetch_20991231",
            "code_execution_20250825",
            "mcp_toolset",
            "time_machine_1",
        ] {
            assert!(!estimate(tool(kind)).bounded, "{kind}");
        }
        let servers = estimate(json!({"mcp_servers": [{"type": "url", "url": "https://x"}]}));
        assert_eq!((servers.bounded, servers.assumptions), (false, vec![Assumption::McpServers]));
    }

    #[test]
    fn thinking_and_structured_output() {
        check(json!({"thinking": {"type": "enabled", "budget_tokens": 1024}}), 29, &[]);
        check(json!({"thinking": {"type": "adaptive"}}), 0, &[]);
        let format = json!({"type": "json_schema", "schema": {"type": "object"}});
        check(json!({"output_config": {"format": format}}), 95 + 17, &["structured-output"]);
        check(json!({"output_format": format}), 95 + 17, &["structured-output"]);
        check(json!({"output_config": {"effort": "low"}}), 0, &[]);
    }

    #[test]
    fn thinking_of_the_history() {
        let thought = json!({"type": "thinking", "thinking": "0123456789", "signature": "s"});
        let after = |last: Value| {
            json!({"messages": [
                {"role": "user", "content": ""},
                {"role": "assistant", "content": [thought]},
                {"role": "user", "content": last},
            ]})
        };
        check(after(json!([{"type": "tool_result"}])), 6 + 12 + 41, &["kept-thinking"]);
        check(after(json!("next")), None, &["kept-thinking"]);
        let newer = estimate_with(after(json!("next")), &new()).total;
        assert_eq!(newer.likely(), Some(Tokens(6 + 6 + 12 + 4)));
        let hidden = json!([{"type": "redacted_thinking", "data": "x".repeat(100)}]);
        check(user(hidden.clone()), None, &["encrypted-content"]);
        assert_eq!(estimate(user(hidden)).total.high(), Tokens(7 + 100 + 3));
    }

    #[test]
    fn documents() {
        let document = |source: Value| user(json!([{"type": "document", "source": source}]));
        check(document(json!({"type": "text", "media_type": "text/plain", "data": "hello"})), 42 + 5, &[]);
        check(
            document(json!({"type": "base64", "media_type": "text/plain", "data": "aGVsbG8="})),
            42 + 5,
            &[],
        );
        check(document(json!({"type": "content", "content": "hello"})), 42 + 5, &[]);
        check(
            document(json!({"type": "content", "content": [{"type": "text", "text": "hello"}]})),
            42 + 5,
            &[],
        );
        let titled = json!([{"type": "document", "title": "ab", "context": "cd",
            "citations": {"enabled": true}, "source": {"type": "text", "data": "hello"}}]);
        check(user(titled.clone()), 4 + 515 + 42 + 5, &["citations"]);
        let twice = [titled[0].clone(), titled[0].clone()];
        check(user(json!(twice)), 2 * (4 + 42 + 5) + 515, &["citations"]);
        let found = json!([{"type": "search_result", "source": "ab", "title": "cd",
            "content": [{"type": "text", "text": "hello"}]}]);
        check(user(found), 42 + 9, &[]);
    }

    #[test]
    fn pdfs_are_read() {
        let base64 = |data: String| {
            user(json!([{"type": "document",
            "source": {"type": "base64", "media_type": "application/pdf", "data": data}}]))
        };
        let read = estimate(base64(pdf(2, &"x".repeat(50)))).total;
        // A line break follows each page: 102 characters at 1.05.
        assert_eq!(read.likely(), Some(Tokens(7 + 2 * 1_573 + 107)));
        let sparse = estimate(base64(pdf(2, "x"))).total;
        assert_eq!(sparse.likely(), Some(Tokens(7 + 2 * 1_573)));
        assert!(sparse.high() >= Tokens(2 * 4_500), "its text may have been missed");
        for broken in ["", "JVBERi0xLjQK", "REDACTED", "!"] {
            let unread = estimate(base64(broken.to_owned()));
            assert_eq!(unread.assumptions, [Assumption::DocumentUnread]);
            assert_eq!(unread.total.likely(), None);
        }
    }

    #[test]
    fn documents_elsewhere_are_bounded() {
        for source in
            [json!({"type": "url", "url": "https://x"}), json!({"type": "file", "file_id": "f"}), json!(5)]
        {
            let block = json!([{"type": "document", "source": source}]);
            let unread = estimate(user(block));
            assert_eq!(unread.total.likely(), None);
            assert_eq!(unread.total.low(), Tokens(7 + 1_571 - 3));
            assert_eq!(unread.total.high(), Tokens(7 + 200_000 + 3));
        }
    }

    #[test]
    fn images_are_measured() {
        let png = "iVBORw0KGgoAAAANSUhEUgAAA+gAAAPoCAYAAAAAAAAA"; // 1000 by 1000 pixels
        let image = |source: Value| user(json!([{"type": "image", "source": source}]));
        check(image(json!({"type": "base64", "media_type": "image/png", "data": png})), 1_296 + 3, &[]);
        let unknown = &["image-size-unknown"];
        check(
            image(json!({"type": "base64", "media_type": "image/png", "data": "REDACTED"})),
            1_563,
            unknown,
        );
        check(image(json!({"type": "url", "url": "https://x/y.png"})), 1_563, unknown);
        check(image(json!(null)), 1_563, unknown);
        let elsewhere = image(json!({"type": "file", "file_id": "f"}));
        let total = estimate_with(elsewhere, &new()).total;
        assert_eq!((total.likely(), total.high()), (Some(Tokens(6 + 2_694)), Tokens(6 + 4_787 + 4)));
    }

    #[test]
    fn breakpoints_come_in_the_order_of_the_api() {
        let mark = json!({"type": "ephemeral"});
        let hour = json!({"type": "ephemeral", "ttl": "1h"});
        let odd = json!({"type": "ephemeral", "ttl": "1w"});
        let estimate = estimate(json!({
            "messages": [{"role": "user", "content": [
                {"type": "text", "text": "hello", "cache_control": odd},
                {"type": "tool_result", "content": [{"type": "text", "text": "x", "cache_control": mark}]},
            ]}],
            "system": [{"type": "text", "text": "0123456789", "cache_control": mark}],
            "tools": [{"name": "a", "cache_control": hour}],
            "cache_control": hour,
        }));
        let seen: Vec<_> =
            estimate.breakpoints.iter().map(|point| (point.prefix.likely().unwrap().0, point.ttl)).collect();
        let tools = 496 + 11 + 12;
        assert_eq!(
            seen,
            [
                (tools, CacheTtl::OneHour),
                (tools + 10, CacheTtl::FiveMinutes),
                (tools + 10 + 7 + 5, CacheTtl::FiveMinutes),
                (tools + 10 + 7 + 5 + 42, CacheTtl::FiveMinutes),
            ]
        );
        assert_eq!(estimate.assumptions, [Assumption::CacheTtlUnknown]);
        assert!(estimate.breakpoints.iter().all(|point| point.prefix.high() <= estimate.total.high()));
    }

    #[test]
    fn automatic_caching_marks_the_end() {
        let estimate =
            estimate(json!({"system": "abc", "cache_control": {"type": "ephemeral", "ttl": "1h"}}));
        assert_eq!(estimate.breakpoints, [Breakpoint { prefix: estimate.total, ttl: CacheTtl::OneHour }]);
    }

    #[test]
    fn what_is_not_understood_gets_wide_bounds() {
        let unknown = estimate(user(json!([{"type": "hologram", "data": "0123456789"}])));
        assert_eq!((unknown.bounded, unknown.assumptions), (false, vec![Assumption::BlockTypeUnknown]));
        assert_eq!(unknown.total.low(), Tokens(4));
        for content in [json!(5), json!(true), json!({"type": "text"}), json!([5, "x", null, [[]]])] {
            let odd = estimate(user(content));
            assert_eq!((odd.bounded, odd.assumptions), (true, vec![Assumption::WrongType]));
        }
        for params in [
            json!({"system": 5}),
            json!({"tools": 5}),
            json!({"tools": [5, null, {"type": 7}]}),
            json!({"tools": {"name": "a"}}),
        ] {
            assert!(estimate(params).assumptions.contains(&Assumption::WrongType));
        }
    }

    /// Whatever stands where, nothing panics and the bounds keep their order.
    #[test]
    fn odd_values_never_panic() {
        let values = [
            json!(null),
            json!(true),
            json!(-1.5),
            json!(""),
            json!("語"),
            json!([]),
            json!([[{}]]),
            json!({}),
        ];
        let kinds = [
            "text",
            "image",
            "document",
            "search_result",
            "tool_use",
            "server_tool_use",
            "tool_result",
            "thinking",
            "redacted_thinking",
            "container_upload",
            "web_search_tool_result",
            "unheard_of",
        ];
        let fields = ["text", "source", "content", "input", "name", "thinking", "data", "title", "citations"];
        for value in &values {
            for kind in kinds {
                for field in fields {
                    estimate(user(json!([{"type": kind, field: value, "cache_control": value}])));
                }
            }
            for setting in [
                "system",
                "tools",
                "tool_choice",
                "thinking",
                "output_format",
                "output_config",
                "mcp_servers",
                "context_management",
                "cache_control",
            ] {
                estimate(json!({setting: value}));
            }
            for field in ["type", "data", "media_type", "content"] {
                for kind in ["text", "base64", "content", "url"] {
                    let mut source = json!({"type": kind, "media_type": "application/pdf"});
                    source[field] = value.clone();
                    estimate(user(json!([{"type": "document", "source": source}])));
                }
            }
        }
    }

    #[test]
    fn estimators_say_what_they_are() {
        assert_eq!(crate::bytes().method(), "bytes");
        assert_eq!(crate::tiktoken().method(), "tiktoken");
        assert_eq!(ByteRatio.method(), "bytes");
    }
}
