use serde::Deserialize;

/// What the API tells of a model. What it does not tell is absent: not zero, not no.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "Wire")]
pub struct ModelInfo {
    /// Its name in requests.
    pub id: String,
    /// Its name for people.
    pub display_name: Option<String>,
    /// Whether batches take it.
    pub batch_supported: Option<bool>,
    /// The most input tokens that a request may have.
    pub max_input_tokens: Option<u64>,
    /// The highest `max_tokens`.
    pub max_tokens: Option<u64>,
    /// `active`, `deprecated`, `retired`, or what the API calls it.
    pub lifecycle: Option<String>,
}

#[derive(Deserialize)]
struct Wire {
    id: String,
    display_name: Option<String>,
    max_input_tokens: Option<u64>,
    max_tokens: Option<u64>,
    lifecycle: Option<String>,
    capabilities: Option<Capabilities>,
}

#[derive(Deserialize)]
struct Capabilities {
    batch: Option<Capability>,
}

#[derive(Deserialize)]
struct Capability {
    supported: Option<bool>,
}

impl From<Wire> for ModelInfo {
    fn from(wire: Wire) -> ModelInfo {
        let batch = wire.capabilities.and_then(|capabilities| capabilities.batch);
        ModelInfo {
            id: wire.id,
            display_name: wire.display_name,
            batch_supported: batch.and_then(|batch| batch.supported),
            max_input_tokens: wire.max_input_tokens,
            max_tokens: wire.max_tokens,
            lifecycle: wire.lifecycle,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_model_can_do_may_be_unknown() {
        let supported = |capabilities: &str| {
            let text = format!(r#"{{"type":"model","id":"claude-a"{capabilities}}}"#);
            serde_json::from_str::<ModelInfo>(&text).unwrap().batch_supported
        };
        assert_eq!(supported(r#","capabilities":{"batch":{"supported":true}}"#), Some(true));
        assert_eq!(supported(r#","capabilities":{"batch":{"supported":false}}"#), Some(false));
        assert_eq!(supported(r#","capabilities":{"vision":{"supported":true}}"#), None);
        assert_eq!(supported(r#","capabilities":null"#), None);
        assert_eq!(supported(""), None);
    }
}
