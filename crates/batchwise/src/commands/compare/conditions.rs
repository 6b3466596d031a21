use std::collections::BTreeMap;

use batchwise_planner::{CacheScenario, OutputExpectation, Terms};
use batchwise_pricing::{Model, PriceBook};
use batchwise_units::Percent;

use crate::args::{Change, Choice, Key};
use crate::error::CliError;

/// How a workload is sent.
#[derive(Clone)]
pub(super) struct Conditions<'b> {
    /// What is otherwise than as it is, as it was written.
    pub(super) changes: BTreeMap<Key, String>,
    pub(super) model: Option<&'b Model>,
    pub(super) max_tokens: Option<u64>,
    pub(super) terms: Terms,
}

impl<'b> Conditions<'b> {
    /// The same with one thing otherwise.
    ///
    /// # Errors
    /// When the model is unknown.
    pub(super) fn with(
        &self,
        key: Key,
        choice: &Choice,
        book: &'b PriceBook,
    ) -> Result<Conditions<'b>, CliError> {
        let mut other = self.clone();
        match &choice.change {
            Change::AllModels => unreachable!("these were told one by one"),
            Change::Model(name) => other.model = Some(book.find(name)?),
            Change::MaxTokens(cap) => other.max_tokens = Some(*cap),
            Change::OutputTokens(output) => other.terms.output = *output,
            Change::Cache(scenario) => other.terms.cache = *scenario,
            Change::Geo(region) => other.terms.region = *region,
            Change::Beta(name) if other.terms.betas.contains(name) => (),
            Change::Beta(name) => other.terms.betas.push(name.clone()),
            Change::ApiVersion(version) => other.terms.api_version = *version,
        }
        other.changes.insert(key, choice.text.clone());
        Ok(other)
    }

    /// How a condition is written.
    pub(super) fn text(&self, key: Key) -> String {
        match key {
            Key::Model | Key::MaxTokens => "their own".to_owned(),
            Key::OutputTokens => match self.terms.output {
                OutputExpectation::Cap => "unknown".to_owned(),
                OutputExpectation::Tokens(tokens) => tokens.to_string(),
                OutputExpectation::ShareOfCap(share) => share.to_string(),
            },
            Key::Cache => match self.terms.cache {
                CacheScenario::Bounds => "unknown".to_owned(),
                CacheScenario::Ignored => "none".to_owned(),
                CacheScenario::HitRate(rate) if rate == Percent::ZERO => "cold".to_owned(),
                CacheScenario::HitRate(rate) => rate.to_string(),
                CacheScenario::Best => "best".to_owned(),
                CacheScenario::Primed => "primed".to_owned(),
            },
            Key::Geo => self.terms.region.name().to_owned(),
            Key::Beta if self.terms.betas.is_empty() => "none".to_owned(),
            Key::Beta => self.terms.betas.join(", "),
            Key::ApiVersion => self.terms.api_version.name().to_owned(),
        }
    }
}
