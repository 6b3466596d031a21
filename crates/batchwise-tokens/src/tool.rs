use batchwise_records::{Node, Object};

/// Members of a tool that steer the API and are not shown to the model.
const NOT_SHOWN: [&str; 6] =
    ["cache_control", "type", "strict", "defer_loading", "allowed_callers", "eager_input_streaming"];

/// Members that the prompt of every recorded tool is made of.
const MEASURED: [&str; 3] = ["name", "description", "input_schema"];

/// The members of a tool that may be shown to the model in a way nobody has seen.
pub(crate) fn unmeasured<'t>(tool: &'t Object<'_>) -> impl Iterator<Item = &'t Node<'t>> {
    let shown = tool.iter().filter(|(key, _)| !NOT_SHOWN.contains(key) && !MEASURED.contains(key));
    shown.map(|(_, value)| value)
}

/// A tool as compact JSON, as far as the model sees it.
pub(crate) fn shown_json(tool: &Object<'_>) -> String {
    let mut json = "{".to_owned();
    for (key, value) in tool.iter().filter(|(key, _)| !NOT_SHOWN.contains(key)) {
        if json.len() > 1 {
            json.push(',');
        }
        json.push_str(&Node::String(key.into()).to_compact_json());
        json.push(':');
        json.push_str(&value.to_compact_json());
    }
    json.push('}');
    json
}

/// How many properties a tool's input has at the top level.
pub(crate) fn properties(tool: &Object<'_>) -> u64 {
    let properties = tool.get("input_schema").and_then(|schema| schema.get("properties"));
    properties.and_then(Node::as_object).map_or(0, |properties| properties.len() as u64)
}

/// The name and the values of a call, one on each line.
pub(crate) fn call_text(call: &Object<'_>) -> String {
    let mut text = call.get("name").and_then(Node::as_str).unwrap_or_default().to_owned();
    let mut push = |value: &Node<'_>| {
        text.push('\n');
        match value {
            Node::String(value) => text.push_str(value),
            other => text.push_str(&other.to_compact_json()),
        }
    };
    match call.get("input") {
        Some(Node::Object(input)) => input.iter().for_each(|(_, value)| push(value)),
        Some(other) => push(other),
        None => (),
    }
    text
}

/// How many arguments a call has.
pub(crate) fn arguments(call: &Object<'_>) -> u64 {
    call.get("input").and_then(Node::as_object).map_or(0, |input| input.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(json: &str, shown: &str, properties_expected: u64, call: &str) {
        let node: Node<'_> = serde_json::from_str(json).unwrap();
        let object = node.as_object().unwrap();
        assert_eq!(shown_json(object), shown);
        assert_eq!(properties(object), properties_expected);
        assert_eq!(call_text(object), call);
    }

    #[test]
    fn tools_and_calls_are_read() {
        check("{}", "{}", 0, "");
        check(
            r#"{"type":"custom","name":"a\"b","input_schema":{"properties":{"x":{},"y":{}}},"cache_control":{}}"#,
            r#"{"name":"a\"b","input_schema":{"properties":{"x":{},"y":{}}}}"#,
            2,
            "a\"b",
        );
        check(
            r#"{"name":"f","input":{"x":1,"y":"two\n","z":[3]}}"#,
            r#"{"name":"f","input":{"x":1,"y":"two\n","z":[3]}}"#,
            0,
            "f\n1\ntwo\n\n[3]",
        );
        check(r#"{"input":5,"input_schema":7}"#, r#"{"input":5,"input_schema":7}"#, 0, "\n5");
    }
}
