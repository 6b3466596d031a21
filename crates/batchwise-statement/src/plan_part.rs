use batchwise_plan::{Fingerprint, Plan, Quote};
use batchwise_units::{Tokens, Usd};

use crate::charge::{Charge, charges};
use crate::{Basis, Scenario, StatementError};

/// One plan of a statement.
#[derive(Clone, Copy, Debug)]
pub struct PlanPart<'p> {
    /// How the user calls it: the name of its file.
    pub name: &'p str,
    /// The SHA-256 of that file, decompressed.
    pub sha256: Fingerprint,
    /// What it holds.
    pub plan: &'p Plan,
}

impl PlanPart<'_> {
    /// Whether it tells its tokens by kind.
    pub(crate) fn has_kinds(&self) -> bool {
        self.plan.batches.iter().all(|batch| batch.usage.is_some())
    }

    /// What it costs, line by line. A plan that does not tell its tokens by kind has one line for each scenario.
    pub(crate) fn charges(&self, index: usize) -> Result<Vec<Charge>, StatementError> {
        let too_long = || StatementError::TooManyDigits { name: self.name.to_owned() };
        match &self.plan.quote {
            None => Ok(Vec::new()),
            Some(_) if self.has_kinds() => charges(self.plan, index).ok_or_else(too_long),
            Some(quote) => Ok(Scenario::ALL.map(|scenario| total(scenario, index, quote)).into()),
        }
    }

    /// In what the stated cost of a scenario is not the likely one.
    pub(crate) fn basis(&self, scenario: Scenario) -> Vec<Basis> {
        let Some(quote) = &self.plan.quote else { return Vec::new() };
        if scenario.range(quote).likely().is_some() {
            return Vec::new();
        }
        if !self.has_kinds() {
            return vec![Basis::HighEnd];
        }
        let tokens = &self.plan.tokens;
        let conditions = [
            (Basis::LongestReplies, tokens.output.likely().is_none()),
            (Basis::LargestInputs, tokens.input.likely().is_none()),
            (Basis::PrefixesWritten, scenario == Scenario::BatchCached && self.only_writes()),
        ];
        conditions.into_iter().filter(|(_, holds)| *holds).map(|(basis, _)| basis).collect()
    }

    /// Whether its stated cost with caching has prefixes that are written, and none that are read.
    fn only_writes(&self) -> bool {
        let lines = || self.plan.batches.iter().flat_map(|batch| batch.usage.iter().flatten());
        let uses = |prefix: &str| lines().any(|line| line.cached.keys().any(|kind| kind.starts_with(prefix)));
        uses("cache_write") && !uses("cache_read") && self.plan.tokens.cache_marked.high() > Tokens::ZERO
    }
}

fn total(scenario: Scenario, plan: usize, quote: &Quote) -> Charge {
    let cost_usd: Usd = scenario.range(quote).likely_or_high();
    Charge {
        scenario,
        plan,
        batch: None,
        model: None,
        geo: None,
        prompt_tokens_over: None,
        token_kind: "all".to_owned(),
        tokens: None,
        usd_per_mtok: None,
        cost_usd,
        standard_cost_usd: quote.standard.likely_or_high(),
    }
}
