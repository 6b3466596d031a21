use std::collections::BTreeMap;

use batchwise_plan::{ModelLine, Plan, UsageLine};
use batchwise_units::{ExpectedTokens, Rate, Tokens, Usd};
use serde::Serialize;

use crate::Scenario;

/// One kind of token at one price: the finest line of a statement. All amounts of a scenario are sums of its charges.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Charge {
    /// How the requests are sent.
    pub scenario: Scenario,
    /// Index into the statement's plans.
    pub plan: usize,
    /// The number of the batch in its plan, from 0; null with `token_kind` `all`.
    pub batch: Option<u32>,
    /// The model as the requests name it; null with `token_kind` `all`.
    pub model: Option<String>,
    /// `global` or `us`; null with `token_kind` `all`.
    pub geo: Option<String>,
    /// The threshold of the price tier; null for the base prices.
    pub prompt_tokens_over: Option<Tokens>,
    /// A kind of token as in the plan's rates; `all` where an older plan tells no more than a total.
    pub token_kind: String,
    /// How many tokens; null with `token_kind` `all`.
    pub tokens: Option<ExpectedTokens>,
    /// The price; null with `token_kind` `all`.
    pub usd_per_mtok: Option<Rate>,
    /// Tokens times price, exact.
    pub cost_usd: Usd,
    /// What the same tokens cost one by one and without caching, exact. In each scenario these add up to the standard cost.
    pub standard_cost_usd: Usd,
}

/// The kinds in the order in which people read them; others come behind.
pub(crate) const KINDS: [&str; 5] = ["input", "cache_write_5m", "cache_write_1h", "cache_read", "output"];

/// The charges of a plan that tells its tokens by kind, scenario by scenario and batch by batch. `None` where an amount has
/// too many digits.
pub(crate) fn charges(plan: &Plan, index: usize) -> Option<Vec<Charge>> {
    let models: BTreeMap<&str, &ModelLine> =
        plan.models.iter().map(|model| (model.model.as_str(), model)).collect();
    let mut charges = Vec::new();
    for scenario in Scenario::ALL {
        for batch in &plan.batches {
            for line in batch.usage.iter().flatten() {
                let model = models.get(line.model.as_str())?;
                let place = (scenario, index, batch.index);
                of_line(place, line, model, &mut charges)?;
            }
        }
    }
    Some(charges)
}

fn of_line(
    (scenario, plan, batch): (Scenario, usize, u32),
    line: &UsageLine,
    model: &ModelLine,
    charges: &mut Vec<Charge>,
) -> Option<()> {
    let all_prices = &line.rates(model)?.usd_per_mtok;
    let (prices, standard) = (all_prices.get(scenario.prices())?, all_prices.get("standard")?);
    let mut kinds: Vec<_> = scenario.tokens(line).iter().collect();
    kinds.sort_by_key(|(kind, _)| order(kind));
    for (kind, tokens) in kinds {
        let rate = *prices.get(kind.as_ref())?;
        charges.push(Charge {
            scenario,
            plan,
            batch: Some(batch),
            model: Some(line.model.clone()),
            geo: Some(line.geo.to_string()),
            prompt_tokens_over: line.prompt_tokens_over,
            token_kind: kind.to_string(),
            tokens: Some(*tokens),
            usd_per_mtok: Some(rate),
            cost_usd: tokens.checked_cost(rate)?,
            standard_cost_usd: tokens.checked_cost(*standard.get(uncached(kind))?)?,
        });
    }
    Some(())
}

/// What tokens of a kind are without caching.
fn uncached(kind: &str) -> &str {
    if kind == "output" { "output" } else { "input" }
}

/// The place of a kind among others.
pub(crate) fn order(kind: &str) -> usize {
    KINDS.iter().position(|known| *known == kind).unwrap_or(KINDS.len())
}
