//! The types of what a prompt consists of: only what a count or a price rests on.

use crate::flaw::Flaws;
use crate::request::{missing, wrong_type};
use crate::{Node, Object, Trail};

/// Checks `messages`, `system`, `tools` and the settings that a count rests on.
pub(crate) fn check(params: &Object<'_>, trail: &Trail<'_>, flaws: &mut Flaws) {
    check_messages(params.get("messages"), trail, flaws);
    if let Some(system) = params.get("system").filter(|system| **system != Node::Null) {
        check_content(system, &Trail::Key(trail, "system"), flaws);
    }
    check_tools(params.get("tools"), &Trail::Key(trail, "tools"), flaws);
    check_cache_control(params.get("cache_control"), trail, flaws);
    for key in ["thinking", "tool_choice", "output_config"] {
        if let Some(other) = params.get(key).filter(|node| node.as_object().is_none() && **node != Node::Null)
        {
            flaws.push(wrong_type(Trail::Key(trail, key).path(), other, "an object"));
        }
    }
}

fn check_messages(messages: Option<&Node<'_>>, params: &Trail<'_>, flaws: &mut Flaws) {
    let trail = Trail::Key(params, "messages");
    match messages {
        None => flaws.push(missing(params.path(), "messages")),
        Some(Node::Array(messages)) if !messages.is_empty() => {
            for (index, message) in messages.iter().enumerate() {
                check_message(message, &Trail::Index(&trail, index), flaws);
            }
        }
        Some(other) => flaws.push(wrong_type(trail.path(), other, "an array of at least one message")),
    }
}

fn check_message(node: &Node<'_>, trail: &Trail<'_>, flaws: &mut Flaws) {
    let Some(message) = node.as_object() else {
        return flaws.push(wrong_type(trail.path(), node, "an object with `role` and `content`"));
    };
    match message.get("role") {
        Some(Node::String(_)) => (),
        Some(other) => {
            flaws.push(wrong_type(Trail::Key(trail, "role").path(), other, "\"user\" or \"assistant\""))
        }
        None => flaws.push(missing(trail.path(), "role")),
    }
    match message.get("content") {
        Some(content) => check_content(content, &Trail::Key(trail, "content"), flaws),
        None => flaws.push(missing(trail.path(), "content")),
    }
}

/// A text, or blocks.
fn check_content(content: &Node<'_>, trail: &Trail<'_>, flaws: &mut Flaws) {
    match content {
        Node::String(_) => (),
        Node::Array(blocks) => {
            for (index, block) in blocks.iter().enumerate() {
                check_block(block, &Trail::Index(trail, index), flaws);
            }
        }
        other => flaws.push(wrong_type(trail.path(), other, "a string or an array of content blocks")),
    }
}

fn check_block(node: &Node<'_>, trail: &Trail<'_>, flaws: &mut Flaws) {
    let Some(block) = node.as_object() else {
        return flaws.push(wrong_type(
            trail.path(),
            node,
            "a content block, like {\"type\": \"text\", \"text\": …}",
        ));
    };
    check_cache_control(block.get("cache_control"), trail, flaws);
    let is_result = block.get("type").and_then(Node::as_str) == Some("tool_result");
    if let Some(content) = block.get("content").filter(|content| is_result && **content != Node::Null) {
        check_content(content, &Trail::Key(trail, "content"), flaws);
    }
}

fn check_tools(tools: Option<&Node<'_>>, trail: &Trail<'_>, flaws: &mut Flaws) {
    match tools {
        None | Some(Node::Null) => (),
        Some(Node::Array(tools)) => {
            for (index, tool) in tools.iter().enumerate() {
                let trail = Trail::Index(trail, index);
                match tool.as_object() {
                    Some(tool) => check_cache_control(tool.get("cache_control"), &trail, flaws),
                    None => flaws.push(wrong_type(trail.path(), tool, "a tool, which is an object")),
                }
            }
        }
        Some(other) => flaws.push(wrong_type(trail.path(), other, "an array of tools")),
    }
}

/// What a breakpoint costs depends on its lifetime, so an unknown one has no price.
/// Source: <https://platform.claude.com/docs/en/build-with-claude/prompt-caching>, read 2026-08-22.
fn check_cache_control(control: Option<&Node<'_>>, parent: &Trail<'_>, flaws: &mut Flaws) {
    let Some(control) = control.filter(|control| **control != Node::Null) else { return };
    let trail = Trail::Key(parent, "cache_control");
    let expected = "{\"type\": \"ephemeral\"}, perhaps with \"ttl\": \"5m\" or \"1h\"";
    match control.get("type") {
        Some(Node::String(kind)) if kind == "ephemeral" => (),
        Some(other) => {
            return flaws.push(wrong_type(Trail::Key(&trail, "type").path(), other, "\"ephemeral\""));
        }
        None => return flaws.push(wrong_type(trail.path(), control, expected)),
    }
    match control.get("ttl") {
        None | Some(Node::Null) => (),
        Some(Node::String(ttl)) if matches!(ttl.as_ref(), "5m" | "1h") => (),
        Some(other) => flaws.push(wrong_type(Trail::Key(&trail, "ttl").path(), other, "\"5m\" or \"1h\"")),
    }
}

#[cfg(test)]
mod tests {
    use crate::Request;

    /// The messages of the flaws of a request with these parameters in place of the usual ones.
    #[track_caller]
    fn check(key: &str, value: &str, expected: &[&str]) {
        let mut params = vec![
            ("model", "\"m\""),
            ("max_tokens", "1"),
            ("messages", r#"[{"role":"user","content":"hi"}]"#),
        ];
        params.retain(|(name, _)| *name != key);
        params.push((key, value));
        let params: Vec<String> = params.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        let line = format!(r#"{{"custom_id":"a","params":{{{}}}}}"#, params.join(","));
        let flaws = Request::parse(line.as_bytes()).err().unwrap_or_default();
        let messages: Vec<&str> = flaws.iter().map(|flaw| flaw.message.as_str()).collect();
        assert_eq!(messages, expected, "{line}");
    }

    #[test]
    fn prompts_have_types() {
        check("messages", r#"[{"role":"user","content":5}]"#, &["`params.messages[0].content` is `5`"]);
        check(
            "messages",
            r#"[{"role":"user","content":["hi",{"type":"text","text":"hi"},null]}]"#,
            &["`params.messages[0].content[0]` is `\"hi\"`", "`params.messages[0].content[2]` is `null`"],
        );
        check(
            "messages",
            "[{}]",
            &["`params.messages[0].role` is missing", "`params.messages[0].content` is missing"],
        );
        check("messages", "[]", &["`params.messages` is an empty array"]);
        check(
            "messages",
            r#"[{"role":"user","content":[{"type":"tool_result","content":7}]}]"#,
            &["`params.messages[0].content[0].content` is `7`"],
        );
        check("system", "7", &["`params.system` is `7`"]);
        check("system", r#"[{"type":"text","text":"x"}]"#, &[]);
        check("tools", "{}", &["`params.tools` is an empty object"]);
        check("tools", "[3]", &["`params.tools[0]` is `3`"]);
        check("tools", "null", &[]);
        check("thinking", "true", &["`params.thinking` is `true`"]);
    }

    #[test]
    fn breakpoints_have_a_known_lifetime() {
        let at = |control: &str| format!(r#"[{{"type":"text","text":"x","cache_control":{control}}}]"#);
        check("system", &at("null"), &[]);
        check("system", &at(r#"{"type":"ephemeral"}"#), &[]);
        check("system", &at(r#"{"type":"ephemeral","ttl":"1h"}"#), &[]);
        check("system", &at("true"), &["`params.system[0].cache_control` is `true`"]);
        check("system", &at("{}"), &["`params.system[0].cache_control` is an empty object"]);
        check(
            "system",
            &at(r#"{"type":"forever"}"#),
            &["`params.system[0].cache_control.type` is `\"forever\"`"],
        );
        check(
            "system",
            &at(r#"{"type":"ephemeral","ttl":"7d"}"#),
            &["`params.system[0].cache_control.ttl` is `\"7d\"`"],
        );
        check(
            "cache_control",
            r#"{"type":"ephemeral","ttl":3600}"#,
            &["`params.cache_control.ttl` is `3600`"],
        );
        check(
            "tools",
            r#"[{"name":"f","cache_control":[]}]"#,
            &["`params.tools[0].cache_control` is an empty array"],
        );
        let property = r#"[{"name":"f","input_schema":{"properties":{"cache_control":5}}}]"#;
        check("tools", property, &[]); // a property of that name is none of our business
    }
}
