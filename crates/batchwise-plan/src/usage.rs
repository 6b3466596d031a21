use std::borrow::Cow;
use std::collections::BTreeMap;

use batchwise_units::{ExpectedTokens, Rate, Tokens, Usd};
use serde::Serialize;

use crate::{ModelLine, RatesUsed};

/// What the priced requests of one batch that share their model and their row of prices are expected to use, by kind of
/// token.
///
/// Each request counts with its likely input and the reply that is expected of it; where nothing but bounds is known of
/// one of them, with the most it can be. So tokens times prices is exactly the likely cost of a quote, where it has one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UsageLine {
    /// The model as the requests name it.
    pub model: String,
    /// `global` or `us`: with the next, which row of the model's rates applies.
    pub geo: Cow<'static, str>,
    /// The threshold of the price tier; null for the base prices.
    pub prompt_tokens_over: Option<Tokens>,
    /// How many requests.
    pub requests: u64,
    /// Tokens without caching.
    pub uncached: Consumption,
    /// Tokens with the requests' own `cache_control` breakpoints under the plan's cache assumption: where nothing is
    /// assumed, every marked prefix is written.
    pub cached: Consumption,
}

/// Tokens by kind, named as in the rates; what is not used is not named.
pub type Consumption = BTreeMap<Cow<'static, str>, ExpectedTokens>;

impl UsageLine {
    /// The prices that apply; `None` where `model`, which is the line's, has no such row.
    pub fn rates<'m>(&self, model: &'m ModelLine) -> Option<&'m RatesUsed> {
        let is_row =
            |row: &&RatesUsed| row.geo == self.geo && row.prompt_tokens_over == self.prompt_tokens_over;
        model.rates.iter().find(is_row)
    }
}

/// What tokens cost at the prices of their kinds; `None` where a kind has no price, or the sum more than 28 digits.
pub fn cost_of(consumption: &Consumption, prices: &BTreeMap<String, Rate>) -> Option<Usd> {
    consumption.iter().try_fold(Usd::ZERO, |sum, (kind, tokens)| {
        let rate = prices.get(kind.as_ref())?;
        sum.checked_add(tokens.checked_cost(*rate)?)
    })
}
