/// A parameter that the Messages API has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name in `params`.
    pub name: &'static str,
    /// What it does to the input.
    pub input: ParameterInput,
    /// Whether it is known what a batch does with it.
    pub tried_in_batches: bool,
}

/// What a parameter does to the input beside what stands in the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterInput {
    /// Nothing: what it brings into the prompt, if anything, stands in the request.
    Shown,
    /// It refers to what is kept on the server, or lets it be changed there: what a thread holds, a summary costs, or skills
    /// and files of a container add is in no request.
    KeptElsewhere,
    /// Nobody here knows.
    Unclear,
}

use ParameterInput::{KeptElsewhere, Shown, Unclear};

/// All of them. Sources: requests that the API was recorded to accept (until 2026-11), and the parameters that
/// <https://platform.claude.com/docs/en/build-with-claude/batch-processing> (read 2026-08-14) and the official Python
/// client 2.11.0 (read 2026-11) name. Of the untried ones only the client tells.
pub const PARAMETERS: &[Parameter] = &[
    tried("model", Shown),
    tried("max_tokens", Shown),
    tried("messages", Shown),
    tried("system", Shown),
    tried("tools", Shown),
    tried("tool_choice", Shown),
    tried("thinking", Shown),
    tried("output_config", Shown),
    tried("output_format", Shown),
    tried("metadata", Shown),
    tried("stop_sequences", Shown),
    tried("temperature", Shown),
    tried("top_p", Shown),
    tried("top_k", Shown),
    tried("inference_geo", Shown),
    tried("cache_control", Shown),
    tried("context_management", Shown),
    tried("mcp_servers", Shown),
    tried("stream", Shown),
    tried("speed", Shown),
    tried("fallbacks", Shown),
    tried("fallback_credit_token", Shown),
    tried("user_profile_id", Unclear),
    tried("store", KeptElsewhere),
    tried("previous_thread_event_id", KeptElsewhere),
    tried("thread", KeptElsewhere),
    tried("cache_hint", Unclear),
    tried("context_hint", Unclear),
    tried("research_preview_2026_02", Unclear),
    untried("service_tier", Shown),
    untried("compaction", KeptElsewhere),
    untried("container", KeptElsewhere),
    untried("billing_policy", Unclear),
    untried("diagnostics", Unclear),
];

/// What is known of the parameter of that name; `None` where the API is not known to have it.
pub fn parameter(name: &str) -> Option<&'static Parameter> {
    PARAMETERS.iter().find(|parameter| parameter.name == name)
}

const fn tried(name: &'static str, input: ParameterInput) -> Parameter {
    Parameter { name, input, tried_in_batches: true }
}

const fn untried(name: &'static str, input: ParameterInput) -> Parameter {
    Parameter { name, input, tried_in_batches: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_stands_once() {
        for (index, one) in PARAMETERS.iter().enumerate() {
            assert_eq!(parameter(one.name), Some(one));
            assert!(PARAMETERS[..index].iter().all(|other| other.name != one.name), "{}", one.name);
        }
        assert_eq!(parameter("extra_body"), None);
    }
}
