//! The loop one would write first, as a baseline: `serde_json::Value` for each line, every text through o200k_base,
//! tokens times price in floating point. One number without a range; nothing is checked, nothing becomes a batch.

use serde_json::Value;

/// Dollars for a million tokens. Which model has which price would take no time that could be measured.
const INPUT_RATE: f64 = 1.5;
const OUTPUT_RATE: f64 = 7.5;

/// What one request comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Quote {
    /// Tokens of all texts under `system`, `tools` and `messages`.
    pub tokens: usize,
    /// What they cost, with a reply of `max_tokens`.
    pub dollars: f64,
}

/// Quotes the request in `line`.
///
/// # Errors
/// When the line is no JSON.
pub fn quote(line: &str) -> Result<Quote, serde_json::Error> {
    let request: Value = serde_json::from_str(line)?;
    let params = &request["params"];
    let tokens = ["system", "tools", "messages"].iter().map(|part| tokens(&params[part])).sum();
    let reply = params["max_tokens"].as_f64().unwrap_or_default();
    Ok(Quote { tokens, dollars: (as_f64(tokens) * INPUT_RATE + reply * OUTPUT_RATE) / 1e6 })
}

fn tokens(value: &Value) -> usize {
    match value {
        Value::String(text) => tiktoken_rs::o200k_base_singleton().encode_ordinary(text).len(),
        Value::Array(values) => values.iter().map(tokens).sum(),
        Value::Object(members) => members.values().map(tokens).sum(),
        _ => 0,
    }
}

#[expect(clippy::cast_precision_loss, reason = "floating point is what makes this the straightforward way")]
fn as_f64(tokens: usize) -> f64 {
    tokens as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_the_reply_are_paid() {
        let line =
            r#"{"params":{"max_tokens":1000,"system":"hello world","messages":[{"content":"hello"}]}}"#;
        let actual = quote(line).unwrap();
        assert_eq!(actual.tokens, 3);
        assert!((actual.dollars - 0.007_504_5).abs() < 1e-12, "{}", actual.dollars);
        assert!(quote("{").is_err());
    }
}
