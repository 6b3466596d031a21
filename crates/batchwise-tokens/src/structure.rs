use crate::json_text::Letters;
use crate::server_side::parallel_discount;
use crate::{Allowance, Cost, Family, ModelTraits, RequestKind};

/// How tools, calls and results become text before they are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rendering {
    /// As compact JSON and bare values; what the API adds to them is left to the constants.
    Compact,
    /// As the API writes them into the prompt.
    Prompt(Letters),
}

/// What becomes of thinking of earlier turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EarlierThinking {
    /// It stays in the prompt.
    Kept,
    /// The API takes it out.
    Dropped,
    /// One or the other.
    Unknown,
}

/// What the parts of a request cost beside their texts: one table for each counter and family, because
/// the constants are fitted together with the counter's own factors.
///
/// All costs are tokens with their margin. Source, unless a field says otherwise: recorded observations of
/// the real API, evaluated 2026-11; see `docs/accuracy.md`.
#[derive(Clone, Copy, Debug)]
pub struct Structure {
    /// How tools, calls, results and schemas are written before they are counted.
    pub rendering: Rendering,
    /// A request with one user message.
    pub frame: Cost,
    /// Whether the frame of [`ModelTraits`] takes the place of that one.
    pub frame_of_model: bool,
    /// Each further message that starts a turn.
    pub further_message: Cost,
    /// Each message of the same role as the one before it, with which the API joins it.
    pub merged_message: Cost,
    /// The same where both hold tool results.
    pub merged_results: Cost,
    /// Each system message among the others.
    pub system_message: Cost,
    /// A last message of the assistant, which the reply continues.
    pub prefill: Cost,
    /// A first message of the assistant, before which the API sets one of the user.
    pub assistant_first: Cost,
    /// A system prompt, beside its text.
    pub system: Cost,
    /// A system prompt beside tools.
    pub system_with_tools: Cost,
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
    /// What `disable_parallel_tool_use` takes off the tool prompt under `auto`.
    pub single_call_auto: Cost,
    /// What it takes off under `any` and `tool`.
    pub single_call_forced: Cost,
    /// Each message with calls, once.
    pub calls: Cost,
    /// Each `tool_use` of the history, beside its name and values.
    pub call: Cost,
    /// Each argument of such a call.
    pub call_argument: Cost,
    /// Each `tool_result`, beside its content.
    pub result: Cost,
    /// How many tokens fewer than its text with its tags the only result of a turn is.
    pub only_result_saves: u64,
    /// A turn with several results, once.
    pub several_results: Cost,
    /// A result that says it is an error.
    pub result_error: Cost,
    /// Each image in a result, beside the image itself.
    pub result_image: Cost,
    /// Anything else than results in a message that begins with results.
    pub after_results: Cost,
    /// Thinking with a budget turned on.
    pub thinking_enabled: Cost,
    /// Adaptive thinking turned on.
    pub thinking_adaptive: Cost,
    /// A structured output, beside its schema.
    pub structured_output: Cost,
    /// Each document that is text, beside its content and title.
    pub document: Cost,
    /// Each title and each context of a document, beside its text.
    pub document_title: Cost,
    /// Each search result, beside its texts.
    pub search_result: Cost,
    /// Citations turned on, once in a request.
    pub citations: Cost,
    /// Each sentence that can be cited.
    pub cited_sentence: Cost,
    /// What becomes of thinking of earlier turns.
    pub earlier_thinking: EarlierThinking,
    /// Each block of kept thinking, beside its text.
    pub thinking_block: Cost,
    /// Kept thinking under a thinking budget, in thousandths of the text that is shown of it.
    pub thinking: Cost,
    /// The same otherwise, when what is shown may be a summary.
    pub thinking_summary: Cost,
    /// Kept thinking that is not shown: thousandths of a token per byte of its signature.
    pub thinking_signature: Cost,
    /// Bytes of every signature that stand for no thinking.
    pub thinking_signature_bytes: u64,
    /// Each image, beside its patches.
    pub image: Cost,
    /// Each page of a PDF as a picture.
    pub pdf_page: Cost,
    /// The text of a PDF, in thousandths of the text that was extracted here.
    pub pdf_text: Cost,
    /// What a page may hold in text, when that could not be extracted.
    /// Source: <https://platform.claude.com/docs/en/build-with-claude/pdf-support>, read 2026-08-22.
    pub pdf_page_text: Cost,
    /// JSON of unknown meaning, in thousandths of its text.
    pub opaque: Cost,
    /// The end of a reply that ends by itself, in output tokens.
    pub reply_end: Cost,
    /// How far the whole sum may be off, by [`RequestKind`]: what the margins of the single costs leave out.
    pub allowances: [Allowance; RequestKind::ALL.len()],
}

/// Constants of the older tokenizer, with [`Tiktoken`](crate::Tiktoken).
const TIKTOKEN_OLD: Structure = Structure {
    rendering: Rendering::Compact,
    frame: Cost::exactly(7),
    frame_of_model: true,
    further_message: Cost::exactly(3),
    merged_message: Cost::exactly(3),
    merged_results: Cost::exactly(3),
    system_message: Cost::exactly(3),
    prefill: Cost::exactly(3),
    assistant_first: Cost::NONE,
    system: Cost::NONE,
    system_with_tools: Cost::NONE,
    tool: Cost::tokens(9, 11, 13),
    tool_property: Cost::milli(1_000, 1_800, 2_600),
    tool_named: Cost::milli(5_000, 5_500, 6_000),
    tool_prompt_auto: Cost::tokens(0, 496, 810),
    tool_prompt_any: Cost::tokens(0, 588, 810),
    tool_prompt_slack: 4,
    single_call_auto: Cost::NONE,
    single_call_forced: Cost::NONE,
    calls: Cost::NONE,
    call: Cost::NONE,
    call_argument: Cost::tokens(10, 14, 18),
    result: Cost::tokens(35, 41, 47),
    only_result_saves: 0,
    several_results: Cost::NONE,
    result_error: Cost::NONE,
    result_image: Cost::NONE,
    after_results: Cost::NONE,
    thinking_enabled: Cost::tokens(28, 29, 30),
    thinking_adaptive: Cost::tokens(0, 0, 17),
    structured_output: Cost::tokens(60, 95, 130),
    document: Cost::tokens(22, 42, 55),
    document_title: Cost::NONE,
    search_result: Cost::tokens(22, 42, 55),
    citations: Cost::tokens(450, 515, 1_600),
    cited_sentence: Cost::NONE,
    earlier_thinking: EarlierThinking::Unknown,
    thinking_block: Cost::NONE,
    thinking: Cost::milli(900, 1_200, 1_700),
    thinking_summary: Cost::milli(900, 1_200, 1_700),
    thinking_signature: Cost::milli(0, 400, 800),
    thinking_signature_bytes: 280,
    image: Cost::tokens(0, 3, 6),
    pdf_page: Cost::tokens(1_571, 1_573, 1_575),
    pdf_text: Cost::milli(700, 1_050, 1_400),
    pdf_page_text: Cost::tokens(0, 1_500, 3_000),
    opaque: Cost::milli(0, 1_000, 2_000),
    reply_end: Cost::exactly(3),
    allowances: [Allowance::tokens(3); RequestKind::ALL.len()],
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
    search_result: Cost::tokens(26, 40, 55),
    citations: Cost::tokens(650, 755, 4_000),
    earlier_thinking: EarlierThinking::Kept,
    reply_end: Cost::exactly(2),
    allowances: [Allowance::tokens(4); RequestKind::ALL.len()],
    ..TIKTOKEN_OLD
};

impl Structure {
    /// The constants that go with [`Tiktoken`](crate::Tiktoken).
    pub fn for_tiktoken(model: &ModelTraits) -> Structure {
        let prompt = model.tool_prompt_auto.map(|tokens| tokens.0);
        Structure {
            single_call_auto: parallel_discount(prompt, false),
            single_call_forced: parallel_discount(prompt, true),
            ..match model.family {
                Family::PreClaude47 => TIKTOKEN_OLD,
                Family::Claude47 => TIKTOKEN_NEW,
            }
        }
    }

    /// The constants that go with [`ByteRatio`](crate::ByteRatio). They are the same: its margins are far
    /// wider than any difference between the two.
    pub fn for_byte_ratio(model: &ModelTraits) -> Structure {
        Structure::for_tiktoken(model)
    }
}
