//! The lines of a statement's tables.

use std::collections::BTreeMap;

use batchwise_plan::{Fingerprint, Quote};
use batchwise_units::{Bytes, Estimate, ExpectedTokens, Usd, apportion};
use serde::Serialize;

use crate::charge::{Charge, order};
use crate::cost::foot;
use crate::{Basis, Cost, Costs, PlanPart, Scenario};

/// One plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlanRow {
    /// How the user calls it.
    pub name: String,
    /// The SHA-256 of its file.
    pub sha256: Fingerprint,
    /// `ok`, `refused` or `unusable`.
    pub verdict: &'static str,
    /// The day whose prices apply.
    pub priced_on: String,
    /// The version of the price book.
    pub price_book: String,
    /// The SHA-256 of the price book.
    pub price_book_sha256: String,
    /// What the user calls the workload.
    pub tags: BTreeMap<String, String>,
    /// How many requests its batches hold.
    pub requests: u64,
    /// How many of them have no price, and are in no amount.
    pub unpriced_requests: u64,
    /// How many batches.
    pub batches: u64,
    /// What it costs; null where nothing has a price.
    pub costs: Option<Costs>,
    /// By scenario, in what its stated cost is not the likely one; empty where it is.
    pub basis: BTreeMap<Scenario, Vec<Basis>>,
}

/// One model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ModelRow {
    /// As the requests name it; null for plans that do not tell what each model costs.
    pub model: Option<String>,
    /// How many requests name it.
    pub requests: u64,
    /// How many of them have no price, and are in no amount.
    pub unpriced_requests: u64,
    /// Why, where there are some.
    pub unpriced_because: Option<String>,
    /// What the others cost; null where there are none.
    pub costs: Option<Costs>,
}

/// One batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BatchRow {
    /// Index into the statement's plans.
    pub plan: usize,
    /// Its number in the plan, from 0; null for a plan that does not tell what each batch costs.
    pub batch: Option<u32>,
    /// Its wave.
    pub wave: u32,
    /// How many requests.
    pub requests: u64,
    /// How many of them have no price, and are in no amount.
    pub unpriced_requests: u64,
    /// How many may cost more than any bound says.
    pub unbounded_requests: u64,
    /// The length of its HTTP body.
    pub body_bytes: Bytes,
    /// The most that those can cost that have a price and a bound; null with `costs`.
    pub bound: Option<Usd>,
    /// What it costs; null where nothing has a price.
    pub costs: Option<Costs>,
}

/// One value of a tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TagRow {
    /// The key.
    pub key: String,
    /// The value; null for the plans without that key.
    pub value: Option<String>,
    /// How many plans have it.
    pub plans: u64,
    /// How many requests they hold.
    pub requests: u64,
    /// How many of them have no price, and are in no amount.
    pub unpriced_requests: u64,
    /// What they cost; null where nothing has a price.
    pub costs: Option<Costs>,
}

/// One kind of token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KindRow {
    /// As in the charges.
    pub token_kind: String,
    /// Sent one by one.
    pub standard: KindCost,
    /// As batches.
    pub batch: KindCost,
    /// As batches with caching.
    pub batch_cached: KindCost,
}

/// What a kind of token costs in one scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct KindCost {
    /// How many; null where an older plan tells no more than a total.
    pub tokens: Option<ExpectedTokens>,
    /// What they cost, exact.
    pub stated: Usd,
    /// The same rounded, so that kinds foot.
    pub rounded: Usd,
}

impl KindRow {
    /// What it costs in one scenario.
    pub fn of(&self, scenario: Scenario) -> &KindCost {
        match scenario {
            Scenario::Standard => &self.standard,
            Scenario::Batch => &self.batch,
            Scenario::BatchCached => &self.batch_cached,
        }
    }

    fn of_mut(&mut self, scenario: Scenario) -> &mut KindCost {
        match scenario {
            Scenario::Standard => &mut self.standard,
            Scenario::Batch => &mut self.batch,
            Scenario::BatchCached => &mut self.batch_cached,
        }
    }
}

/// The stated costs of a part, scenario by scenario.
pub(crate) type Stated = [Usd; 3];

/// What the charges of each part add up to, by the key of the part.
pub(crate) fn stated<'c, K: Ord>(
    charges: &'c [Charge],
    key: impl Fn(&'c Charge) -> K,
) -> BTreeMap<K, Stated> {
    let mut sums: BTreeMap<K, Stated> = BTreeMap::new();
    for charge in charges {
        sums.entry(key(charge)).or_default()[charge.scenario as usize] += charge.cost_usd;
    }
    sums
}

/// The costs of a part: `quote` has its range.
pub(crate) fn costs(quote: &Quote, stated: Stated) -> Costs {
    let cost = |scenario: Scenario| {
        let stated = stated[scenario as usize];
        Cost { range: scenario.range(quote), stated, rounded: stated }
    };
    Costs {
        standard: cost(Scenario::Standard),
        batch: cost(Scenario::Batch),
        batch_cached: cost(Scenario::BatchCached),
    }
}

/// The quotes of several parts as one, end by end.
pub(crate) fn together<'q>(quotes: impl Iterator<Item = &'q Quote>) -> Option<Quote> {
    quotes.copied().reduce(|sum, quote| Quote {
        standard: sum.standard + quote.standard,
        batch: sum.batch + quote.batch,
        batch_cached: sum.batch_cached + quote.batch_cached,
        batch_bound: sum.batch_bound + quote.batch_bound,
    })
}

pub(crate) fn plan_rows(parts: &[PlanPart<'_>], charges: &[Charge], places: u32) -> Vec<PlanRow> {
    let stated = stated(charges, |charge| charge.plan);
    let row = |(index, part): (usize, &PlanPart<'_>)| {
        let plan = part.plan;
        PlanRow {
            name: part.name.to_owned(),
            sha256: part.sha256,
            verdict: plan.verdict.name(),
            priced_on: plan.priced_on.clone(),
            price_book: plan.price_book.version.clone(),
            price_book_sha256: plan.price_book.sha256.clone(),
            tags: plan.tags.clone(),
            requests: plan.requests,
            unpriced_requests: plan.unpriced_requests,
            batches: plan.batches.len() as u64,
            costs: plan.quote.as_ref().map(|quote| costs(quote, stated_of(&stated, &index))),
            basis: Scenario::ALL.map(|scenario| (scenario, part.basis(scenario))).into(),
        }
    };
    let mut rows: Vec<PlanRow> = parts.iter().enumerate().map(row).collect();
    foot(rows.iter_mut().filter_map(|row| row.costs.as_mut()), places);
    rows
}

/// What the part of that key is stated to cost. One that uses no tokens has no charges.
fn stated_of<K: Ord>(stated: &BTreeMap<K, Stated>, key: &K) -> Stated {
    stated.get(key).copied().unwrap_or_default()
}

pub(crate) fn model_rows(parts: &[PlanPart<'_>], charges: &[Charge], places: u32) -> Vec<ModelRow> {
    let stated = stated(charges, |charge| charge.model.as_deref());
    let mut rows: BTreeMap<Option<&str>, (ModelRow, Vec<&Quote>)> = BTreeMap::new();
    for part in parts {
        if part.has_kinds() {
            for line in &part.plan.models {
                let (row, quotes) = rows
                    .entry(Some(&line.model))
                    .or_insert_with(|| (empty_model(Some(&line.model)), Vec::new()));
                row.requests += line.requests;
                row.unpriced_requests += line.unpriced_requests;
                row.unpriced_because = row.unpriced_because.take().or_else(|| line.unpriced_because.clone());
                quotes.extend(&line.quote);
            }
        } else {
            let (row, quotes) = rows.entry(None).or_insert_with(|| (empty_model(None), Vec::new()));
            row.requests += part.plan.requests;
            row.unpriced_requests += part.plan.unpriced_requests;
            quotes.extend(&part.plan.quote);
        }
    }
    let finished = rows.into_iter().map(|(model, (row, quotes))| {
        let quote = together(quotes.into_iter());
        ModelRow { costs: quote.map(|quote| costs(&quote, stated_of(&stated, &model))), ..row }
    });
    let mut rows: Vec<ModelRow> = finished.collect();
    foot(rows.iter_mut().filter_map(|row| row.costs.as_mut()), places);
    rows
}

fn empty_model(model: Option<&str>) -> ModelRow {
    ModelRow {
        model: model.map(str::to_owned),
        requests: 0,
        unpriced_requests: 0,
        unpriced_because: None,
        costs: None,
    }
}

pub(crate) fn batch_rows(parts: &[PlanPart<'_>], charges: &[Charge], places: u32) -> Vec<BatchRow> {
    let stated = stated(charges, |charge| (charge.plan, charge.batch));
    let mut rows = Vec::new();
    for (plan, part) in parts.iter().enumerate() {
        let costs = |quote: &Option<Quote>, batch| {
            quote.map(|quote| costs(&quote, stated_of(&stated, &(plan, batch))))
        };
        if part.has_kinds() {
            rows.extend(part.plan.batches.iter().map(|batch| BatchRow {
                plan,
                batch: Some(batch.index),
                wave: batch.wave,
                requests: batch.requests,
                unpriced_requests: batch.unpriced_requests,
                unbounded_requests: batch.unbounded_requests,
                body_bytes: batch.body_bytes,
                bound: batch.quote.map(|quote| quote.batch_bound),
                costs: costs(&batch.quote, Some(batch.index)),
            }));
        } else {
            rows.push(BatchRow {
                plan,
                batch: None,
                wave: 0,
                requests: part.plan.requests,
                unpriced_requests: part.plan.unpriced_requests,
                unbounded_requests: part.plan.unbounded_requests,
                body_bytes: Bytes(
                    part.plan.batches.iter().fold(0, |sum, batch| batch.body_bytes.0.saturating_add(sum)),
                ),
                bound: part.plan.quote.map(|quote| quote.batch_bound),
                costs: costs(&part.plan.quote, None),
            });
        }
    }
    foot(rows.iter_mut().filter_map(|row| row.costs.as_mut()), places);
    rows
}

/// By each key that some plan has, in order; the plans without it come last.
pub(crate) fn tag_rows(parts: &[PlanPart<'_>], charges: &[Charge], places: u32) -> Vec<TagRow> {
    let mut keys: Vec<&String> = parts.iter().flat_map(|part| part.plan.tags.keys()).collect();
    keys.sort();
    keys.dedup();
    keys.into_iter().flat_map(|key| rows_of_tag(key, parts, charges, places)).collect()
}

fn rows_of_tag(key: &str, parts: &[PlanPart<'_>], charges: &[Charge], places: u32) -> Vec<TagRow> {
    let value = |part: &PlanPart<'_>| part.plan.tags.get(key).cloned();
    let stated = stated(charges, |charge| value(&parts[charge.plan]));
    let mut values: Vec<Option<String>> = parts.iter().map(value).collect();
    // None is less than any value, and comes last.
    values.sort_by(|one, other| one.is_none().cmp(&other.is_none()).then(one.cmp(other)));
    values.dedup();
    let row = |tag: Option<String>| {
        let plans: Vec<_> = parts.iter().filter(|part| value(part) == tag).map(|part| part.plan).collect();
        let quote = together(plans.iter().filter_map(|plan| plan.quote.as_ref()));
        TagRow {
            key: key.to_owned(),
            plans: plans.len() as u64,
            requests: plans.iter().map(|plan| plan.requests).sum(),
            unpriced_requests: plans.iter().map(|plan| plan.unpriced_requests).sum(),
            costs: quote.map(|quote| costs(&quote, stated_of(&stated, &tag))),
            value: tag,
        }
    };
    let mut rows: Vec<TagRow> = values.into_iter().map(row).collect();
    foot(rows.iter_mut().filter_map(|row| row.costs.as_mut()), places);
    rows
}

pub(crate) fn kind_rows(charges: &[Charge], places: u32) -> Vec<KindRow> {
    let stated = stated(charges, |charge| (order(&charge.token_kind), charge.token_kind.as_str()));
    let mut rows: Vec<KindRow> = Vec::new();
    for ((_, kind), costs) in &stated {
        let cost = |scenario: Scenario| {
            let of_it =
                charges.iter().filter(|charge| charge.token_kind == *kind && charge.scenario == scenario);
            let tokens = of_it
                .map(|charge| charge.tokens)
                .try_fold(ExpectedTokens::ZERO, |sum, tokens| Some(sum + tokens?));
            let stated = costs[scenario as usize];
            KindCost { tokens, stated, rounded: stated }
        };
        rows.push(KindRow {
            token_kind: (*kind).to_owned(),
            standard: cost(Scenario::Standard),
            batch: cost(Scenario::Batch),
            batch_cached: cost(Scenario::BatchCached),
        });
    }
    for scenario in Scenario::ALL {
        let stated: Vec<Usd> = rows.iter().map(|row| row.of(scenario).stated).collect();
        for (row, rounded) in rows.iter_mut().zip(apportion(&stated, places)) {
            row.of_mut(scenario).rounded = rounded;
        }
    }
    rows
}

/// The ends of a range, for the choice of places.
pub(crate) fn ends(range: Estimate<Usd>) -> [Usd; 2] {
    [range.low(), range.high()]
}
