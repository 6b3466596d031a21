use serde::de::{Error, Unexpected};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// The path of the endpoint that counts the input tokens of one request. It is free.
pub const COUNT_TOKENS_PATH: &str = "/v1/messages/count_tokens";

/// The longest body that the endpoint takes.
/// Source: <https://platform.claude.com/docs/en/build-with-claude/token-counting>, read 2026-08-22: 32 MB.
pub const COUNT_TOKENS_BODY_BYTES_MAX: usize = 32_000_000;

/// The most input tokens that an answer may name; what names more is no answer.
///
/// The largest context window of 2026 has 1,000,000 tokens, and the longest body that is counted 32,000,000
/// bytes. A thousandfold of the one is far from anything that is true, and yet 10^10 such answers fit into a sum.
pub const COUNT_TOKENS_MAX: u64 = 1_000_000_000;

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

/// What is sent of an entry of `mcp_servers`. Its `authorization_token` is a secret that no count depends on.
const COUNTED_OF_MCP_SERVER: [&str; 4] = ["type", "name", "url", "tool_configuration"];

/// The body that counts a request with these `params`: what the endpoint takes of them, in a fixed order and
/// without white space. What is inside a parameter stays in its order, on which the count may depend; only
/// `mcp_servers` are cut down to what is no secret. Equal bodies are equal questions.
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
        write(name, value, &mut body).expect("what was read as JSON can be written as JSON");
    }
    body.push(b'}');
    body
}

fn write(name: &str, value: &impl Serialize, body: &mut Vec<u8>) -> serde_json::Result<()> {
    match name {
        "mcp_servers" => serde_json::to_writer(body, &without_secrets(serde_json::to_value(value)?)),
        _ => serde_json::to_writer(body, value),
    }
}

/// The MCP servers without anything of theirs that is not [`COUNTED_OF_MCP_SERVER`].
fn without_secrets(servers: Value) -> Value {
    match servers {
        Value::Array(servers) => servers.into_iter().map(without_secrets).collect(),
        Value::Object(mut server) => {
            server.retain(|name, _| COUNTED_OF_MCP_SERVER.contains(&name.as_str()));
            Value::Object(server)
        }
        // Not what the API takes: it may say so, but it need not see it.
        _ => Value::Null,
    }
}

/// What the endpoint answers.
#[derive(Deserialize)]
pub(crate) struct TokenCount {
    #[serde(deserialize_with = "credible")]
    pub(crate) input_tokens: u64,
}

/// A number of tokens that is not above [`COUNT_TOKENS_MAX`], and not none: the frame of a request counts too.
fn credible<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    match u64::deserialize(deserializer)? {
        tokens @ 1..=COUNT_TOKENS_MAX => Ok(tokens),
        tokens => Err(D::Error::invalid_value(Unexpected::Unsigned(tokens), &"a number of input tokens")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

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

    #[test]
    fn no_secret_of_an_mcp_server_is_sent() {
        let server = json!({
            "type": "url", "name": "n", "url": "https://mcp.example", "authorization_token": "secret",
            "headers": {"authorization": "secret"}, "tool_configuration": {"enabled": true},
        });
        let expected = r#"{"mcp_servers":[{"name":"n","tool_configuration":{"enabled":true},"type":"url","url":"https://mcp.example"}]}"#;
        assert_eq!(body(&json!({ "mcp_servers": [server] })), expected);
        for odd in [json!("secret"), json!({"authorization_token": "secret"}), json!([["secret"]])] {
            assert!(!body(&json!({ "mcp_servers": odd })).contains("secret"));
        }
    }

    #[test]
    fn a_count_that_cannot_be_true_is_none() {
        let read = |tokens: u64| {
            let answer = serde_json::from_value::<TokenCount>(json!({ "input_tokens": tokens }));
            answer.ok().map(|count| count.input_tokens)
        };
        assert_eq!((read(1), read(COUNT_TOKENS_MAX)), (Some(1), Some(COUNT_TOKENS_MAX)));
        for tokens in [0, COUNT_TOKENS_MAX + 1, u64::MAX] {
            assert_eq!(read(tokens), None);
        }
    }
}
