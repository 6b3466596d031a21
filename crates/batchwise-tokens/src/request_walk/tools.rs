//! Tools, and which prompt they bring.

use super::*;

impl Walk<'_> {
    pub(super) fn tools(&mut self, params: &Object<'_>) {
        let tools = match params.get("tools") {
            Some(Node::Array(tools)) => tools.as_slice(),
            None | Some(Node::Null) => &[],
            Some(other) => return self.opaque(other, Assumption::WrongType),
        };
        if !tools.is_empty() && !tools.iter().any(|tool| self.brings_prompt(tool)) {
            self.tool_prompt(params.get("tool_choice"));
        }
        for tool in tools {
            self.has(RequestKind::Tools);
            self.tool(tool);
            self.block_end(tool.get("cache_control"));
        }
        let servers = params.get("mcp_servers").and_then(Node::as_array);
        if servers.is_some_and(|servers| !servers.is_empty()) {
            self.assume_unbounded(Assumption::McpServers);
        }
    }

    pub(super) fn brings_prompt(&self, tool: &Node<'_>) -> bool {
        let kind = tool.get("type").and_then(Node::as_str).unwrap_or_default();
        anthropic_tool(kind, self.model.family).is_some_and(|tool| tool.brings_prompt)
    }

    pub(super) fn tool_prompt(&mut self, choice: Option<&Node<'_>>) {
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
            let off =
                if forced { self.structure.single_call_forced } else { self.structure.single_call_auto };
            let off = off.estimate();
            if off != Estimate::default() {
                self.assume(Assumption::ParallelToolUseDisabled);
            }
            prompt = less(prompt, off);
        }
        self.add(prompt);
        if kind == "tool" {
            self.add_cost(self.structure.tool_named);
            let name = choice.and_then(|choice| choice.get("name")).and_then(Node::as_str);
            if let (Rendering::Prompt(_), Some(name)) = (self.structure.rendering, name) {
                self.text(name, TextRole::ToolDefinition);
            }
        }
    }

    pub(super) fn tool(&mut self, node: &Node<'_>) {
        let Some(tool) = node.as_object() else { return self.opaque(node, Assumption::WrongType) };
        if tool.get("defer_loading").and_then(Node::as_bool) == Some(true) {
            return self.deferred_tool(tool);
        }
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
                    self.has(RequestKind::ServerTools);
                    self.bounded = false;
                }
            },
            Some(_) => self.opaque(node, Assumption::WrongType),
        }
    }

    /// A tool that comes into the prompt only when a tool search finds it.
    fn deferred_tool(&mut self, tool: &Object<'_>) {
        self.assume(Assumption::ToolDeferred);
        let before = std::mem::take(&mut self.sum);
        let text_width = self.text_width;
        self.own_tool(tool);
        let cost = std::mem::replace(&mut self.sum, before);
        self.text_width = text_width;
        self.add(Estimate::new(MilliTokens(0), MilliTokens(0), cost.high()));
    }

    pub(super) fn own_tool(&mut self, tool: &Object<'_>) {
        self.add_cost(self.structure.tool);
        self.add(self.structure.tool_property.times(tool::properties(tool)));
        match self.structure.rendering {
            Rendering::Compact => self.text(&tool::shown_json(tool), TextRole::ToolDefinition),
            Rendering::Prompt(letters) => {
                self.text(&prompt_text::tool(tool, letters), TextRole::ToolDefinition);
                tool::unmeasured(tool).for_each(|part| self.opaque(part, Assumption::ToolMemberUnmeasured));
            }
        }
    }
}
