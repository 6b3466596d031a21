//! Parameters by what they add to the input beside what the request itself shows.

use super::*;

/// What these bring into the prompt stands in the request, and the rest of the walk counts it; others bring nothing.
///
/// Sources: requests that the API was recorded to accept (until 2026-11) and the parameters that
/// <https://platform.claude.com/docs/en/build-with-claude/batch-processing> (read 2026-08-14) and the official Python
/// client 2.11.0 (read 2026-11) name.
const SHOWN: &[&str] = &[
    "model",
    "max_tokens",
    "messages",
    "system",
    "tools",
    "tool_choice",
    "thinking",
    "output_config",
    "output_format",
    "metadata",
    "stop_sequences",
    "temperature",
    "top_p",
    "top_k",
    "inference_geo",
    "service_tier",
    "cache_control",
    "context_management",
    "mcp_servers",
    "stream",
    "speed",
    "fallbacks",
    "fallback_credit_token",
];

/// These refer to what is kept on the server, or let it be changed there. What a thread holds, a summary costs, or skills
/// and files of a container add is in no request.
///
/// Source: the official Python client 2.11.0, read 2026-11.
const KEPT_ELSEWHERE: &[&str] = &["thread", "previous_thread_event_id", "store", "compaction", "container"];

impl Walk<'_> {
    /// Silence is no bound: a parameter that nobody knows may add anything.
    pub(super) fn parameters(&mut self, params: &Object<'_>) {
        for (name, value) in params.iter().filter(|(name, _)| !SHOWN.contains(name)) {
            let off = KEPT_ELSEWHERE.contains(&name) && *value == Node::Bool(false);
            if off || *value == Node::Null {
                continue;
            }
            self.bounded = false;
            self.assume(match KEPT_ELSEWHERE.contains(&name) {
                true => Assumption::ServerState,
                false => Assumption::ParameterUnknown,
            });
        }
    }
}
