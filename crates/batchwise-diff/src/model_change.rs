use std::collections::BTreeMap;

use batchwise_plan::{ModelLine, Plan, Quote, TokenTotals};
use serde::Serialize;

use crate::range_compared::Obstacles;
use crate::{Compared, CostCompared, TokensCompared, Unlike};

/// A model whose requests, tokens, costs or prices are not what they were.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ModelChange {
    /// The model as the requests name it.
    pub model: String,
    /// Whether it is in both plans.
    pub state: ModelState,
    /// Whether other prices were applied than before, where it is in both.
    pub rates_changed: bool,
    /// How many requests name it.
    pub requests: Compared<i128>,
    /// How many of them have no price.
    pub unpriced_requests: Compared<i128>,
    /// Their tokens.
    pub tokens: TokensCompared,
    /// What the priced ones cost.
    pub cost: CostCompared,
}

/// Which of the plans name a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelState {
    /// Only the plan after.
    New,
    /// Only the plan before.
    Gone,
    /// Both.
    Changed,
}

/// A model by its name; of lines with the same name, which one.
type Key<'p> = (&'p str, usize);

impl ModelChange {
    /// All that changed, in order of the models.
    pub(crate) fn between(base: &Plan, head: &Plan, obstacles: Obstacles) -> Vec<ModelChange> {
        let mut lines: BTreeMap<Key<'_>, [Option<&ModelLine>; 2]> = BTreeMap::new();
        for (side, plan) in [base, head].into_iter().enumerate() {
            let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
            for line in &plan.models {
                let number = seen.entry(&line.model).or_default();
                lines.entry((&line.model, *number)).or_default()[side] = Some(line);
                *number += 1;
            }
        }
        let changes =
            lines.into_iter().map(|((model, _), [base, head])| ModelChange::of(model, base, head, obstacles));
        changes.filter(ModelChange::differs).collect()
    }

    fn of(model: &str, base: Option<&ModelLine>, head: Option<&ModelLine>, plans: Obstacles) -> ModelChange {
        let requests = |line: Option<&ModelLine>| line.map_or(0, |line| line.requests);
        let unpriced = |line: Option<&ModelLine>| line.map_or(0, |line| line.unpriced_requests);
        let tokens = |line: Option<&ModelLine>| line.map_or(TokenTotals::default(), |line| line.tokens);
        let pricing = (unpriced(base) != unpriced(head)).then_some(Unlike::Unpriced);
        let obstacles = Obstacles { pricing, ..plans };
        ModelChange {
            model: model.to_owned(),
            state: match (base, head) {
                (None, _) => ModelState::New,
                (_, None) => ModelState::Gone,
                _ => ModelState::Changed,
            },
            rates_changed: base.zip(head).is_some_and(|(base, head)| prices(base) != prices(head)),
            requests: Compared::counts(requests(base), requests(head)),
            unpriced_requests: Compared::counts(unpriced(base), unpriced(head)),
            tokens: TokensCompared::new(tokens(base), tokens(head), obstacles),
            cost: CostCompared::new(cost(base), cost(head), obstacles),
        }
    }

    fn differs(&self) -> bool {
        let counts = self.requests.differs() || self.unpriced_requests.differs();
        counts || self.rates_changed || self.tokens.differs() || self.cost.differs()
    }
}

/// No requests cost nothing; what requests without a price cost is unknown.
fn cost(line: Option<&ModelLine>) -> Option<Quote> {
    line.map_or(Some(Quote::default()), |line| line.quote)
}

/// The prices without what is told about where they are from.
fn prices(line: &ModelLine) -> Vec<impl PartialEq> {
    line.rates.iter().map(|row| (row.prompt_tokens_over, &row.geo, &row.usd_per_mtok)).collect()
}
