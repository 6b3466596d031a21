use std::collections::{BTreeMap, BTreeSet};

use batchwise_findings::Verdict;
use batchwise_plan::{Plan, Quote};
use batchwise_units::{Estimate, Rate, Tokens, Usd, places};
use serde::Serialize;

use crate::charge::Charge;
use crate::grounds::{assumption_rows, cache_rows, findings, price_rows, shared_inputs};
use crate::headline::headline;
use crate::refusals::{refuse_multitude, refuse_overflow, refuse_twice};
use crate::rows::{batch_rows, costs, ends, kind_rows, model_rows, plan_rows, stated, tag_rows, together};
use crate::{
    Basis, BatchRow, Calculator, Cost, KindRow, ModelRow, PlanPart, PlanRow, Scenario, StatementError, TagRow,
};

/// The name and version of the report's JSON. Within a version, fields are added only.
pub const SCHEMA: &str = "batchwise.report/1";

/// What one plan or several cost, and what that rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Statement {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// How much, how sure, and how much saved.
    pub headline: String,
    /// What must be known beside it, each a sentence: requests without a price or an upper bound, lines that are left out.
    pub caveats: Vec<String>,
    /// The worst of the plans' verdicts.
    pub verdict: &'static str,
    /// Decimals of all rounded amounts, the same in every format.
    pub places: u32,
    /// How many requests.
    pub requests: u64,
    /// How many of them have no price, and are in no amount.
    pub unpriced_requests: u64,
    /// How many have no upper bound.
    pub unbounded_requests: u64,
    /// How many lines are in no batch, and in no amount.
    pub left_out_lines: u64,
    /// The three scenarios; empty where nothing has a price.
    pub scenarios: Vec<ScenarioRow>,
    /// What all priced requests cost by what the cache does, where every plan tells it.
    pub cache_scenarios: Vec<CacheRow>,
    /// By model, in order of name.
    pub models: Vec<ModelRow>,
    /// By kind of token.
    pub token_kinds: Vec<KindRow>,
    /// By batch, plan by plan.
    pub batches: Vec<BatchRow>,
    /// By each tag that some plan has.
    pub tags: Vec<TagRow>,
    /// By plan, in the order given.
    pub plans: Vec<PlanRow>,
    /// What the numbers rest on, each with the plans that say so.
    pub assumptions: Vec<AssumptionRow>,
    /// The prices that were applied.
    pub prices: Vec<PriceRow>,
    /// What was found to be wrong.
    pub findings: StatementFindings,
    /// The finest lines, of which all stated costs are sums.
    pub charges: Vec<Charge>,
    /// From what a page can tell other costs, where every plan with a price says so. In no other format.
    #[serde(skip)]
    pub calculator: Option<Calculator>,
}

/// One scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ScenarioRow {
    /// How the requests are sent.
    pub scenario: Scenario,
    /// What they cost.
    #[serde(flatten)]
    pub cost: Cost,
    /// In what the stated cost is not the likely one; empty where it is.
    pub basis: Vec<Basis>,
    /// What is saved against one by one; null for one by one itself.
    pub saved: Option<Saved>,
}

/// A saving, which is negative where more is paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Saved {
    /// The difference of the stated costs, exact.
    pub stated: Usd,
    /// The same rounded. It may be a unit of the last place off the difference of the rounded costs.
    pub rounded: Usd,
    /// Of the exact costs, rounded to one decimal; null where one by one costs nothing.
    pub percent: Option<String>,
}

/// What all priced requests cost as batches when the cache does a certain thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CacheRow {
    /// Its name in the plans: `none`, `cold`, `best`, `primed`, a hit rate, `advised`.
    pub scenario: String,
    /// Low, likely and high; of several plans end by end.
    pub range: Estimate<Usd>,
    /// With the likely input and every reply as long as its `max_tokens`; null where some input has no likely value.
    pub with_longest_replies: Option<Usd>,
    /// What the cache does then.
    pub meaning: String,
}

/// Something the numbers rest on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AssumptionRow {
    /// What it is about.
    pub key: String,
    /// What was assumed.
    pub value: String,
    /// Why, or where it is published.
    pub source: String,
    /// Which plans say so, as indices.
    pub plans: Vec<usize>,
}

/// Prices that were applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PriceRow {
    /// The model as the requests name it.
    pub model: String,
    /// The id in the price book.
    pub priced_as: Option<String>,
    /// `global` or `us`.
    pub geo: String,
    /// The threshold of the price tier; null for the base prices.
    pub prompt_tokens_over: Option<Tokens>,
    /// `standard` or `batch`, then the kind of token, then US dollars per million tokens.
    pub usd_per_mtok: BTreeMap<String, BTreeMap<String, Rate>>,
    /// The first day on which these prices were in force.
    pub since: String,
    /// Where they are published.
    pub source: String,
    /// The day they were last read there; null where a user's own price names none.
    pub checked: Option<String>,
    /// Which plans applied them, as indices.
    pub plans: Vec<usize>,
}

/// What was found to be wrong in all plans together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct StatementFindings {
    /// Errors.
    pub error: u64,
    /// Warnings.
    pub warning: u64,
    /// Notes.
    pub note: u64,
    /// How often each rule was broken.
    pub rules: BTreeMap<String, u64>,
}

impl Statement {
    /// Adds plans up.
    ///
    /// # Errors
    /// When a plan is there twice, or numbers have too many digits to add up exactly.
    ///
    /// # Panics
    /// When there is no plan.
    pub fn of(parts: &[PlanPart<'_>]) -> Result<Statement, StatementError> {
        assert!(!parts.is_empty(), "a statement is of one plan at least");
        refuse_twice(parts)?;
        refuse_multitude(parts)?;
        let mut charges = Vec::new();
        for (index, part) in parts.iter().enumerate() {
            charges.extend(part.charges(index)?);
        }
        charges.sort_by_key(|charge| charge.scenario);
        refuse_overflow(parts, &charges)?;
        let plans: Vec<&Plan> = parts.iter().map(|part| part.plan).collect();
        let quote = together(plans.iter().filter_map(|plan| plan.quote.as_ref()));
        let places = quote.map_or(2, |quote| places_of(&quote));
        let sum = |count: fn(&Plan) -> u64| plans.iter().map(|plan| count(plan)).sum();
        let mut statement = Statement {
            schema: SCHEMA,
            headline: String::new(),
            caveats: Vec::new(),
            verdict: worst(&plans).name(),
            places,
            requests: sum(|plan| plan.requests),
            unpriced_requests: sum(|plan| plan.unpriced_requests),
            unbounded_requests: sum(|plan| plan.unbounded_requests),
            left_out_lines: sum(|plan| plan.left_out_lines),
            scenarios: quote.map(|quote| scenario_rows(&quote, parts, &charges, places)).unwrap_or_default(),
            cache_scenarios: cache_rows(&plans),
            models: model_rows(parts, &charges, places),
            token_kinds: kind_rows(&charges, places),
            batches: batch_rows(parts, &charges, places),
            tags: tag_rows(parts, &charges, places),
            plans: plan_rows(parts, &charges, places),
            assumptions: assumption_rows(&plans),
            prices: price_rows(&plans),
            findings: findings(&plans),
            charges,
            calculator: Calculator::of(parts),
        };
        (statement.headline, statement.caveats) = headline(&statement, shared_inputs(parts));
        Ok(statement)
    }
}

/// So many that no total of a scenario looks like nothing.
fn places_of(quote: &Quote) -> u32 {
    let ranges = Scenario::ALL.map(|scenario| scenario.range(quote));
    places(ranges.into_iter().flat_map(|range| ends(range).into_iter().chain(range.likely())))
}

fn worst(plans: &[&Plan]) -> Verdict {
    let order = [Verdict::Unusable, Verdict::Refused];
    order.into_iter().find(|verdict| plans.iter().any(|plan| plan.verdict == *verdict)).unwrap_or(Verdict::Ok)
}

fn scenario_rows(quote: &Quote, parts: &[PlanPart<'_>], charges: &[Charge], places: u32) -> Vec<ScenarioRow> {
    let stated = stated(charges, |_| ()).remove(&()).unwrap_or_default();
    let costs = costs(quote, stated);
    let rounded = |scenario: Scenario| costs.of(scenario).stated.rounded_to(places);
    let whole = costs.standard.stated;
    let row = |scenario: Scenario| {
        let cost = Cost { rounded: rounded(scenario), ..*costs.of(scenario) };
        let basis: BTreeSet<Basis> = parts.iter().flat_map(|part| part.basis(scenario)).collect();
        let stated = whole - cost.stated;
        let saved = (scenario != Scenario::Standard).then(|| Saved {
            stated,
            rounded: stated.rounded_to(places),
            percent: stated.percent_of(whole),
        });
        ScenarioRow { scenario, cost, basis: basis.into_iter().collect(), saved }
    };
    Scenario::ALL.map(row).into()
}
