use std::collections::{BTreeMap, BTreeSet, HashMap};

use batchwise_findings::Verdict;
use batchwise_plan::{Plan, Quote, RatesUsed};
use batchwise_units::{Estimate, Rate, Tokens, Usd, places};
use serde::Serialize;

use crate::charge::Charge;
use crate::headline::headline;
use crate::rows::{batch_rows, costs, ends, kind_rows, model_rows, plan_rows, stated, tag_rows, together};
use crate::{Basis, BatchRow, Cost, KindRow, ModelRow, PlanPart, PlanRow, Scenario, StatementError, TagRow};

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
        };
        (statement.headline, statement.caveats) = headline(&statement, shared_inputs(parts));
        Ok(statement)
    }
}

fn refuse_twice(parts: &[PlanPart<'_>]) -> Result<(), StatementError> {
    let mut seen = HashMap::new();
    for part in parts {
        if let Some(first) = seen.insert(part.sha256, part.name) {
            return Err(StatementError::Twice { first: first.to_owned(), second: part.name.to_owned() });
        }
    }
    Ok(())
}

/// That requests and lines can be added up: those of models and batches are parts of the plan's.
fn refuse_multitude(parts: &[PlanPart<'_>]) -> Result<(), StatementError> {
    let mut sums = [0u64; 2];
    for part in parts {
        for (sum, count) in sums.iter_mut().zip([part.plan.requests, part.plan.left_out_lines]) {
            let too_many = || StatementError::TooManyDigits { name: part.name.to_owned() };
            *sum = sum.checked_add(count).ok_or_else(too_many)?;
        }
    }
    Ok(())
}

/// That all that is added up later can be: each such sum is of a part of these amounts, none of which is negative.
fn refuse_overflow(parts: &[PlanPart<'_>], charges: &[Charge]) -> Result<(), StatementError> {
    let mut sum = Usd::ZERO;
    let mut add = |usd: Usd, plan: usize| -> Result<(), StatementError> {
        let too_long = || StatementError::TooManyDigits { name: parts[plan].name.to_owned() };
        sum = sum.checked_add(usd).ok_or_else(too_long)?;
        Ok(())
    };
    for charge in charges {
        add(charge.cost_usd, charge.plan)?;
        add(charge.standard_cost_usd, charge.plan)?;
    }
    for (index, part) in parts.iter().enumerate() {
        let plan = part.plan;
        let quotes = plan.models.iter().map(|model| model.quote).chain([plan.quote]).flatten();
        for quote in quotes {
            for usd in [quote.standard, quote.batch, quote.batch_cached].map(|range| range.high()) {
                add(usd, index)?;
            }
            let ends = [quote.standard, quote.batch, quote.batch_cached];
            for usd in ends.into_iter().flat_map(|range| [Some(range.low()), range.likely()]).flatten() {
                add(usd, index)?;
            }
            add(quote.batch_bound, index)?;
        }
        for cost in plan.cache.iter().flat_map(|cache| cache.scenarios.values()) {
            let range = cost.range;
            for usd in
                [Some(range.low()), range.likely(), Some(range.high()), cost.batch].into_iter().flatten()
            {
                add(usd, index)?;
            }
        }
    }
    Ok(())
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

/// The scenarios that every plan with a price tells.
fn cache_rows(plans: &[&Plan]) -> Vec<CacheRow> {
    let priced: Vec<&&Plan> = plans.iter().filter(|plan| plan.quote.is_some()).collect();
    let Some(first) = priced.first().and_then(|plan| plan.cache.as_ref()) else { return Vec::new() };
    let row = |name: &str| {
        let of = |plan: &&&Plan| plan.cache.as_ref()?.scenarios.get(name).cloned();
        let all = priced.iter().map(of).collect::<Option<Vec<_>>>()?;
        let capped = all.iter().try_fold(Usd::ZERO, |sum, cost| Some(sum + cost.batch?));
        Some(CacheRow {
            scenario: name.to_owned(),
            range: all.iter().map(|cost| cost.range).sum(),
            with_longest_replies: capped,
            meaning: all[0].meaning.to_string(),
        })
    };
    first.scenarios.keys().filter_map(|name| row(name)).collect()
}

fn assumption_rows(plans: &[&Plan]) -> Vec<AssumptionRow> {
    let mut rows: Vec<AssumptionRow> = Vec::new();
    for (index, plan) in plans.iter().enumerate() {
        for assumption in &plan.assumptions {
            let same = |row: &&mut AssumptionRow| {
                (&row.key, &row.value, &row.source)
                    == (&assumption.key, &assumption.value, &assumption.source)
            };
            match rows.iter_mut().find(same) {
                Some(row) if row.plans.last() == Some(&index) => (),
                Some(row) => row.plans.push(index),
                None => rows.push(AssumptionRow {
                    key: assumption.key.clone(),
                    value: assumption.value.clone(),
                    source: assumption.source.clone(),
                    plans: vec![index],
                }),
            }
        }
    }
    rows
}

/// Each row of prices once, with the plans that applied it.
fn price_rows(plans: &[&Plan]) -> Vec<PriceRow> {
    let mut rows: Vec<PriceRow> = Vec::new();
    let mut of_model: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, plan) in plans.iter().enumerate() {
        for model in &plan.models {
            let known = of_model.entry(&model.model).or_default();
            for rates in &model.rates {
                let row = price_row(&model.model, model.priced_as.as_ref(), rates, index);
                match known.iter().copied().find(|&other| rows[other].has_prices_of(&row)) {
                    Some(other) if rows[other].plans.last() == Some(&index) => (),
                    Some(other) => rows[other].plans.push(index),
                    None => {
                        known.push(rows.len());
                        rows.push(row);
                    }
                }
            }
        }
    }
    rows
}

impl PriceRow {
    /// Whether both say the same, but for the plans.
    fn has_prices_of(&self, other: &PriceRow) -> bool {
        let PriceRow {
            model,
            priced_as,
            geo,
            prompt_tokens_over,
            usd_per_mtok,
            since,
            source,
            checked,
            plans: _,
        } = self;
        (model, priced_as, geo, prompt_tokens_over)
            == (&other.model, &other.priced_as, &other.geo, &other.prompt_tokens_over)
            && (usd_per_mtok, since, source, checked)
                == (&other.usd_per_mtok, &other.since, &other.source, &other.checked)
    }
}

fn price_row(model: &str, priced_as: Option<&String>, rates: &RatesUsed, plan: usize) -> PriceRow {
    PriceRow {
        model: model.to_owned(),
        priced_as: priced_as.cloned(),
        geo: rates.geo.to_string(),
        prompt_tokens_over: rates.prompt_tokens_over,
        usd_per_mtok: rates.usd_per_mtok.clone(),
        since: rates.since.clone(),
        source: rates.source.clone(),
        checked: rates.checked.clone(),
        plans: vec![plan],
    }
}

fn findings(plans: &[&Plan]) -> StatementFindings {
    let mut sum = StatementFindings::default();
    for plan in plans {
        sum.error = sum.error.saturating_add(plan.findings.error);
        sum.warning = sum.warning.saturating_add(plan.findings.warning);
        sum.note = sum.note.saturating_add(plan.findings.note);
        for (rule, count) in &plan.findings.rules {
            let known = sum.rules.entry(rule.to_string()).or_default();
            *known = known.saturating_add(*count);
        }
    }
    sum
}

/// Inputs that several plans hold, as the first of them calls them: their requests count twice.
fn shared_inputs(parts: &[PlanPart<'_>]) -> Vec<String> {
    let mut seen = HashMap::new();
    let mut shared = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        for input in part.plan.inputs.iter().filter(|input| input.bytes > 0) {
            let first = *seen.entry(input.sha256).or_insert(index);
            if first != index {
                shared.push(input.path.clone());
            }
        }
    }
    shared.dedup();
    shared
}
