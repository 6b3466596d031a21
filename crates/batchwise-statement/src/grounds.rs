//! What a statement rests on: assumptions, prices, findings, and what the cache may do.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

use batchwise_plan::{Fingerprint, Plan, RatesUsed};
use batchwise_units::Usd;

use crate::{AssumptionRow, CacheRow, PlanPart, PriceRow, StatementFindings};

/// The scenarios that every plan with a price tells, in the order of their costs in most workloads.
pub(crate) fn cache_rows(plans: &[&Plan]) -> Vec<CacheRow> {
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
    let mut rows: Vec<CacheRow> = first.scenarios.keys().filter_map(|name| row(name)).collect();
    rows.sort_by_key(|row| (place(&row.scenario), Reverse(row.range.high())));
    rows
}

/// Where a scenario of the cache stands among others; hit rates stand together.
fn place(scenario: &str) -> usize {
    let known = ["none", "cold", "%", "best", "primed", "advised"];
    let is_it = |known: &&str| *known == scenario || (*known == "%" && scenario.ends_with('%'));
    known.iter().position(is_it).unwrap_or(known.len())
}

/// Each assumption once, with the plans that say so.
pub(crate) fn assumption_rows(plans: &[&Plan]) -> Vec<AssumptionRow> {
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
pub(crate) fn price_rows(plans: &[&Plan]) -> Vec<PriceRow> {
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

/// All findings together.
pub(crate) fn findings(plans: &[&Plan]) -> StatementFindings {
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

/// Inputs that several plans hold, each once and as the first of them calls it: their requests count several times.
pub(crate) fn shared_inputs(parts: &[PlanPart<'_>]) -> Vec<String> {
    let mut holders: HashMap<Fingerprint, (&str, BTreeSet<usize>)> = HashMap::new();
    let mut order = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        for input in part.plan.inputs.iter().filter(|input| input.bytes > 0) {
            let (_, plans) = holders.entry(input.sha256).or_insert_with(|| {
                order.push(input.sha256);
                (&input.path, BTreeSet::new())
            });
            plans.insert(index);
        }
    }
    let held = order.iter().map(|sha256| &holders[sha256]);
    held.filter(|(_, plans)| plans.len() > 1).map(|(path, _)| (*path).to_owned()).collect()
}
