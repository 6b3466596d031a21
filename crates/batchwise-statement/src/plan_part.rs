use batchwise_plan::{Fingerprint, Plan, Quote};

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
            Some(quote) => Ok(Scenario::ALL.map(|scenario| self.total(scenario, index, quote)).into()),
        }
    }

    /// In what the stated cost of a scenario is not the likely one; empty where it is, or where nothing has a price.
    ///
    /// Where that is known it is stated, but for an older plan that knows it of some scenarios only: then all are stated with
    /// the high end, so that like is compared with like.
    pub(crate) fn basis(&self, scenario: Scenario) -> Vec<Basis> {
        let Some(quote) = &self.plan.quote else { return Vec::new() };
        if !self.has_kinds() {
            return if knows_all(quote) { Vec::new() } else { vec![Basis::HighEnd] };
        }
        if scenario.range(quote).likely().is_some() {
            return Vec::new();
        }
        let knows_without_cache = quote.batch.likely().is_some();
        let is_cached = scenario == Scenario::BatchCached;
        let lacks_cache = is_cached && self.knows_no_cache() && quote.batch_cached != quote.batch;
        let conditions = [
            (Basis::LongestReplies, !knows_without_cache && self.knows_no_replies()),
            (Basis::LargestInputs, !knows_without_cache && self.knows_no_inputs()),
            (Basis::PrefixesWritten, lacks_cache && self.uses("cache_write") && !self.uses("cache_read")),
            (Basis::PrefixesLikelySize, lacks_cache && !self.uses("cache_")),
        ];
        let basis: Vec<Basis> =
            conditions.into_iter().filter(|(_, holds)| *holds).map(|(basis, _)| basis).collect();
        match basis[..] {
            [] if is_cached && knows_without_cache => vec![Basis::PrefixesLikelySize],
            [] => vec![Basis::LargestInputs],
            _ => basis,
        }
    }

    /// Whether replies of priced requests have no expected length.
    fn knows_no_replies(&self) -> bool {
        match &self.plan.what_if {
            Some(what_if) => what_if.output_tokens.is_none(),
            None => self.plan.tokens.output.likely().is_none(),
        }
    }

    /// Whether the input of some priced request has no likely size.
    fn knows_no_inputs(&self) -> bool {
        match self.plan.cache.as_ref().and_then(|cache| cache.scenarios.get("none")) {
            Some(uncached) => uncached.batch.is_none(),
            None => self.plan.tokens.input.likely().is_none(),
        }
    }

    /// Whether nothing was assumed of the cache.
    fn knows_no_cache(&self) -> bool {
        self.plan.what_if.as_ref().is_none_or(|what_if| what_if.cache == "bounds")
    }

    /// Whether its stated cost with caching has tokens of kinds that begin so.
    fn uses(&self, prefix: &str) -> bool {
        let mut lines = self.plan.batches.iter().flat_map(|batch| batch.usage.iter().flatten());
        lines.any(|line| line.cached.keys().any(|kind| kind.starts_with(prefix)))
    }

    fn total(&self, scenario: Scenario, plan: usize, quote: &Quote) -> Charge {
        let stated = |scenario: Scenario| match scenario.range(quote) {
            range if knows_all(quote) => range.likely_or_high(),
            range => range.high(),
        };
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
            cost_usd: stated(scenario),
            standard_cost_usd: stated(Scenario::Standard),
        }
    }
}

/// Whether every scenario has a likely cost.
fn knows_all(quote: &Quote) -> bool {
    Scenario::ALL.iter().all(|scenario| scenario.range(quote).likely().is_some())
}
