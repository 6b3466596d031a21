//! What kind of file it is, before any of it is believed.

use batchwise_records::Node;

use super::PlanReadError;
use crate::SCHEMA;

const USE_A_PLAN: &str = "give a file that `batchwise plan -o plan.json` wrote";
const MAKE_A_PLAN: &str = "make a plan of it first, with `batchwise plan FILE -o plan.json`";

/// The file as text, without a byte order mark.
pub(super) fn text(bytes: &[u8]) -> Result<&str, PlanReadError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let what = match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
            "it is UTF-16, as some shells write what is redirected with `>`"
        }
        _ => match std::str::from_utf8(bytes) {
            Ok(text) if text.trim_ascii().is_empty() => "it is empty",
            Ok(text) => return Ok(text),
            Err(_) => "it is not UTF-8",
        },
    };
    Err(PlanReadError::NotJson { what: what.to_owned() })
}

/// What to say about a text that is not one JSON value. The first line tells what it may be instead.
pub(super) fn not_json(text: &str, error: &serde_json::Error) -> PlanReadError {
    let first = text.lines().find(|line| !line.trim_ascii().is_empty()).unwrap_or_default();
    let first: Option<Node<'_>> = serde_json::from_str(first).ok();
    if let Some((what, way_out)) = first.as_ref().and_then(rows) {
        return PlanReadError::NotAPlan { what: what.to_owned(), way_out };
    }
    let (line, column) = (error.line(), error.column());
    let what = match error.is_eof() {
        true => format!("it ends in the middle, at line {line}, column {column}"),
        false => format!("it is not JSON from line {line}, column {column} on"),
    };
    PlanReadError::NotJson { what }
}

/// That it says of itself that it is a plan of our version.
pub(super) fn check(node: &Node<'_>) -> Result<(), PlanReadError> {
    let not_a_plan = |what: &str, way_out| Err(PlanReadError::NotAPlan { what: what.to_owned(), way_out });
    let Some(schema) = node.get("schema").and_then(Node::as_str) else {
        let (what, way_out) = rows(node).unwrap_or_else(|| (kind(node), USE_A_PLAN));
        return not_a_plan(what, way_out);
    };
    let (name, version) = schema.rsplit_once('/').unwrap_or((schema, ""));
    match name {
        _ if schema == SCHEMA => Ok(()),
        "batchwise.plan" if version.parse().is_ok_and(|version: u64| version > 1) => {
            Err(PlanReadError::Newer { schema: schema.to_owned() })
        }
        "batchwise.check" => not_a_plan("a check report", USE_A_PLAN),
        "batchwise.diff" => not_a_plan("a difference of two plans", USE_A_PLAN),
        "batchwise.count" | "batchwise.count-text" => not_a_plan("a count without prices", USE_A_PLAN),
        _ if name.starts_with("batchwise.") && name != "batchwise.plan" => {
            not_a_plan("another report of batchwise", USE_A_PLAN)
        }
        _ => not_a_plan("JSON of an unknown `schema`", USE_A_PLAN),
    }
}

/// What a row of a JSONL file is a row of.
fn rows(node: &Node<'_>) -> Option<(&'static str, &'static str)> {
    let has = |key| node.get(key).is_some();
    match () {
        () if has("custom_id") && has("params") => Some(("a file of requests", MAKE_A_PLAN)),
        () if has("custom_id") && has("result") => Some(("a file of results", USE_A_PLAN)),
        () if has("custom_id") && has("cost") => Some(("the rows of `batchwise estimate`", USE_A_PLAN)),
        () => None,
    }
}

fn kind(node: &Node<'_>) -> &'static str {
    match node {
        Node::Object(_) if node.get("requests").is_some_and(|requests| requests.as_array().is_some()) => {
            "the body of a batch"
        }
        Node::Object(_) if node.get("runs").is_some() => "a SARIF report",
        Node::Object(_) => "JSON without a `schema`",
        _ => node.kind(),
    }
}
