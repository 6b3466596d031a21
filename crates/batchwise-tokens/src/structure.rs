use crate::{Cost, Family};

/// What the parts of a request cost beside their texts: one table for each counter and family, because
/// the constants are fitted together with the counter's own factors.
///
/// All costs are tokens with their margin. Source, unless a field says otherwise: recorded observations of
/// the real API, evaluated 2026-11; see `docs/accuracy.md`.
#[derive(Clone, Copy, Debug)]
pub struct Structure {
    /// A request with one user message.
    pub frame: Cost,
    /// Each further message.
    pub further_message: Cost,
    /// Each tool of one's own, beside its JSON.
    pub tool: Cost,
    /// Each property at the top level of a tool's input schema.
    pub tool_property: Cost,
    /// Naming the tool in `tool_choice`, on top of the prompt for `any`.
    pub tool_named: Cost,
    /// The tool prompt under `auto`, on a model that does not publish it.
    pub tool_prompt_auto: Cost,
    /// The tool prompt under `any`, on a model that does not publish it.
    pub tool_prompt_any: Cost,
    /// By how many tokens a published tool prompt may be off either way.
    pub tool_prompt_slack: u64,
    /// Each `tool_use` of the history, beside its name and values.
    pub call: Cost,
    /// Each argument of such a call.
    pub call_argument: Cost,
    /// Each `tool_result`, beside its content.
    pub result: Cost,
    /// Thinking with a budget turned on.
    pub thinking_enabled: Cost,
    /// Adaptive thinking turned on.
    pub thinking_adaptive: Cost,
    /// A structured output, beside its schema.
    pub structured_output: Cost,
    /// Each document that is text, and each search result, beside its content and title.
    pub document: Cost,
    /// Citations turned on, once in a request.
    pub citations: Cost,
    /// Kept thinking, in thousandths of the text that is shown of it; what is shown may be a summary.
    pub thinking: Cost,
    /// Kept thinking that is not shown: thousandths of a token per byte of its signature.
    pub thinking_signature: Cost,
    /// Bytes of every signature that stand for no thinking.
    pub thinking_signature_bytes: u64,
    /// Each page of a PDF as a picture.
    pub pdf_page: Cost,
    /// The text of a PDF, in thousandths of the text that was extracted here.
    pub pdf_text: Cost,
    /// What a page may hold in text, when that could not be extracted.
    /// Source: <https://platform.claude.com/docs/en/build-with-claude/pdf-support>, read 2026-08-22.
    pub pdf_page_text: Cost,
    /// JSON of unknown meaning, in thousandths of its text.
    pub opaque: Cost,
    /// By how many tokens the sum may be off either way, however small the request is.
    pub slack: u64,
}

/// Constants of the older tokenizer, with [`Tiktoken`](crate::Tiktoken).
const TIKTOKEN_OLD: Structure = Structure {
    frame: Cost::exactly(7),
    further_message: Cost::exactly(3),
    tool: Cost::tokens(9, 11, 13),
    tool_property: Cost::milli(1_000, 1_800, 2_600),
    tool_named: Cost::milli(5_000, 5_500, 6_000),
    tool_prompt_auto: Cost::tokens(0, 496, 810),
    tool_prompt_any: Cost::tokens(0, 588, 810),
    tool_prompt_slack: 4,
    call: Cost::NONE,
    call_argument: Cost::tokens(10, 14, 18),
    result: Cost::tokens(35, 41, 47),
    thinking_enabled: Cost::tokens(28, 29, 30),
    thinking_adaptive: Cost::tokens(0, 0, 17),
    structured_output: Cost::tokens(60, 95, 130),
    document: Cost::tokens(22, 42, 55),
    citations: Cost::tokens(450, 515, 1_600),
    thinking: Cost::milli(900, 1_200, 1_700),
    thinking_signature: Cost::milli(0, 400, 800),
    thinking_signature_bytes: 280,
    pdf_page: Cost::tokens(1_571, 1_573, 1_575),
    pdf_text: Cost::milli(700, 1_050, 1_400),
    pdf_page_text: Cost::tokens(0, 1_500, 3_000),
    opaque: Cost::milli(0, 1_000, 2_000),
    slack: 3,
};

/// Constants of the newer tokenizer, with [`Tiktoken`](crate::Tiktoken).
const TIKTOKEN_NEW: Structure = Structure {
    frame: Cost::exactly(6),
    tool: Cost::tokens(1, 4, 8),
    tool_prompt_auto: Cost::tokens(0, 290, 810),
    tool_prompt_any: Cost::tokens(0, 410, 810),
    call_argument: Cost::tokens(25, 35, 45),
    result: Cost::tokens(0, 8, 24),
    thinking_enabled: Cost::tokens(0, 0, 30),
    thinking_adaptive: Cost::NONE,
    structured_output: Cost::tokens(120, 168, 215),
    document: Cost::tokens(26, 40, 55),
    citations: Cost::tokens(650, 755, 4_000),
    slack: 4,
    ..TIKTOKEN_OLD
};

impl Structure {
    /// The constants that go with [`Tiktoken`](crate::Tiktoken).
    pub fn for_tiktoken(family: Family) -> Structure {
        match family {
            Family::PreClaude47 => TIKTOKEN_OLD,
            Family::Claude47 => TIKTOKEN_NEW,
        }
    }

    /// The constants that go with [`ByteRatio`](crate::ByteRatio). They are the same: its margins are far
    /// wider than any difference between the two.
    pub fn for_byte_ratio(family: Family) -> Structure {
        Structure::for_tiktoken(family)
    }
}
