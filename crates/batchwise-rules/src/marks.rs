//! Where the cache breakpoints of a request stand. An [`InputEstimate`](batchwise_tokens::InputEstimate) counts them in
//! the API's order; only a flaw needs to know where one of them is.

use batchwise_records::{FieldPath, Node, Object, Trail, Where};

/// The place of the breakpoint of that index, counted from 0 in the API's order: tools, system, messages, and at last an
/// automatic one. The parameters as a whole, should there be none.
pub(crate) fn place_of(params: &Object<'_>, index: usize) -> Where {
    let mut search = Search { left: index, found: None };
    let top = Trail::Key(&Trail::Top, "params");
    search.list(params.get("tools"), &Trail::Key(&top, "tools"));
    search.list(params.get("system"), &Trail::Key(&top, "system"));
    let messages = Trail::Key(&top, "messages");
    for (index, message) in
        params.get("messages").and_then(Node::as_array).unwrap_or_default().iter().enumerate()
    {
        let trail = Trail::Index(&messages, index);
        search.list(message.get("content"), &Trail::Key(&trail, "content"));
    }
    search.mark(params.get("cache_control"), &top);
    Where::Value(search.found.unwrap_or_else(|| FieldPath::keys(&["params"])))
}

struct Search {
    left: usize,
    found: Option<FieldPath>,
}

impl Search {
    /// A list of tools or of blocks. The depth is bounded by that of the JSON.
    fn list(&mut self, list: Option<&Node<'_>>, trail: &Trail<'_>) {
        for (index, node) in list.and_then(Node::as_array).unwrap_or_default().iter().enumerate() {
            if self.found.is_some() {
                return;
            }
            let trail = Trail::Index(trail, index);
            match node.get("type").and_then(Node::as_str) {
                Some("tool_result" | "mcp_tool_result" | "search_result") => {
                    self.list(node.get("content"), &Trail::Key(&trail, "content"));
                }
                Some("document") => {
                    let source = Trail::Key(&trail, "source");
                    let content = node.get("source").and_then(|source| source.get("content"));
                    self.list(content, &Trail::Key(&source, "content"));
                }
                _ => (),
            }
            self.mark(node.get("cache_control"), &trail);
        }
    }

    fn mark(&mut self, control: Option<&Node<'_>>, trail: &Trail<'_>) {
        if self.found.is_some() || control.and_then(Node::as_object).is_none() {
            return;
        }
        match self.left.checked_sub(1) {
            Some(left) => self.left = left,
            None => self.found = Some(Trail::Key(trail, "cache_control").path()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn breakpoints_are_found_in_the_order_of_the_api() {
        let text = r#"{"messages":[{"role":"user","content":[
                {"type":"tool_result","content":[{"type":"text","text":"x","cache_control":{"type":"ephemeral"}}],
                 "cache_control":{"type":"ephemeral"}}]}],
            "system":[{"type":"text","text":"s"},{"type":"text","text":"s","cache_control":{"type":"ephemeral"}}],
            "cache_control":{"type":"ephemeral"},
            "tools":[{"name":"a","cache_control":{"type":"ephemeral"}},{"name":"b","cache_control":null}]}"#;
        let node: Node<'_> = serde_json::from_str(text).unwrap();
        let places: Vec<String> = (0..7)
            .map(|index| match place_of(node.as_object().unwrap(), index) {
                Where::Value(path) => path.to_string(),
                other => format!("{other:?}"),
            })
            .collect();
        assert_eq!(
            places,
            [
                "params.tools[0].cache_control",
                "params.system[1].cache_control",
                "params.messages[0].content[0].content[0].cache_control",
                "params.messages[0].content[0].cache_control",
                "params.cache_control",
                "params",
                "params",
            ]
        );
    }
}
