use std::borrow::Cow;
use std::collections::BTreeMap;

use batchwise_units::Tokens;
use serde::Serialize;

/// What the likely cost follows from, so that it can be told exactly for replies of another length and for another hit
/// rate without the requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WhatIf {
    /// What was expected of a reply: a number of tokens (`300`) or a share of each `max_tokens` (`40%`); null where nothing
    /// was, so that each counts as long as its `max_tokens`.
    pub output_tokens: Option<String>,
    /// What was assumed of the cache: `bounds` (nothing), `none`, `best`, `primed` or a hit rate like `85%`.
    pub cache: String,
    /// What the priced requests are made of, by model and row of prices.
    pub lines: Vec<WhatIfLine>,
}

/// The priced requests of all batches that share their model and their row of prices. Each prompt counts as in a
/// [`UsageLine`](crate::UsageLine): with its likely length, or where none is known, with the most it can be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WhatIfLine {
    /// The model as the requests name it.
    pub model: String,
    /// `global` or `us`: with the next, which row of the model's rates applies.
    pub geo: Cow<'static, str>,
    /// The threshold of the price tier; null for the base prices.
    pub prompt_tokens_over: Option<Tokens>,
    /// How many requests.
    pub requests: u64,
    /// How many of them have which `max_tokens`, in rising order; null where there are too many different ones to list.
    pub caps: Option<Vec<Cap>>,
    /// Tokens of the prompts by kind when each request writes all that it marks.
    pub cold: PromptTokens,
    /// The same when each reads all that it marks.
    pub warm: PromptTokens,
}

/// The requests with one `max_tokens`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Cap {
    /// The longest that their replies can be.
    pub max_tokens: Tokens,
    /// How many there are.
    pub requests: u64,
}

/// Whole tokens by kind, named as in the rates; what is not used is not named.
pub type PromptTokens = BTreeMap<Cow<'static, str>, Tokens>;
