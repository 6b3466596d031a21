use batchwise_units::Tokens;

/// What an estimate needs to know about a model, and nothing else about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelTraits {
    /// Which tokenizer the model counts with.
    pub family: Family,
    /// In which way the API puts the model's prompt together.
    pub generation: Generation,
    /// Whether thinking of earlier turns stays in the prompt: on Opus from 4.5, on Sonnet from 4.6, and on every
    /// model with the newer tokenizer.
    /// Source: <https://platform.claude.com/docs/en/build-with-claude/thinking>, read 2026-08-22.
    pub keeps_thinking: bool,
    /// Whether blanks at the end of the prompt cost nothing: on Opus 5.
    /// Source: measured by the author of ctok, <https://pypi.org/project/ctok/1.3.0/>, 2026-08.
    pub trailing_blanks_are_free: bool,
    /// What a request with one user message costs before any content, where the model differs from its
    /// family: 12 on Opus 4.7.
    pub frame: Option<Tokens>,
    /// To which size the model scales images down.
    pub image_tier: ImageTier,
    /// The tokens of the prompt that tools bring with them under `tool_choice` `auto` or `none`; `None`
    /// where nobody published it.
    pub tool_prompt_auto: Option<Tokens>,
    /// The same under `tool_choice` `any` or `tool`.
    pub tool_prompt_any: Option<Tokens>,
    /// The most PDF pages that one request may hold: 100 on models with a window of 200,000 tokens, else
    /// 600.
    pub pdf_pages_max: u32,
    /// The most tokens that a request and its reply may have together.
    pub context_window: Tokens,
}

/// The two tokenizers of Claude. Inside a family, the same text is the same number of tokens on every
/// model; measured on identical bodies recorded on several models, 2026-11.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// Claude 3 to 4.6, and Haiku 4.5.
    PreClaude47,
    /// Claude 4.7 and later.
    Claude47,
}

/// Models whose prompts are put together alike. Source: recorded observations, 2026-11.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Generation {
    /// Claude 3 to 4.1.
    Claude3,
    /// Claude 4.5.
    Claude45,
    /// Claude 4.6.
    Claude46,
    /// Opus 4.7.
    Claude47,
    /// Claude 4.8, 5 and later.
    Claude48,
}

/// The size to which a model scales images down before it counts their patches.
/// Source: <https://platform.claude.com/docs/en/build-with-claude/vision>, read 2026-08-22.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ImageTier {
    /// Up to 1,568 pixels along an edge and 1,568 patches: every model before Claude 4.7.
    Standard,
    /// Up to 2,576 pixels along an edge and 4,784 patches: Claude 4.7 and later.
    High,
}
