use std::io::{self, Write};

use serde::Serialize;

use crate::{Reference, ResultRow};

/// What stands before the result.
#[derive(Serialize)]
struct Opening<'r> {
    custom_id: &'r str,
    input: &'r str,
    line: u64,
    batch: u32,
}

/// Writes a row with where its request stands, as one line of JSON: `custom_id`, `input`, `line`, `batch`, and `result`
/// byte for byte as it was received.
///
/// # Errors
/// Those of `out`.
pub fn write_joined(out: &mut dyn Write, at: &Reference<'_>, row: &ResultRow<'_>) -> io::Result<()> {
    let Reference { input, line, batch } = *at;
    let opening = serde_json::to_string(&Opening { custom_id: &row.custom_id, input, line, batch })?;
    let opening = opening.strip_suffix('}').expect("it is an object");
    writeln!(out, "{opening},\"result\":{}}}", row.outcome.result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_result_stays_as_it_is() {
        let line = "{ \"result\":{ \"type\": \"expired\" , \"x\":1.0 }, \"custom_id\":\"a\" }\n";
        let row = ResultRow::read(line.as_bytes()).unwrap();
        let mut out = Vec::new();
        write_joined(&mut out, &Reference { input: "my \"a\".jsonl", line: 7, batch: 2 }, &row).unwrap();
        let joined = r#"{"custom_id":"a","input":"my \"a\".jsonl","line":7,"batch":2,"result":{ "type": "expired" , "x":1.0 }}"#;
        assert_eq!(String::from_utf8(out).unwrap(), format!("{joined}\n"));
    }
}
