use serde::{Deserialize, Serialize};

/// The path of the endpoint that counts the input tokens of one request. It is free.
pub const COUNT_TOKENS_PATH: &str = "/v1/messages/count_tokens";

/// The longest body that the endpoint takes.
/// Source: <https://platform.claude.com/docs/en/build-with-claude/token-counting>, read 2026-08-22: 32 MB.
pub const COUNT_TOKENS_BODY_BYTES_MAX: usize = 32_000_000;

/// The parameters of a Messages request that the endpoint takes, in the order in which they are sent. All
/// others (`max_tokens`, sampling, `stop_sequences`, `metadata`, `stream` and the like) are no input, and it
/// refuses them. `speed` is left out because batches refuse it.
/// Source: the official Python SDK 2.11.0, `message_count_tokens_params.py` and its beta twin; `output_format`,
/// the older form of `output_config.format`, from earlier versions.
const COUNTED: [&str; 13] = [
    "model",
    "system",
    "tools",
    "tool_choice",
    "messages",
    "thinking",
    "output_config",
    "output_format",
    "cache_control",
    "mcp_servers",
    "context_management",
    "compaction",
    "billing_policy",
];

/// The body that counts a request with these `params`: what the endpoint takes of them, in a fixed order and
/// without white space. What is inside a parameter stays in its order, on which the count may depend. Equal
/// bodies are equal questions.
pub fn count_tokens_body<'p, V: Serialize + 'p>(params: impl Iterator<Item = (&'p str, &'p V)>) -> Vec<u8> {
    let rank = |name: &str| COUNTED.iter().position(|counted| *counted == name);
    let mut counted: Vec<(usize, &str, &V)> =
        params.filter_map(|(name, value)| Some((rank(name)?, name, value))).collect();
    counted.sort_by_key(|(rank, ..)| *rank);
    let mut body = vec![b'{'];
    for (index, (_, name, value)) in counted.into_iter().enumerate() {
        if index > 0 {
            body.push(b',');
        }
        body.extend_from_slice(format!("\"{name}\":").as_bytes());
        serde_json::to_writer(&mut body, value).expect("what was read as JSON can be written as JSON");
    }
    body.push(b'}');
    body
}

/// What the endpoint answers.
#[derive(Deserialize)]
pub(crate) struct TokenCount {
    pub(crate) input_tokens: u64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn body(params: &Value) -> String {
        let members = params.as_object().unwrap().iter();
        String::from_utf8(count_tokens_body(members.map(|(name, value)| (name.as_str(), value)))).unwrap()
    }

    #[test]
    fn only_what_is_counted_is_sent_in_a_fixed_order() {
        let params = json!({
            "max_tokens": 5, "messages": [{"role": "user", "content": "hi"}], "metadata": {"user_id": "u"},
            "model": "m", "stop_sequences": ["x"], "stream": false, "temperature": 1, "top_k": 1, "top_p": 1,
            "system": "s", "inference_geo": "us", "service_tier": "auto",
        });
        let expected = r#"{"model":"m","system":"s","messages":[{"content":"hi","role":"user"}]}"#;
        assert_eq!(body(&params), expected);
        assert_eq!(body(&json!({})), "{}");
    }
}
