use batchwise_records::Node;

use crate::row_error::tree;
use crate::{OutcomeKind, Reference, ResultRow, RowError};

/// The columns of a flattened row.
pub const COLUMNS: [&str; 19] = [
    "input",
    "line",
    "batch",
    "custom_id",
    "result",
    "stop_reason",
    "model",
    "service_tier",
    "input_tokens",
    "cache_creation_5m_tokens",
    "cache_creation_1h_tokens",
    "cache_read_tokens",
    "output_tokens",
    "thinking_tokens",
    "web_search_requests",
    "text",
    "error_type",
    "error_message",
    "request_id",
];

/// A row as cells of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flat {
    /// One for each of [`COLUMNS`]. What the row does not say is empty, never a zero.
    pub cells: [String; COLUMNS.len()],
    /// The columns of counts that should be there and cannot be read: they are empty.
    pub unreadable: Vec<&'static str>,
}

/// Makes one record of a row. No cell is a formula to a spreadsheet ([`plain_cell`]); a `custom_id` that the API takes has no
/// letters to make one of.
pub fn flatten(at: &Reference<'_>, row: &ResultRow<'_>) -> Flat {
    let outcome = &row.outcome;
    let tree = tree(outcome).unwrap_or(Node::Null);
    let message = tree.get("message").unwrap_or(&Node::Null);
    let text_of = |key| plain_cell(message.get(key).and_then(Node::as_str).unwrap_or_default());
    let usage = message.get("usage").unwrap_or(&Node::Null);
    let counts = Counts::of(usage, outcome.kind == OutcomeKind::Succeeded);
    let error = RowError::of(outcome);
    let [input_tokens, written_5m, written_1h, read, output_tokens, thinking, searches] = counts.cells;
    let cells = [
        plain_cell(at.input),
        at.line.to_string(),
        at.batch.to_string(),
        row.custom_id.clone().into_owned(),
        plain_cell(&outcome.name),
        text_of("stop_reason"),
        text_of("model"),
        plain_cell(usage.get("service_tier").and_then(Node::as_str).unwrap_or_default()),
        input_tokens,
        written_5m,
        written_1h,
        read,
        output_tokens,
        thinking,
        searches,
        plain_cell(&text_blocks(message)),
        plain_cell(&error.kind),
        plain_cell(&error.message),
        plain_cell(error.request_id.as_deref().unwrap_or_default()),
    ];
    Flat { cells, unreadable: counts.unreadable }
}

/// A text that no spreadsheet takes for a formula: where it begins like one, an apostrophe goes ahead.
pub fn plain_cell(text: &str) -> String {
    let formula = ['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];
    if text.starts_with(formula) { format!("'{text}") } else { text.to_owned() }
}

/// All text of a reply. Blocks that follow one another are one text, as a reply with citations comes; where another block is
/// between them, a new line begins.
fn text_blocks(message: &Node<'_>) -> String {
    let mut text = String::new();
    let mut is_apart = false;
    for block in message.get("content").and_then(Node::as_array).unwrap_or_default() {
        match block.get("type").and_then(Node::as_str) {
            Some("text") => {
                if is_apart && !text.is_empty() {
                    text.push('\n');
                }
                text.push_str(block.get("text").and_then(Node::as_str).unwrap_or_default());
                is_apart = false;
            }
            _ => is_apart = true,
        }
    }
    text
}

/// The counts of a reply's usage.
struct Counts {
    cells: [String; 7],
    unreadable: Vec<&'static str>,
}

impl Counts {
    fn of(usage: &Node<'_>, is_reply: bool) -> Counts {
        let total = field(usage.get("cache_creation_input_tokens"));
        let written = usage.get("cache_creation").filter(|parts| **parts != Node::Null);
        let parts = match written {
            Some(parts) => {
                ["ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens"].map(|key| field(parts.get(key)))
            }
            // Of nothing, both parts are nothing; of something, nobody knows.
            None => {
                [if matches!(total, Field::Is(0) | Field::Absent) { total } else { Field::Unreadable }; 2]
            }
        };
        let required =
            |field: Field| if is_reply && field == Field::Absent { Field::Unreadable } else { field };
        let fields = [
            ("input_tokens", required(field(usage.get("input_tokens")))),
            ("cache_creation_5m_tokens", agreeing(parts, total)[0]),
            ("cache_creation_1h_tokens", agreeing(parts, total)[1]),
            ("cache_read_tokens", field(usage.get("cache_read_input_tokens"))),
            ("output_tokens", required(field(usage.get("output_tokens")))),
            ("thinking_tokens", field(inside(usage, "output_tokens_details", "thinking_tokens"))),
            ("web_search_requests", field(inside(usage, "server_tool_use", "web_search_requests"))),
        ];
        let unreadable = fields.iter().filter(|(_, field)| *field == Field::Unreadable);
        Counts {
            unreadable: unreadable.map(|(column, _)| *column).collect(),
            cells: fields.map(|(_, field)| match field {
                Field::Is(count) => count.to_string(),
                Field::Absent | Field::Unreadable => String::new(),
            }),
        }
    }
}

/// What stands in the place of a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Is(u64),
    Absent,
    Unreadable,
}

fn field(node: Option<&Node<'_>>) -> Field {
    match node {
        None | Some(Node::Null) => Field::Absent,
        Some(node) => node.as_u64().map_or(Field::Unreadable, Field::Is),
    }
}

/// The two parts of what was written, unless they contradict the total.
fn agreeing(parts: [Field; 2], total: Field) -> [Field; 2] {
    match (parts, total) {
        ([Field::Is(one), Field::Is(two)], Field::Is(total)) if one.checked_add(two) != Some(total) => {
            [Field::Unreadable; 2]
        }
        _ => parts,
    }
}

fn inside<'n>(usage: &'n Node<'n>, object: &str, key: &str) -> Option<&'n Node<'n>> {
    usage.get(object).and_then(|object| object.get(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The cells that are not empty, by column, and what cannot be read.
    fn flat(result: &str) -> (Vec<(&'static str, String)>, Vec<&'static str>) {
        let line = format!("{{\"custom_id\":\"a\",\"result\":{result}}}\n");
        let row = ResultRow::read(line.as_bytes()).unwrap();
        let Flat { cells, unreadable } = flatten(&Reference { input: "in.jsonl", line: 7, batch: 2 }, &row);
        let cells = COLUMNS.into_iter().zip(cells).skip(4).filter(|(_, cell)| !cell.is_empty());
        (cells.collect(), unreadable)
    }

    fn usage(usage: &str) -> (Vec<(&'static str, String)>, Vec<&'static str>) {
        let (mut cells, unreadable) =
            flat(&format!(r#"{{"type":"succeeded","message":{{"usage":{usage}}}}}"#));
        cells.remove(0);
        (cells, unreadable)
    }

    #[test]
    fn a_recorded_reply_becomes_cells() {
        let (cells, unreadable) = flat(
            r#"{"type":"succeeded","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-haiku-4-5-20251001","content":[{"type":"text","text":"1"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":16,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"output_tokens":5,"service_tier":"batch","inference_geo":"not_available"}}}"#,
        );
        let wanted = [
            ("result", "succeeded"),
            ("stop_reason", "end_turn"),
            ("model", "claude-haiku-4-5-20251001"),
            ("service_tier", "batch"),
            ("input_tokens", "16"),
            ("cache_creation_5m_tokens", "0"),
            ("cache_creation_1h_tokens", "0"),
            ("cache_read_tokens", "0"),
            ("output_tokens", "5"),
            ("text", "1"),
        ];
        assert_eq!(cells, wanted.map(|(column, cell)| (column, cell.to_owned())));
        assert_eq!(unreadable, [""; 0]);
    }

    #[test]
    fn a_recorded_error_becomes_cells() {
        let (cells, unreadable) = flat(
            r#"{"type":"errored","error":{"type":"error","error":{"details":{"error_visibility":"user_facing"},"type":"invalid_request_error","message":"=Unable"},"request_id":"workerreq_1"}}"#,
        );
        let wanted = [
            ("result", "errored"),
            ("error_type", "invalid_request_error"),
            ("error_message", "'=Unable"),
            ("request_id", "workerreq_1"),
        ];
        assert_eq!(cells, wanted.map(|(column, cell)| (column, cell.to_owned())));
        assert_eq!(unreadable, [""; 0]);
    }

    #[test]
    fn what_cannot_be_read_is_no_zero() {
        let in_and_out = r#""input_tokens":1,"output_tokens":2"#;
        let unreadable = |more: &str| usage(&format!("{{{in_and_out}{more}}}")).1;
        assert_eq!(usage("null"), (vec![], vec!["input_tokens", "output_tokens"]));
        assert_eq!(usage(r#"{"input_tokens":-1,"output_tokens":"2"}"#).1, ["input_tokens", "output_tokens"]);
        assert_eq!(unreadable(""), [""; 0]);
        assert_eq!(unreadable(r#","cache_read_input_tokens":1.5"#), ["cache_read_tokens"]);
        let both = ["cache_creation_5m_tokens", "cache_creation_1h_tokens"];
        assert_eq!(unreadable(r#","cache_creation_input_tokens":9"#), both);
        let parts = r#","cache_creation":{"ephemeral_5m_input_tokens":4,"ephemeral_1h_input_tokens":4}"#;
        assert_eq!(unreadable(&format!(r#","cache_creation_input_tokens":9{parts}"#)), both);
        assert_eq!(unreadable(&format!(r#","cache_creation_input_tokens":8{parts}"#)), [""; 0]);
        let (cells, _) =
            usage(&format!(r#"{{{in_and_out},"cache_creation_input_tokens":0,"cache_creation":null}}"#));
        assert_eq!(cells[1..3], both.map(|column| (column, "0".to_owned())));
    }

    #[test]
    fn texts_are_put_together() {
        let content = |blocks: &str| {
            let node = format!(r#"{{"content":[{blocks}]}}"#);
            text_blocks(&serde_json::from_str::<Node<'_>>(&node).unwrap())
        };
        let [a, b, tool] = [
            r#"{"type":"text","text":"a"}"#,
            r#"{"type":"text","text":"b"}"#,
            r#"{"type":"tool_use","input":{}}"#,
        ];
        assert_eq!(content(&[a, b].join(",")), "ab");
        assert_eq!(content(&[a, tool, b, tool].join(",")), "a\nb");
        assert_eq!(content(&[tool, b].join(",")), "b");
        assert_eq!(content(tool), "");
    }

    #[test]
    fn no_cell_is_a_formula() {
        for text in ["=1", "+1", "-1", "@A1", "\t=1", "\r=1", "\n=1", "＝1"] {
            assert_eq!(plain_cell(text), format!("'{text}"));
        }
        assert_eq!([plain_cell(""), plain_cell("a=1")], ["", "a=1"]);
    }
}
