//! What stands in the cells of all formats that people read.

use batchwise_units::{Bytes, ExpectedTokens, Usd, amount, dollars, group, grouped, percentage};

use crate::headline::sentences;
use crate::{
    AssumptionRow, BatchRow, CacheRow, Cost, Costs, KindRow, ModelRow, PlanRow, PriceRow, Saved, Scenario,
    ScenarioRow, Statement, StatementFindings, TagRow,
};

/// The columns of [`costs_and_range`].
pub(crate) const COSTS: [&str; 5] = ["standard", "batch", "with caching", "low", "high"];

/// An amount that stands for itself. What is something never looks like nothing.
pub(crate) fn rounded(usd: Usd, places: u32) -> String {
    amount(usd.rounded_to(places), usd, places)
}

/// The ends of a range, as words.
pub(crate) fn from_to(cost: &Cost, places: u32) -> String {
    format!("{} to {}", rounded(cost.range.low(), places), rounded(cost.range.high(), places))
}

/// So many requests, and what they cost; nothing where not one has a price.
#[derive(Clone, Copy)]
pub(crate) struct Part<'c> {
    pub(crate) requests: u64,
    pub(crate) costs: Option<&'c Costs>,
}

impl Part<'_> {
    /// Stands for an amount where there is none.
    pub(crate) fn none(self) -> String {
        if self.requests == 0 { "-".to_owned() } else { "unpriced".to_owned() }
    }

    /// The stated costs.
    pub(crate) fn stated(self, places: u32) -> [String; 3] {
        Scenario::ALL.map(|scenario| match self.costs.map(|costs| costs.of(scenario)) {
            Some(cost) => amount(cost.rounded, cost.stated, places),
            None => self.none(),
        })
    }

    /// Low and high with caching. A stated cost that was rounded away from its range, so that lines foot, takes the end with it.
    fn range(self, places: u32) -> [String; 2] {
        let Some(Cost { range, rounded, .. }) = self.costs.map(|costs| costs.batch_cached) else {
            return [self.none(), self.none()];
        };
        let (low, high) = (range.low().rounded_to(places), range.high().rounded_to(places));
        [amount(low.min(rounded), range.low(), places), amount(high.max(rounded), range.high(), places)]
    }

    /// Stated costs in each scenario, and the range with caching.
    pub(crate) fn cells(self, places: u32) -> impl Iterator<Item = String> {
        self.stated(places).into_iter().chain(self.range(places))
    }
}

impl Statement {
    /// All of it.
    pub(crate) fn whole<'c>(&self, costs: &'c Option<Costs>) -> Part<'c> {
        Part { requests: self.requests, costs: costs.as_ref() }
    }
}

impl Statement {
    /// What all of it costs; `None` where nothing has a price.
    pub(crate) fn costs(&self) -> Option<Costs> {
        let cost = |scenario| self.scenarios.iter().find(|row| row.scenario == scenario).map(|row| row.cost);
        let (standard, batch) = (cost(Scenario::Standard)?, cost(Scenario::Batch)?);
        Some(Costs { standard, batch, batch_cached: cost(Scenario::BatchCached)? })
    }

    /// Whether every scenario's stated cost is the likely one.
    fn is_likely(&self) -> bool {
        self.scenarios.iter().all(|row| row.basis.is_empty())
    }

    /// The columns of the table of scenarios. What is saved is the difference of the stated costs.
    pub(crate) fn scenario_columns(&self) -> [&'static str; 5] {
        match self.is_likely() {
            true => ["low", "likely", "high", "saved, likely", "%"],
            false => ["low", "stated", "high", "saved, stated", "%"],
        }
    }

    /// Whether the cache changes anything.
    pub(crate) fn has_caching(&self) -> bool {
        let rows = &self.cache_scenarios;
        rows.iter().any(|row| row.range != rows[0].range)
    }

    /// The scenarios without a likely cost, and with what they are stated; those that are stated alike together.
    pub(crate) fn unlikely(&self) -> Vec<(String, String)> {
        let rows: Vec<_> = self.scenarios.iter().filter(|row| !row.basis.is_empty()).collect();
        let alike = rows.chunk_by(|one, other| one.basis == other.basis);
        let titles = |rows: &[&ScenarioRow]| {
            rows.iter().map(|row| row.scenario.title()).collect::<Vec<_>>().join("; ")
        };
        alike.map(|rows| (titles(rows), sentences(&rows[0].basis))).collect()
    }
}

impl ScenarioRow {
    /// What stands in [`Statement::scenario_columns`]; nothing as the saving of one by one.
    pub(crate) fn cells(&self, places: u32) -> [String; 5] {
        let Cost { range, stated, rounded: shown } = self.cost;
        let (low, high) = (rounded(range.low(), places), rounded(range.high(), places));
        let middle = amount(shown, stated, places);
        let saved = self.saved.as_ref().map(|saved| (saved.amount(places), saved.percent()));
        let (saved, percent) = saved.unwrap_or_default();
        [low, middle, high, saved, percent]
    }
}

impl Saved {
    /// The amount; negative where more is paid.
    pub(crate) fn amount(&self, places: u32) -> String {
        amount(self.rounded, self.stated, places)
    }

    /// The percentage; `-` where there is nothing to compare with.
    pub(crate) fn percent(&self) -> String {
        self.percent.as_ref().map_or("-".to_owned(), |percent| percentage(percent, self.stated))
    }
}

impl CacheRow {
    /// What happens then.
    pub(crate) fn says(&self) -> String {
        format!("{}: {}", self.scenario, self.meaning)
    }

    /// Low, likely, high, and with the longest replies.
    pub(crate) fn cells(&self, places: u32) -> [String; 4] {
        let amounts =
            [Some(self.range.low()), self.range.likely(), Some(self.range.high()), self.with_longest_replies];
        amounts.map(|usd| usd.map_or("-".to_owned(), |usd| rounded(usd, places)))
    }
}

impl ModelRow {
    /// What it is called.
    pub(crate) fn name(&self) -> &str {
        self.model.as_deref().unwrap_or("(all models)")
    }

    /// How many of its requests have no price, and why.
    pub(crate) fn unpriced(&self) -> Option<String> {
        let because = self.unpriced_because.as_deref().unwrap_or("no price is known");
        let count = grouped(self.unpriced_requests);
        let note = || format!("{count} of {} unpriced, in no amount: {because}", self.name());
        (self.unpriced_requests > 0).then(note)
    }

    pub(crate) fn part(&self) -> Part<'_> {
        Part { requests: self.requests, costs: self.costs.as_ref() }
    }
}

impl TagRow {
    /// What it is called.
    pub(crate) fn name(&self) -> &str {
        self.value.as_deref().unwrap_or("(no such tag)")
    }

    pub(crate) fn part(&self) -> Part<'_> {
        Part { requests: self.requests, costs: self.costs.as_ref() }
    }
}

impl BatchRow {
    /// Its number, as in the plan.
    pub(crate) fn number(&self) -> String {
        self.batch.map_or("all".to_owned(), |index| index.to_string())
    }

    pub(crate) fn part(&self) -> Part<'_> {
        Part { requests: self.requests, costs: self.costs.as_ref() }
    }

    /// The most it can cost, rounded up; what is no bound says so.
    pub(crate) fn up_to(&self, places: u32) -> String {
        let Some(bound) = self.bound else { return self.part().none() };
        let bound = dollars(bound.rounded_up(places), places);
        if self.is_bounded() { bound } else { format!("{bound} and more") }
    }

    /// Whether nothing in it can cost more than its bound.
    pub(crate) fn is_bounded(&self) -> bool {
        self.unpriced_requests == 0 && self.unbounded_requests == 0
    }
}

impl PlanRow {
    pub(crate) fn part(&self) -> Part<'_> {
        Part { requests: self.requests, costs: self.costs.as_ref() }
    }
}

impl Statement {
    /// Some batches as one line. Its rounded costs are those of the lines, so that tables foot; the range of all batches is
    /// that of the statement, and others are added end by end.
    pub(crate) fn sum_of(&self, rows: &[BatchRow]) -> BatchRow {
        let count = |number: fn(&BatchRow) -> u64| rows.iter().map(number).fold(0, u64::saturating_add);
        let costs = rows.iter().filter_map(|row| row.costs).reduce(Costs::with);
        let costs = if rows.len() == self.batches.len() { self.costs() } else { costs };
        BatchRow {
            plan: 0,
            batch: None,
            wave: 0,
            requests: count(|row| row.requests),
            unpriced_requests: count(|row| row.unpriced_requests),
            unbounded_requests: count(|row| row.unbounded_requests),
            body_bytes: Bytes(count(|row| row.body_bytes.0)),
            bound: rows.iter().filter_map(|row| row.bound).reduce(|sum, bound| sum + bound),
            costs,
        }
    }
}

impl KindRow {
    /// Its name, tokens and costs without and with caching.
    pub(crate) fn cells(&self, places: u32) -> Vec<String> {
        let cost = |scenario: Scenario| amount(self.of(scenario).rounded, self.of(scenario).stated, places);
        vec![
            self.token_kind.clone(),
            count(self.batch.tokens),
            cost(Scenario::Standard),
            cost(Scenario::Batch),
            count(self.batch_cached.tokens),
            cost(Scenario::BatchCached),
        ]
    }
}

impl Statement {
    /// The last line below the kinds of tokens.
    pub(crate) fn total_of_kinds(&self) -> Option<Vec<String>> {
        let [standard, batch, cached] = self.whole(&Some(self.costs()?)).stated(self.places);
        let blank = String::new;
        Some(vec!["total".to_owned(), blank(), standard, batch, blank(), cached])
    }
}

impl PriceRow {
    /// Standard and batch, each with its prices in the order of reading.
    pub(crate) fn cells(&self) -> impl Iterator<Item = (&'static str, [String; 5])> {
        const KINDS: [&str; 5] = ["input", "output", "cache_write_5m", "cache_write_1h", "cache_read"];
        let cells = |mode| {
            KINDS.map(|kind| self.usd_per_mtok[mode].get(kind).map_or("-".to_owned(), ToString::to_string))
        };
        ["standard", "batch"].into_iter().map(move |mode| (mode, cells(mode)))
    }

    /// Of what: the model, its threshold and its region.
    pub(crate) fn subject(&self) -> String {
        let alias = self.priced_as.as_ref().filter(|id| **id != self.model);
        let alias = alias.map(|id| format!(" (priced as {id})")).unwrap_or_default();
        let geo = if self.geo == "us" { ", US" } else { "" };
        let over = self.prompt_tokens_over.map(|over| format!(", prompts over {}", grouped(over.0)));
        format!("{}{alias}{}{geo}", self.model, over.unwrap_or_default())
    }

    /// Of what, since when, and who says so.
    pub(crate) fn about(&self) -> String {
        let checked = self.checked.as_ref().map(|day| format!(", read {day}")).unwrap_or_default();
        format!("{}, since {}{checked}: {}", self.subject(), self.since, self.source)
    }
}

impl AssumptionRow {
    /// The plans that say so, as people count them.
    pub(crate) fn numbers(&self) -> String {
        numbers(&self.plans)
    }
}

impl StatementFindings {
    /// How many of each severity.
    pub(crate) fn counts(&self) -> String {
        let [error, warning, note] = [self.error, self.warning, self.note].map(grouped);
        format!("errors {error}, warnings {warning}, notes {note}")
    }
}

/// The places of plans in the list of plans, from 1.
pub(crate) fn numbers(plans: &[usize]) -> String {
    plans.iter().map(|plan| (plan + 1).to_string()).collect::<Vec<_>>().join(", ")
}

/// A number of tokens for people.
pub(crate) fn count(tokens: Option<ExpectedTokens>) -> String {
    let Some(tokens) = tokens else { return "-".to_owned() };
    let text = tokens.to_string();
    match text.split_once('.') {
        Some((whole, decimals)) => format!("{}.{decimals}", group(whole)),
        None => group(&text),
    }
}
