//! The text that the API makes of tools, calls and results.
//!
//! Nobody published it; these forms are the ones whose tokens agree with what was recorded, nearly always to the
//! token. Line breaks between the parts are left to the constants, because a line break at the end of a text is
//! no token.

use batchwise_records::{Node, Object};

use crate::json_text::{Letters, spaced_json};

/// What the tags of calls and their parts begin with.
const NAMESPACE: &str = "antml:";

/// A tool as the model sees it: its description, name and input schema, with sorted keys. An empty description is
/// left out, and so is everything that only steers the API.
pub(crate) fn tool(tool: &Object<'_>, letters: Letters) -> String {
    let mut json = "{".to_owned();
    if let Some(description) = tool.get("description").filter(|text| text.as_str() != Some("")) {
        json.push_str(&format!("\"description\": {}, ", spaced_json(description, letters, true)));
    }
    let name = tool.get("name").unwrap_or(&Node::Null);
    json.push_str(&format!("\"name\": {}, \"parameters\": ", spaced_json(name, letters, true)));
    match tool.get("input_schema") {
        Some(schema) => json.push_str(&spaced_json(schema, letters, true)),
        None => json.push_str("{}"),
    }
    format!("<function>{json}}}</function>")
}

/// A call: strings as they are, every other value as JSON.
pub(crate) fn call(call: &Object<'_>, letters: Letters) -> String {
    let mut text = format!("<{NAMESPACE}invoke name=\"{}\">\n", name(call));
    for (key, value) in call.get("input").and_then(Node::as_object).into_iter().flat_map(Object::iter) {
        text.push_str(&format!("<{NAMESPACE}parameter name=\"{key}\">"));
        match value {
            Node::String(value) => text.push_str(value),
            other => text.push_str(&spaced_json(other, letters, false)),
        }
        text.push_str(&format!("</{NAMESPACE}parameter>\n"));
    }
    text.push_str(&format!("</{NAMESPACE}invoke>"));
    text
}

/// The name of a call.
pub(crate) fn name<'c>(call: &'c Object<'_>) -> &'c str {
    call.get("name").and_then(Node::as_str).unwrap_or_default()
}

/// The name of a call as it comes again with its result. The API takes up to 128 characters, so more of it is no
/// name of any tool.
pub(crate) fn short_name<'c>(call: &'c Object<'_>) -> &'c str {
    let name = name(call);
    name.char_indices().nth(128).map_or(name, |(end, _)| &name[..end])
}

/// The only result of a turn.
pub(crate) fn only_result(content: &str) -> String {
    format!("<function_results>{content}</function_results>")
}

/// One of several results of a turn.
pub(crate) fn one_of_several_results(name: &str, content: &str) -> String {
    format!("<result>\n<name>{name}</name>\n<output>{content}</output>\n</result>")
}

/// The texts of a result, one right after the other.
pub(crate) fn result_content(content: Option<&Node<'_>>) -> String {
    match content {
        Some(Node::String(text)) => text.to_string(),
        Some(Node::Array(blocks)) => {
            let texts =
                blocks.iter().filter(|block| block.get("type").and_then(Node::as_str) == Some("text"));
            texts.filter_map(|block| block.get("text").and_then(Node::as_str)).collect()
        }
        _ => String::new(),
    }
}

/// The text of a PDF page by page, without the blanks that only place it on the page.
pub(crate) fn page_text(text: &str) -> String {
    let lines = text.split('\n').map(|line| line.split_ascii_whitespace().collect::<Vec<_>>().join(" "));
    lines.collect::<Vec<_>>().join("\n")
}

/// In how many sentences, at least one, a document is cut so that they can be cited.
pub(crate) fn sentences(text: &str) -> u64 {
    let text = text.trim();
    let ends = |c: char| matches!(c, '.' | '!' | '?');
    let follows = |pair: &(char, char)| ends(pair.0) && pair.1.is_whitespace();
    text.chars().zip(text.chars().skip(1)).filter(follows).count() as u64 + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn with<R>(json: &str, render: impl Fn(&Object<'_>) -> R) -> R {
        let node: Node<'_> = serde_json::from_str(json).unwrap();
        render(node.as_object().unwrap())
    }

    #[test]
    fn tools_are_sorted_json() {
        let check = |json: &str, expected: &str| {
            assert_eq!(
                with(json, |object| tool(object, Letters::AsTheyAre)),
                format!("<function>{expected}</function>")
            );
        };
        check("{}", r#"{"name": null, "parameters": {}}"#);
        check(r#"{"name":"f","description":"","cache_control":{}}"#, r#"{"name": "f", "parameters": {}}"#);
        check(
            r#"{"name":"f","input_schema":{"type":"object","properties":{"b":{},"a":[1,2]}},"description":"é"}"#,
            r#"{"description": "é", "name": "f", "parameters": {"properties": {"a": [1, 2], "b": {}}, "type": "object"}}"#,
        );
    }

    #[test]
    fn calls_name_their_parameters() {
        let text =
            with(r#"{"name":"f","input":{"b":"x\ny","a":[1,"é"]}}"#, |object| call(object, Letters::Ascii));
        assert_eq!(
            text.replace(NAMESPACE, ""),
            "<invoke name=\"f\">\n<parameter name=\"b\">x\ny</parameter>\n\
             <parameter name=\"a\">[1, \"\\u00e9\"]</parameter>\n</invoke>"
        );
        assert_eq!(
            with("{}", |object| call(object, Letters::Ascii)).replace(NAMESPACE, ""),
            "<invoke name=\"\">\n</invoke>"
        );
    }

    #[test]
    fn results_join_their_texts() {
        let check = |json: &str, expected: &str| {
            let node: Node<'_> = serde_json::from_str(json).unwrap();
            assert_eq!(result_content(Some(&node)), expected);
        };
        check(r#""done""#, "done");
        check(
            r#"[{"type":"text","text":"a"},{"type":"image"},{"type":"text","text":"b"},{"type":"text"}]"#,
            "ab",
        );
        check("5", "");
        assert_eq!(result_content(None), "");
    }

    #[test]
    fn sentences_end_before_a_blank() {
        for (text, expected) in [
            ("", 1),
            ("One. Two.", 2),
            ("One. Two!\n\nThree? 3.5 is no end", 4),
            (" Still one.  ", 1),
            ("a.b.c", 1),
        ] {
            assert_eq!(sentences(text), expected, "{text}");
        }
    }

    #[test]
    fn blanks_within_a_line_are_one() {
        assert_eq!(page_text("  a   b \n\n c\t d\n"), "a b\n\nc d\n");
    }
}
