//! Which parameters of a request decide from where on a cached prompt is of no use to another request.
//!
//! Source: <https://platform.claude.com/docs/en/build-with-claude/prompt-caching>, read 2026-08-22, which names what
//! invalidates what: tool definitions everything; web search, citations and `speed` the system prompt and the messages;
//! `tool_choice` and images the messages; thinking and effort the messages and, on some models, the tools and the
//! system prompt too; the format of structured output likewise. Which models is not said, so it is all of them here.

/// What everything depends on. That a prompt processed in one region cannot be read in another is not documented, but
/// neither is that it can.
pub(crate) const FIRST: &[&str] = &["inference_geo", "thinking", "output_config", "output_format"];

/// What the system prompt and the messages depend on, beside whether anything may be cited. Web search is a tool, and
/// everything depends on the tools already.
pub(crate) const AFTER_TOOLS: &[&str] = &["speed"];

/// What the messages depend on, beside whether there are images.
pub(crate) const BEFORE_MESSAGES: &[&str] = &["tool_choice"];

/// What is part of the prompt itself, or nothing the cache is said to look at. On every other parameter everything
/// depends.
const ELSEWHERE: &[&str] = &[
    "model",
    "tools",
    "system",
    "messages",
    "cache_control",
    "max_tokens",
    "metadata",
    "service_tier",
    "stop_sequences",
    "stream",
    "temperature",
    "top_k",
    "top_p",
];

/// Whether nobody knows what a parameter does to the cache.
pub(crate) fn is_obscure(parameter: &str) -> bool {
    [FIRST, AFTER_TOOLS, BEFORE_MESSAGES, ELSEWHERE].iter().all(|known| !known.contains(&parameter))
}
