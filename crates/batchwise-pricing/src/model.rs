use std::fmt;

use batchwise_units::Tokens;
use jiff::civil::Date;

use crate::Era;

/// A model: what it can do, and what it costs by day.
///
/// A fact that is not known is `None`, never zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    /// The id requests name, with its date where it has one.
    pub id: String,
    /// The name people use.
    pub name: String,
    /// `fable`, `mythos`, `opus`, `sonnet` or `haiku`.
    pub family: String,
    /// Other ids that mean this model; no two models share one.
    pub aliases: Vec<String>,
    /// The day of the launch.
    pub released: Date,
    /// Where it is in its life, as of the version of the book.
    pub status: Status,
    /// The day its retirement was announced.
    pub deprecated_on: Option<Date>,
    /// The day from which requests fail.
    pub retires_on: Option<Date>,
    /// The day before which it will not be retired.
    pub retires_not_before: Option<Date>,
    /// The id of the model that its makers recommend instead.
    pub replacement: Option<String>,
    /// Other platforms that still serve it after its retirement.
    pub still_on: Vec<String>,
    /// Whether only some organizations may use it.
    pub limited_availability: bool,
    /// The most tokens of prompt and reply together.
    pub context_window: Tokens,
    /// The highest `max_tokens`.
    pub max_output: Tokens,
    /// The highest `max_tokens` in a batch that is sent with the large-output beta header.
    pub max_output_batch_beta: Option<Tokens>,
    /// Whether batches accept it.
    pub batch_supported: bool,
    /// Whether a request may name `inference_geo`; otherwise such a request is refused.
    pub inference_geo: bool,
    /// The shortest prefix that is cached; shorter ones silently cost plain input. `None` where caching is
    /// not offered.
    pub min_cacheable: Option<Tokens>,
    /// The keys of the facts that no page of Anthropic confirms.
    pub unconfirmed: Vec<String>,
    /// Which tokenizer counts its text.
    pub tokenizer: Tokenizer,
    /// Tokens that a request with one user message costs beyond its text, where measured to differ from
    /// what is usual for the tokenizer.
    pub frame_tokens: Option<Tokens>,
    /// How finely it sees images.
    pub image_tier: ImageTier,
    /// What is special about its thinking, in words.
    pub thinking: Option<String>,
    /// Tokens of the system prompt that tools add, with `tool_choice` `auto` or `none`.
    pub tool_prompt_auto_none: Option<Tokens>,
    /// The same with `tool_choice` `any` or `tool`.
    pub tool_prompt_any_tool: Option<Tokens>,
    /// Whether `tool_choice` `any` and `tool` are accepted.
    pub forced_tool_choice: bool,
    /// Whether thinking can be switched off; otherwise it is always on, whatever a request says.
    pub thinking_optional: bool,
    /// Whether `temperature`, `top_p` and `top_k` may have other values than their defaults, where the version of
    /// the API knows them at all.
    pub sampling_parameters: bool,
    /// The pages the facts are from, with the day of reading.
    pub sources: Vec<String>,
    /// What to know about it.
    pub notes: Vec<String>,
    /// Never empty, strictly ascending by `from`.
    pub(crate) eras: Vec<Era>,
}

/// Where a model is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// The current one of its line.
    Active,
    /// Superseded, but callable.
    Legacy,
    /// Its retirement is announced.
    Deprecated,
    /// Requests fail.
    Retired,
}

/// Which tokenizer counts a model's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tokenizer {
    /// The one of the models before Claude 4.7.
    PreClaude47,
    /// The one since Claude 4.7, with more tokens for the same text.
    Claude47,
}

/// How finely a model sees images.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ImageTier {
    /// Long edge up to 1568 pixels.
    Standard,
    /// Long edge up to 2576 pixels.
    High,
}

/// Why a model has no price on a day.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoPrice {
    /// The day is before its first price.
    #[error("`{model}` has no price on {day}: its first is from {first}")]
    BeforeFirst {
        /// The id of the model.
        model: String,
        /// The day asked for.
        day: Date,
        /// The first day with a price.
        first: Date,
    },
    /// The day is after a price that ended without a successor.
    #[error("`{model}` has no price on {day}: its last ended on {last}")]
    AfterEnd {
        /// The id of the model.
        model: String,
        /// The day asked for.
        day: Date,
        /// The last day with a price.
        last: Date,
    },
}

impl Model {
    /// The era in force on `day`: the last that starts on or before it.
    ///
    /// # Errors
    /// Before the first era, and after an era that ended without a successor.
    pub fn on(&self, day: Date) -> Result<&Era, NoPrice> {
        let model = || self.id.clone();
        let Some(era) = self.eras.iter().rfind(|era| era.from <= day) else {
            return Err(NoPrice::BeforeFirst { model: model(), day, first: self.eras[0].from });
        };
        match era.to {
            Some(last) if last < day => Err(NoPrice::AfterEnd { model: model(), day, last }),
            _ => Ok(era),
        }
    }

    /// All eras, oldest first; never empty.
    pub fn eras(&self) -> &[Era] {
        &self.eras
    }

    /// Whether requests fail on `day` because the model is retired by then.
    pub fn is_retired_on(&self, day: Date) -> bool {
        self.retires_on.is_some_and(|end| end <= day)
    }

    /// Whether no page of Anthropic confirms the fact of that key, such as `min_cacheable_tokens`.
    pub fn is_unconfirmed(&self, key: &str) -> bool {
        self.unconfirmed.iter().any(|unconfirmed| unconfirmed == key)
    }

    /// The id, then the aliases.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.id).chain(&self.aliases).map(String::as_str)
    }
}

/// An enum of a few named values, written in the price files and in reports by these names.
macro_rules! named {
    ($type:ident { $($variant:ident = $name:literal),+ $(,)? }) => {
        impl $type {
            /// All of them, in order.
            pub const ALL: &[$type] = &[$($type::$variant),+];

            /// The stable name, as in the price files.
            pub fn name(self) -> &'static str {
                match self { $($type::$variant => $name),+ }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.name())
            }
        }
    };
}

named!(Status { Active = "active", Legacy = "legacy", Deprecated = "deprecated", Retired = "retired" });
named!(Tokenizer { PreClaude47 = "claude-pre-4.7", Claude47 = "claude-4.7+" });
named!(ImageTier { Standard = "standard", High = "high" });
