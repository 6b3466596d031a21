use crate::json_text::Letters;
use crate::{Allowance, Cost, EarlierThinking, Generation, ModelTraits, Rendering, RequestKind, Structure};

/// Claude 3 to 4.1.
///
/// With text and tools rendered as the API does, what is left is whole tokens: line breaks, tags that are one token,
/// and the prompts that features bring. Source: recorded observations, 2026-11. How many bear out each constant,
/// and how well, is a table in `docs/accuracy.md`; most hold to the token.
const CLAUDE_3: Structure = Structure {
    rendering: Rendering::Prompt(Letters::Ascii),
    frame: Cost::exactly(7),
    frame_of_model: false,
    further_message: Cost::exactly(3),
    merged_message: Cost::exactly(1),
    merged_results: Cost::NONE,
    system_message: Cost::exactly(2),
    prefill: Cost::NONE,
    assistant_first: Cost::exactly(12),
    system: Cost::NONE,
    system_with_tools: Cost::exactly(1),
    tool: Cost::exactly(1),
    tool_property: Cost::NONE,
    tool_named: Cost::exactly(2),
    tool_prompt_auto: Cost::tokens(0, 313, 810),
    tool_prompt_any: Cost::tokens(0, 315, 810),
    tool_prompt_slack: 0,
    single_call_auto: Cost::tokens(0, 0, 30),
    single_call_forced: Cost::tokens(0, 0, 45),
    calls: Cost::exactly(17),
    call: Cost::exactly(1),
    call_argument: Cost::NONE,
    result: Cost::exactly(1),
    only_result_saves: 4,
    several_results: Cost::exactly(8),
    result_error: Cost::exactly(8),
    result_image: Cost::tokens(12, 15, 19),
    after_results: Cost::exactly(5),
    thinking_enabled: Cost::exactly(29),
    thinking_adaptive: Cost::tokens(0, 0, 17),
    structured_output: Cost::exactly(81),
    document: Cost::exactly(35),
    document_title: Cost::exactly(12),
    search_result: Cost::tokens(45, 62, 75),
    citations: Cost::exactly(483),
    cited_sentence: Cost::exactly(16),
    earlier_thinking: EarlierThinking::Dropped,
    thinking_block: Cost::exactly(8),
    thinking: Cost::milli(950, 1_000, 1_250),
    thinking_summary: Cost::milli(900, 1_200, 2_500),
    thinking_signature: Cost::milli(0, 400, 800),
    thinking_signature_bytes: 280,
    image: Cost::tokens(3, 3, 15),
    pdf_page: Cost::tokens(1_571, 1_574, 1_608),
    pdf_text: Cost::milli(850, 1_000, 1_250),
    pdf_page_text: Cost::tokens(0, 1_500, 3_000),
    opaque: Cost::milli(0, 1_000, 2_000),
    reply_end: Cost::exactly(3),
    allowances: OLD_ALLOWANCES,
};

/// Claude 4.5: other prompts, and tools in their own letters.
const CLAUDE_45: Structure = Structure {
    rendering: Rendering::Prompt(Letters::AsTheyAre),
    tool_prompt_auto: Cost::tokens(0, 496, 810),
    tool_prompt_any: Cost::tokens(0, 588, 810),
    single_call_auto: Cost::exactly(208),
    single_call_forced: Cost::NONE,
    image: Cost::exactly(3),
    pdf_page: Cost::tokens(1_571, 1_574, 1_577),
    ..CLAUDE_3
};

/// Claude 4.6: a system prompt costs a token whether there are tools or not.
const CLAUDE_46: Structure = Structure {
    system: Cost::exactly(1),
    single_call_auto: Cost::tokens(0, 208, 212),
    document: Cost::exactly(37),
    ..CLAUDE_45
};

/// Claude 4.8, 5 and later: shorter tags of turns, calls and results, and the newer tokenizer's counts of the
/// prompts.
const CLAUDE_48: Structure = Structure {
    frame: Cost::exactly(6),
    further_message: Cost::exactly(2),
    tool_prompt_auto: Cost::tokens(0, 290, 810),
    tool_prompt_any: Cost::tokens(0, 410, 810),
    single_call_auto: Cost::NONE,
    calls: Cost::exactly(3),
    only_result_saves: 10,
    several_results: Cost::tokens(0, 2, 12),
    thinking_enabled: Cost::tokens(0, 0, 30),
    thinking_adaptive: Cost::NONE,
    structured_output: Cost::exactly(120),
    document: Cost::exactly(39),
    search_result: Cost::tokens(45, 70, 110),
    citations: Cost::exactly(723),
    earlier_thinking: EarlierThinking::Kept,
    thinking_block: Cost::tokens(0, 0, 12),
    pdf_page: Cost::tokens(1_575, 1_578, 1_582),
    reply_end: Cost::exactly(2),
    allowances: NEW_ALLOWANCES,
    ..CLAUDE_46
};

/// Opus 4.7: the older form of the prompt, counted by the newer tokenizer, and longer turns.
const CLAUDE_47: Structure = Structure {
    frame: Cost::exactly(11),
    further_message: Cost::milli(2_000, 5_500, 5_500),
    single_call_auto: Cost::tokens(0, 0, 212),
    calls: Cost::exactly(19),
    reply_end: Cost::exactly(4),
    only_result_saves: 9,
    several_results: Cost::tokens(0, 3, 12),
    ..CLAUDE_48
};

/// Allowances of the older tokenizer, in the order of [`RequestKind`]. Source: the 2.5 % and 97.5 % quantiles of real
/// against estimated tokens, 2026-11, where every constant was fitted to the other source repositories. A recording
/// may be off by a token by itself, so nothing has less than one. For requests with server tools there is no margin
/// that holds.
const OLD_ALLOWANCES: [Allowance; RequestKind::ALL.len()] = [
    allowance(1, 1, 1),   //           text
    allowance(1, 1, 1),   //           chat
    allowance(3, 3, 1),   //             thinking
    allowance(2, 2, 1),   //             structured output
    allowance(2, 1, 1),   //             tools
    allowance(3, 3, 2),   //             document
    allowance(1, 1, 1),   //             image
    allowance(8, 8, 2),   //             PDF
    allowance(10, 10, 2), //           server tools
];

/// The same for the newer tokenizer, of which there are few recordings.
const NEW_ALLOWANCES: [Allowance; RequestKind::ALL.len()] = [
    allowance(1, 1, 1),   //           text
    allowance(1, 1, 1),   //           chat
    allowance(5, 10, 1),  //            thinking
    allowance(3, 3, 1),   //             structured output
    allowance(3, 5, 1),   //             tools
    allowance(10, 30, 1), //           document
    allowance(1, 1, 1),   //             image
    allowance(14, 10, 2), //           PDF
    allowance(14, 10, 2), //           server tools
];

const fn allowance(below_per_mille: u64, above_per_mille: u64, slack: u64) -> Allowance {
    Allowance { below_per_mille, above_per_mille, below: slack, above: slack }
}

impl Structure {
    /// The constants that go with the counts of Claude's own vocabulary.
    pub fn for_claude(model: &ModelTraits) -> Structure {
        let table = match model.generation {
            Generation::Claude3 => CLAUDE_3,
            Generation::Claude45 => CLAUDE_45,
            Generation::Claude46 => CLAUDE_46,
            Generation::Claude47 => CLAUDE_47,
            Generation::Claude48 => CLAUDE_48,
        };
        // What the length of the tool prompt tells about it. Source: 29 recorded observations, 2026-11.
        let (single_call_auto, single_call_forced) = match model.tool_prompt_auto.map(|tokens| tokens.0) {
            Some(313) => (Cost::exactly(25), Cost::exactly(43)),
            Some(264) => (Cost::NONE, Cost::NONE),
            _ => (table.single_call_auto, table.single_call_forced),
        };
        let earlier_thinking =
            if model.keeps_thinking { EarlierThinking::Kept } else { table.earlier_thinking };
        Structure { single_call_auto, single_call_forced, earlier_thinking, ..table }
    }
}
