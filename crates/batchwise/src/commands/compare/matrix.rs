use std::collections::BTreeMap;

use batchwise_plan::{CacheAnalysis, ModelLine, Plan};
use batchwise_planner::{Compared, Marking, VariantSum};
use batchwise_pricing::PriceBook;

use super::choices::{choices_by_key, usual};
use super::conditions::Conditions;
use crate::args::{Choice, Key, WhatIf};
use crate::comparison::{CacheWay, Comparison, Effect, Row, Sensitivity, Unpriced, common_end};
use crate::error::CliError;
use crate::settings::Settings;

/// The most combinations of values. Each takes time and memory for each request.
const VARIANTS_MAX: usize = 64;

/// What the cache can do, where several do the same the simplest first; hit rates come before all of them.
const SIMPLEST_FIRST: [&str; 5] = ["none", "cold", "best", "primed", "advised"];

/// What is compared: the workload as it is, and what would be otherwise.
pub(super) struct Matrix<'b> {
    keys: Vec<Key>,
    /// All that is tried, each once; the workload as it is comes first.
    pub(super) variants: Vec<Conditions<'b>>,
    /// Which of them are rows.
    rows: Vec<usize>,
    /// Which of them change one thing.
    single: Vec<usize>,
}

impl<'b> Matrix<'b> {
    /// # Errors
    /// When a model is unknown, or there are more than [`VARIANTS_MAX`] combinations.
    pub(super) fn new(what_ifs: &[WhatIf], settings: &'b Settings) -> Result<Matrix<'b>, CliError> {
        let as_is = Conditions {
            changes: BTreeMap::new(),
            model: None,
            max_tokens: None,
            terms: settings.terms.clone(),
        };
        let choices = choices_by_key(what_ifs, &settings.book, settings.terms.day);
        let sizes = choices.values().map(Vec::len);
        let asked = sizes.fold(1usize, usize::saturating_mul);
        if asked > VARIANTS_MAX {
            return Err(CliError::TooManyVariants { asked, max: VARIANTS_MAX });
        }
        let keys = choices.keys().copied().collect();
        let mut matrix = Matrix { keys, variants: vec![as_is.clone()], rows: vec![0], single: Vec::new() };
        if !choices.is_empty() {
            for conditions in product(&as_is, &choices, &settings.book)? {
                let place = matrix.place(conditions);
                matrix.rows.push(place);
            }
        }
        for (&key, choices) in &choices {
            for choice in choices {
                matrix.try_alone(&as_is, key, choice, &settings.book)?;
            }
        }
        for (key, choice) in usual(&as_is.terms) {
            matrix.try_alone(&as_is, key, &choice, &settings.book)?;
        }
        Ok(matrix)
    }

    /// Where conditions stand; they become the last where they are new.
    fn place(&mut self, conditions: Conditions<'b>) -> usize {
        let known = self.variants.iter().position(|known| known.changes == conditions.changes);
        known.unwrap_or_else(|| {
            self.variants.push(conditions);
            self.variants.len() - 1
        })
    }

    fn try_alone(
        &mut self,
        as_is: &Conditions<'b>,
        key: Key,
        choice: &Choice,
        book: &'b PriceBook,
    ) -> Result<(), CliError> {
        let place = self.place(as_is.with(key, choice, book)?);
        if !self.single.contains(&place) {
            self.single.push(place);
        }
        Ok(())
    }

    /// What came of it.
    pub(super) fn comparison(&self, compared: Compared) -> Comparison {
        let Compared { plan, marking, variants } = compared;
        let as_is = &variants[0];
        let row = |&place: &usize| self.row(place, &variants[place], as_is);
        let mut sensitivities = self.sensitivities(&variants, plan.cache.as_ref(), &marking);
        let sensitivities_at = common_end(sensitivities.iter().filter_map(|one| one.effect.as_ref()));
        if let Some(end) = sensitivities_at {
            sensitivities.sort_by_key(|sensitivity| std::cmp::Reverse(sensitivity.weight(end)));
        }
        let rows = self.rows.iter().map(row).collect();
        let keys = self.keys.iter().map(|key| key.name()).collect();
        let Plan {
            verdict,
            priced_on,
            price_book,
            inputs,
            requests,
            left_out_lines,
            models,
            assumptions,
            findings,
            ..
        } = plan;
        Comparison {
            schema: crate::comparison::SCHEMA,
            verdict: verdict.name(),
            priced_on,
            price_book,
            inputs,
            requests,
            left_out_lines,
            unpriced: unpriced(models),
            keys,
            rows,
            sensitivities_at,
            sensitivities,
            assumptions,
            findings,
        }
    }

    /// What comes of each change alone: another service, what was asked for, other lengths of replies, and all that a plan
    /// knows of the cache. What nobody asked for is told where it makes a difference, or where it is unknown which.
    fn sensitivities(
        &self,
        variants: &[VariantSum],
        cache: Option<&CacheAnalysis>,
        marking: &Marking,
    ) -> Vec<Sensitivity> {
        let as_is = self.row(0, &variants[0], &variants[0]);
        let single = self.single.iter().filter_map(|&place| {
            let mut row = self.row(place, &variants[place], &variants[0]);
            let (key, text) = self.variants[place].changes.first_key_value()?;
            if *key == Key::OutputTokens && row.change.is_some() {
                row.change = as_is.quote.zip(row.quote).map(|(base, other)| Effect::of_replies(base, other));
            }
            let is_idle =
                row.change.as_ref().is_some_and(|effect| effect.is_nothing() && effect.likely.is_some());
            let change = format!("{}={text}", key.name());
            (self.keys.contains(key) || !is_idle)
                .then(|| Sensitivity::of(change, self.variants[0].text(*key), row))
        });
        let caches = cache.into_iter().flat_map(|cache| self.caches(cache, marking, &as_is));
        [Sensitivity::of_service(&as_is)].into_iter().chain(single).chain(caches).collect()
    }

    /// What the cache can do besides what is assumed and what was asked for, as far as that makes a difference.
    fn caches(&self, cache: &CacheAnalysis, marking: &Marking, as_is: &Row) -> Vec<Sensitivity> {
        let assumed = self.variants[0].text(Key::Cache);
        let single = self.single.iter().map(|&place| &self.variants[place].changes);
        let asked: Vec<&String> = single.filter_map(|changes| changes.get(&Key::Cache)).collect();
        let others = cache
            .scenarios
            .iter()
            .filter(|(name, _)| **name != assumed && asked.iter().all(|asked| asked != name));
        let told = others.map(|(name, cost)| {
            let way = CacheWay::to(name, marking.gains_from_blocks());
            Sensitivity::of_cache(name, way, assumed.clone(), as_is, cost.range)
        });
        let makes_a_difference =
            |one: &Sensitivity| one.effect.as_ref().is_some_and(|effect| !effect.is_nothing());
        let mut told: Vec<Sensitivity> = told.filter(makes_a_difference).collect();
        told.sort_by_key(|one| SIMPLEST_FIRST.iter().position(|name| one.what_if["cache"] == *name));
        told
    }

    fn row(&self, place: usize, sum: &VariantSum, as_is: &VariantSum) -> Row {
        let conditions = &self.variants[place];
        let what_if = conditions.changes.iter().map(|(key, text)| (key.name(), text.clone())).collect();
        // The same requests have a price in both: all, or, with the models that they are, those of known models.
        let is_alike = sum.unpriced_requests == as_is.unpriced_requests
            && (sum.unpriced_requests == 0 || conditions.model.is_none());
        Row::new(what_if, sum, as_is.quote.filter(|_| is_alike && place != 0))
    }
}

/// What has no price, those models first that most requests name.
fn unpriced(models: Vec<ModelLine>) -> Vec<Unpriced> {
    let mut all: Vec<Unpriced> = models
        .into_iter()
        .filter_map(|line| {
            let ModelLine { model, unpriced_requests: requests, unpriced_because, .. } = line;
            (requests > 0).then(|| Unpriced {
                model,
                requests,
                because: unpriced_because.unwrap_or_default(),
            })
        })
        .collect();
    all.sort_by_key(|unpriced| std::cmp::Reverse(unpriced.requests));
    all
}

/// All combinations of the values, the last key changing first.
fn product<'b>(
    as_is: &Conditions<'b>,
    choices: &BTreeMap<Key, Vec<Choice>>,
    book: &'b PriceBook,
) -> Result<Vec<Conditions<'b>>, CliError> {
    let mut all = vec![as_is.clone()];
    for (&key, choices) in choices {
        let more = all
            .iter()
            .flat_map(|conditions| choices.iter().map(move |choice| conditions.with(key, choice, book)));
        all = more.collect::<Result<_, _>>()?;
    }
    Ok(all)
}
