use std::collections::BTreeMap;

use batchwise_findings::{Rule, Severity, Verdict};
use batchwise_plan::{Assumption, SEPARATOR_BYTES};
use batchwise_prefixes::{Caps, Found, Groups, Member, Place};
use batchwise_records::Line;
use batchwise_tokens::Estimator;

use super::VariantSum;
use super::trial::{Attempt, Marked, Trial, TrialResult, Trials};
use crate::assumptions;
use crate::cache::{Spot, by_scenario};
use crate::quoting::{FateCost, plain_usage};
use crate::totals::{Shares, Totals};

/// How many kinds of models may each remember as many prefixes as a plan.
const FULL_MEMORIES: usize = 4;

/// Where the variants are added up, request by request in the order of the inputs.
pub(super) struct Tableau<'c> {
    trials: &'c Trials<'c>,
    /// What was written to the cache, by class.
    written: Vec<Groups>,
    sums: Vec<OpenSum>,
}

/// One variant so far.
#[derive(Default)]
struct OpenSum {
    totals: Totals,
    refused: u64,
    rules: BTreeMap<Rule, u64>,
    unpriced_because: Option<String>,
    notes: BTreeMap<(String, String, String), u64>,
}

impl<'c> Tableau<'c> {
    pub(super) fn new(trials: &'c Trials<'c>) -> Tableau<'c> {
        let caps = caps(trials.classes);
        Tableau {
            trials,
            written: (0..trials.classes).map(|_| Groups::new(caps)).collect(),
            sums: trials.variants.iter().map(|_| OpenSum::default()).collect(),
        }
    }

    /// Adds a request that is in a batch.
    pub(super) fn take(&mut self, trial: Trial<'_>, line: &Line<'_>, input: u32, spot: Spot) {
        let Trial { results, marked } = trial;
        let mut found = vec![None; self.written.len()];
        for ((attempt, sum), mut result) in self.trials.variants.iter().zip(&mut self.sums).zip(results) {
            if let (Some(stakes), Some(marked)) = (&result.stakes, &marked) {
                let written = &mut self.written[attempt.class];
                let minimum = stakes.0.prompt.cache_minimum;
                let place = Place { input, line: line.number };
                let found = *found[attempt.class].get_or_insert_with(|| {
                    let (chain, sizes) = marked.seen_by(attempt);
                    let body_bytes = line.content.len() as u64 + SEPARATOR_BYTES.0;
                    let Spot { batch, wave } = spot;
                    let member = Member { chain, sizes, minimum, sort: 0, place, body_bytes, batch, wave };
                    let found = written.find(&member);
                    written.take(&member, found);
                    found
                });
                if let Some(cost) = with_caching(attempt, &result, marked, found) {
                    result.load.set_cached(&cost);
                }
            }
            sum.add(result);
        }
    }

    /// Adds everything up. The requests name so many different models.
    pub(super) fn close(self, models: usize) -> Vec<VariantSum> {
        let estimator = self.trials.estimator();
        let sums = self.trials.variants.iter().zip(self.sums);
        sums.map(|(attempt, sum)| {
            let models = if attempt.variant.model.is_some() { 1 } else { models };
            sum.close(models, estimator)
        })
        .collect()
    }
}

/// What a request costs with caching, where that depends on what it finds.
fn with_caching(
    attempt: &Attempt<'_>,
    result: &TrialResult<'_>,
    marked: &Marked,
    found: Found,
) -> Option<FateCost> {
    let (stakes, era) = &**result.stakes.as_ref()?;
    let (chain, sizes) = marked.seen_by(attempt);
    let costs = stakes.cached?;
    if chain.refusal().is_some() {
        // What is refused is cached by no assumption.
        let quote = result.load.quote?;
        return Some(FateCost {
            range: quote.batch,
            margin: result.load.margins.cost.batch,
            at_cap: stakes.plain_at_cap,
            usage: plain_usage(&stakes.prompt),
        });
    }
    let best = stakes.when_found(found.in_wave, sizes, &costs, era);
    by_scenario(attempt.variant.terms.cache, best, &costs)
}

/// What all classes remember together takes no more memory than that of four plans.
fn caps(classes: usize) -> Caps {
    let Caps { shared, once, whole, blocks } = Caps::default();
    let parts = classes.div_ceil(FULL_MEMORIES);
    Caps { shared: shared / parts, once: once / parts, whole: whole / parts, blocks }
}

impl OpenSum {
    fn add(&mut self, result: TrialResult<'_>) {
        let TrialResult { load, unpriced_because, rules, notes, .. } = result;
        self.totals.add(&load);
        self.refused += u64::from(rules.iter().any(|rule| refuses(*rule)));
        for rule in rules {
            *self.rules.entry(rule).or_default() += 1;
        }
        if self.unpriced_because.is_none() {
            self.unpriced_because = unpriced_because;
        }
        for Assumption { key, value, source } in notes {
            *self.notes.entry((key, value, source)).or_default() += 1;
        }
    }

    fn close(self, models: usize, estimator: &dyn Estimator) -> VariantSum {
        let whole = Shares::of_whole(estimator);
        let by_model = if models == 1 { whole } else { Shares::of_part(estimator) };
        let notes = self.notes.into_iter().map(|((key, value, source), count)| {
            assumptions::of_requests(Assumption { key, value, source }, count)
        });
        VariantSum {
            requests: self.totals.requests,
            unpriced_requests: self.totals.unpriced_requests,
            unbounded_requests: self.totals.unbounded_requests,
            refused_requests: self.refused,
            tokens: self.totals.tokens(whole),
            quote: self.totals.quote(by_model),
            rules: self.rules,
            unpriced_because: self.unpriced_because,
            notes: notes.collect(),
        }
    }
}

/// Whether the API answers with an error where the rule says something.
fn refuses(rule: Rule) -> bool {
    rule.severity() == Severity::Error && rule.verdict() == Verdict::Refused
}
