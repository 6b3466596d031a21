use std::borrow::Cow;

use batchwise_findings::Rule;

use crate::flaw::Flaws;
use crate::{FieldPath, Flaw, Node, Object, Trail, Where, custom_id, prompt};

/// A `max_tokens` above this is a slip, not a request: no model writes more than 300,000 tokens.
pub const MAX_TOKENS_MAX: u64 = 100_000_000;

/// One line of a request file: `{"custom_id": …, "params": {…}}`.
#[derive(Clone, Debug, PartialEq)]
pub struct Request<'a> {
    /// The user's name for the request, unique in the workload.
    pub custom_id: Cow<'a, str>,
    /// The model id as written.
    pub model: Cow<'a, str>,
    /// The cap on output tokens, at least 1.
    pub max_tokens: u64,
    /// The whole body of the Messages request. `messages` is an array.
    pub params: Object<'a>,
}

impl<'a> Request<'a> {
    /// Reads one line. Every flaw of the line is reported, not only the first.
    ///
    /// What is checked is the frame that the API checks when a batch is created (the two keys and the
    /// `custom_id`), and as much of `params` as a number rests on: `model`, `max_tokens`, the types of
    /// `messages`, `system` and `tools` and of the blocks in them, and `cache_control`.
    ///
    /// # Errors
    /// The flaws, at least one. Of a line with very many, the last only counts those left untold.
    pub fn parse(line: &'a [u8]) -> Result<Request<'a>, Vec<Flaw>> {
        let text = str::from_utf8(line).map_err(|error| vec![not_utf8(line, &error)])?;
        let node: Node<'a> = serde_json::from_str(text).map_err(|error| vec![not_json(text, &error)])?;
        let Node::Object(object) = node else {
            return Err(vec![not_an_object(&node)]);
        };
        let mut flaws = Flaws::default();
        find_repeated_keys(&object, &Trail::Top, &mut flaws);
        let request = read(object, &mut flaws);
        match request {
            Some(request) if flaws.is_empty() => Ok(request),
            _ => Err(flaws.into_vec()),
        }
    }
}

fn read<'a>(mut object: Object<'a>, flaws: &mut Flaws) -> Option<Request<'a>> {
    find_unknown_keys(&object, flaws);
    let custom_id = text_field(&object, FieldPath::keys(&["custom_id"]), flaws);
    if let Some(custom_id) = &custom_id {
        custom_id::check(custom_id, flaws);
    }
    let params = match object.remove("params") {
        Some(Node::Object(params)) => params,
        Some(other) => {
            let expected = "an object with `model`, `max_tokens` and `messages`";
            flaws.push(wrong_type(FieldPath::keys(&["params"]), &other, expected));
            return None;
        }
        None => {
            flaws.push(missing(FieldPath::default(), "params"));
            return None;
        }
    };
    let model = model(&params, flaws);
    let max_tokens = max_tokens(&params, flaws);
    prompt::check(&params, &Trail::Key(&Trail::Top, "params"), flaws);
    Some(Request { custom_id: custom_id?, model: model?, max_tokens: max_tokens?, params })
}

fn text_field<'a>(object: &Object<'a>, path: FieldPath, flaws: &mut Flaws) -> Option<Cow<'a, str>> {
    let Some(crate::Step::Key(key)) = path.0.last() else { return None };
    match object.get(key) {
        Some(Node::String(text)) => return Some(text.clone()),
        Some(other) => flaws.push(wrong_type(path, other, "a string")),
        None => flaws.push(missing(parent(&path), key)),
    }
    None
}

fn max_tokens(params: &Object<'_>, flaws: &mut Flaws) -> Option<u64> {
    let path = FieldPath::keys(&["params", "max_tokens"]);
    let Some(node) = params.get("max_tokens") else {
        flaws.push(missing(parent(&path), "max_tokens"));
        return None;
    };
    match node.as_u64() {
        Some(cap @ 1..=MAX_TOKENS_MAX) => return Some(cap),
        Some(0) => flaws.push(Flaw {
            rule: Rule::WrongValue,
            at: Where::Value(path),
            message: "`params.max_tokens` is 0, which a batch does not accept".to_owned(),
            help: Some("use at least 1".to_owned()),
        }),
        _ => flaws.push(wrong_type(path, node, "a whole number from 1 to 100000000")),
    }
    None
}

/// Longer than any model id; longer names would only flood what is printed.
const MODEL_CHARACTERS_MAX: usize = 256;

fn model<'a>(params: &Object<'a>, flaws: &mut Flaws) -> Option<Cow<'a, str>> {
    let path = FieldPath::keys(&["params", "model"]);
    let model = text_field(params, path.clone(), flaws)?;
    if model.chars().count() <= MODEL_CHARACTERS_MAX {
        return Some(model);
    }
    flaws.push(Flaw {
        rule: Rule::WrongValue,
        message: format!("`{path}` is {}, longer than any model's name", quoted(&model)),
        help: Some(format!("use the id of a model, at most {MODEL_CHARACTERS_MAX} characters")),
        at: Where::Value(path),
    });
    None
}

fn find_unknown_keys(object: &Object<'_>, flaws: &mut Flaws) {
    for (key, _) in object.iter().filter(|(key, _)| !matches!(*key, "custom_id" | "params")) {
        flaws.push(Flaw {
            rule: Rule::UnknownKey,
            at: Where::Key(FieldPath::keys(&[key])),
            message: format!("unknown key {}", quoted(key)),
            help: Some(way_out_of(key).to_owned()),
        });
    }
}

/// People often have a file of another kind; its keys tell which.
fn way_out_of(unknown_key: &str) -> &'static str {
    match unknown_key {
        "result" => "this looks like the results of a batch; a request has `custom_id` and `params`",
        "method" | "url" | "body" => {
            "this looks like another vendor's batch file; here the body of the request goes into `params`"
        }
        "requests" => {
            "this looks like a whole HTTP body; write each element of `requests` on a line of its own"
        }
        _ => "a line has only `custom_id` and `params`; what belongs to the request goes into `params`",
    }
}

/// Reports the first repeated key of each object. The depth is bounded by the JSON reader's own limit.
fn find_repeated_keys(object: &Object<'_>, trail: &Trail<'_>, flaws: &mut Flaws) {
    if let Some(key) = object.repeated_key() {
        flaws.push(Flaw {
            rule: Rule::DuplicateKey,
            at: Where::Key(trail.path().key(key)),
            message: format!("the key {} occurs twice in one object", quoted(key)),
            help: Some("remove one: JSON readers disagree about which of them counts".to_owned()),
        });
    }
    for (key, value) in object.iter() {
        find_repeated_keys_below(value, &Trail::Key(trail, key), flaws);
    }
}

fn find_repeated_keys_below(node: &Node<'_>, trail: &Trail<'_>, flaws: &mut Flaws) {
    match node {
        Node::Object(object) => find_repeated_keys(object, trail, flaws),
        Node::Array(elements) => {
            for (index, element) in elements.iter().enumerate() {
                find_repeated_keys_below(element, &Trail::Index(trail, index), flaws);
            }
        }
        _ => (),
    }
}

pub(crate) fn missing(parent: FieldPath, key: &str) -> Flaw {
    let full = parent.key(key);
    let at = if parent.0.is_empty() { Where::Line } else { Where::Key(parent) };
    Flaw {
        rule: Rule::MissingKey,
        at,
        message: format!("`{full}` is missing"),
        help: Some(format!("add `{key}`")),
    }
}

pub(crate) fn wrong_type(path: FieldPath, actual: &Node<'_>, expected: &str) -> Flaw {
    let value = match actual {
        Node::Array(elements) if elements.is_empty() => "an empty array".to_owned(),
        Node::Object(members) if members.is_empty() => "an empty object".to_owned(),
        Node::Array(_) | Node::Object(_) => actual.kind().to_owned(),
        scalar => quoted(&scalar.to_compact_json()),
    };
    Flaw {
        rule: Rule::WrongValue,
        message: format!("`{path}` is {value}"),
        help: Some(format!("it must be {expected}")),
        at: Where::Value(path),
    }
}

fn not_an_object(node: &Node<'_>) -> Flaw {
    Flaw {
        rule: Rule::NotAnObject,
        at: Where::Line,
        message: format!("the line is {}, not an object", node.kind()),
        help: Some("write one `{\"custom_id\": …, \"params\": {…}}` per line".to_owned()),
    }
}

fn not_utf8(line: &[u8], error: &std::str::Utf8Error) -> Flaw {
    let at = error.valid_up_to();
    let utf16 = line.starts_with(b"\xFF\xFE") || line.starts_with(b"\xFE\xFF");
    Flaw {
        rule: Rule::InvalidUtf8,
        at: Where::Byte(at),
        message: format!("byte 0x{:02X} is not UTF-8", line[at]),
        help: Some(
            if utf16 { "the file is UTF-16: save it as UTF-8" } else { "save the file as UTF-8" }.to_owned(),
        ),
    }
}

fn not_json(text: &str, error: &serde_json::Error) -> Flaw {
    let whole = error.to_string();
    let reason = whole.split(" at line ").next().unwrap_or(&whole);
    let (message, help) = match reason {
        _ if error.is_eof() => {
            (format!("the JSON ends too early: {reason}"), "write each request on one line of its own")
        }
        "recursion limit exceeded" => (
            "the JSON is nested more than 128 levels deep".to_owned(),
            "flatten it; no request needs that depth",
        ),
        "trailing characters" => (
            "something follows the JSON object".to_owned(),
            "write one request per line, with nothing behind it",
        ),
        reason if reason.contains("surrogate") || reason.contains("unexpected end of hex escape") => (
            format!("a \\u escape is half a character: {reason}"),
            "write the character itself, or both halves of the pair",
        ),
        reason => (format!("not JSON: {reason}"), "each line must be one JSON object"),
    };
    // The reader counts columns from 1 and may point one byte behind the end.
    let at = error.column().saturating_sub(1).min(text.len().saturating_sub(1));
    Flaw { rule: Rule::InvalidJson, at: Where::Byte(at), message, help: Some(help.to_owned()) }
}

/// A value in backquotes, cut to a length that a message can hold.
fn quoted(value: &str) -> String {
    let mut start: String = value.chars().take(40).collect();
    if start.len() < value.len() {
        start.push('…');
    }
    format!("`{start}`")
}

fn parent(path: &FieldPath) -> FieldPath {
    FieldPath(path.0[..path.0.len() - 1].to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARAMS: &str = r#"{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"hi"}]}"#;

    #[track_caller]
    fn check(line: &str, expected: &[(Rule, &str)]) {
        let flaws = Request::parse(line.as_bytes()).err().unwrap_or_default();
        let actual: Vec<(Rule, &str)> = flaws.iter().map(|flaw| (flaw.rule, flaw.message.as_str())).collect();
        assert_eq!(actual, expected, "{line}");
    }

    #[test]
    fn a_good_line_is_a_request() {
        let line = format!(r#"{{"custom_id":"a-1","params":{PARAMS}}}"#);
        let request = Request::parse(line.as_bytes()).unwrap();
        assert_eq!((&*request.custom_id, &*request.model, request.max_tokens), ("a-1", "m", 1));
    }

    #[test]
    fn every_flaw_of_a_line_is_reported() {
        check(
            r#"{"params":{}}"#,
            &[
                (Rule::MissingKey, "`custom_id` is missing"),
                (Rule::MissingKey, "`params.model` is missing"),
                (Rule::MissingKey, "`params.max_tokens` is missing"),
                (Rule::MissingKey, "`params.messages` is missing"),
            ],
        );
        check(
            r#"{"custom_id":7,"method":"POST","params":[]}"#,
            &[
                (Rule::UnknownKey, "unknown key `method`"),
                (Rule::WrongValue, "`custom_id` is `7`"),
                (Rule::WrongValue, "`params` is an empty array"),
            ],
        );
        check(
            r#"{"custom_id":"a","params":{"model":null,"max_tokens":-1,"messages":[]}}"#,
            &[
                (Rule::WrongValue, "`params.model` is `null`"),
                (Rule::WrongValue, "`params.max_tokens` is `-1`"),
                (Rule::WrongValue, "`params.messages` is an empty array"),
            ],
        );
        check(
            r#"{"custom_id":"a","params":{"model":"m","max_tokens":0,"messages":["hi"]}}"#,
            &[
                (Rule::WrongValue, "`params.max_tokens` is 0, which a batch does not accept"),
                (Rule::WrongValue, "`params.messages[0]` is `\"hi\"`"),
            ],
        );
        check(
            r#"{"custom_id":"a","params":{"model":"m","max_tokens":512.5,"messages":{}}}"#,
            &[
                (Rule::WrongValue, "`params.max_tokens` is `512.5`"),
                (Rule::WrongValue, "`params.messages` is an empty object"),
            ],
        );
    }

    #[test]
    fn custom_ids_follow_the_pattern() {
        let line = |id: &str| format!(r#"{{"custom_id":"{id}","params":{PARAMS}}}"#);
        check(&line(&"x".repeat(64)), &[]);
        check(&line(""), &[(Rule::CustomIdLength, "`custom_id` is empty")]);
        check(
            &line(&"x".repeat(65)),
            &[(Rule::CustomIdLength, "`custom_id` has 65 characters, 64 are allowed")],
        );
        check(&line("a b"), &[(Rule::CustomIdPattern, "`custom_id` holds ' '")]);
        check(&line("é"), &[(Rule::CustomIdPattern, "`custom_id` holds 'é'")]);
        check(&line("a\\u001b[31m"), &[(Rule::CustomIdPattern, "`custom_id` holds '\\u{1b}'")]);
    }

    #[test]
    fn repeated_keys_are_found_at_any_depth() {
        let line = r#"{"custom_id":"a","custom_id":"b","params":{"model":"m","max_tokens":1,"messages":[{"role":"user","role":"user","content":[{"a":1},{"b":1,"b":2}]}]}}"#;
        check(
            line,
            &[
                (Rule::DuplicateKey, "the key `custom_id` occurs twice in one object"),
                (Rule::DuplicateKey, "the key `role` occurs twice in one object"),
                (Rule::DuplicateKey, "the key `b` occurs twice in one object"),
            ],
        );
        let flaws = Request::parse(line.as_bytes()).unwrap_err();
        assert_eq!(
            flaws[2].at,
            Where::Key(FieldPath::keys(&["params", "messages"]).index(0).key("content").index(1).key("b"))
        );
    }

    #[test]
    fn broken_text_is_located() {
        check("[1]", &[(Rule::NotAnObject, "the line is an array, not an object")]);
        check(
            r#"{"custom_id":"a""#,
            &[(Rule::InvalidJson, "the JSON ends too early: EOF while parsing an object")],
        );
        check(r#"{"a":1} {"b":2}"#, &[(Rule::InvalidJson, "something follows the JSON object")]);
        check(r#"{"a":'x'}"#, &[(Rule::InvalidJson, "not JSON: expected value")]);
        check(
            r#"{"a":"\ud83d"}"#,
            &[(Rule::InvalidJson, "a \\u escape is half a character: unexpected end of hex escape")],
        );
        check(&"[".repeat(1000), &[(Rule::InvalidJson, "the JSON is nested more than 128 levels deep")]);
        let flaws = Request::parse(b"{\"a\":\"\xC3\"}").unwrap_err();
        assert_eq!((flaws[0].rule, flaws[0].message.as_str()), (Rule::InvalidUtf8, "byte 0xC3 is not UTF-8"));
        assert_eq!(flaws[0].at, Where::Byte(6));
        let flaws = Request::parse(br#"{"a":'x'}"#).unwrap_err();
        assert_eq!(flaws[0].at, Where::Byte(5));
    }
}
