use std::ptr;

use batchwise_findings::Rule;
use batchwise_plan::Assumption;
use batchwise_prefixes::PrefixChain;
use batchwise_pricing::{Era, LookupError, Model};
use batchwise_records::{Line, Request};
use batchwise_tokens::{Estimator, InputEstimate, ModelTraits};
use batchwise_units::{Estimate, Margin, Tokens};

use super::Variant;
use crate::appraisal::{
    Outcome, Priced, Valued, appraise_estimated, estimate_input, model_traits, read_line, value,
};
use crate::cache::{CacheStakes, of_all_blocks};
use crate::totals::Load;
use crate::{Appraisal, CacheScenario, Context, Inspected, Price};

/// The model that prefixes are known by where all requests go to one.
const ONE_MODEL: &str = "one model";

/// What is tried with each request.
pub(super) struct Trials<'c> {
    context: &'c Context<'c>,
    pub(super) variants: Vec<Attempt<'c>>,
    /// How many kinds of models there are, as far as the cache goes.
    pub(super) classes: usize,
    /// What tells apart the models that count differently.
    traits: Vec<ModelTraits>,
    inspections: usize,
}

/// One variant, and what it shares with others.
pub(super) struct Attempt<'c> {
    pub(super) variant: Variant<'c>,
    context: Context<'c>,
    /// Which of the traits its model has; `None` where each request keeps its own model.
    count: Option<usize>,
    /// Requests find the same in the cache under variants of the same class.
    pub(super) class: usize,
    /// Inspectors say the same of variants with the same number.
    inspection: usize,
}

/// What the input of one request comes to.
struct Counts {
    /// For its own model.
    own: InputEstimate,
    /// By traits; `None` where they are those of its own model.
    others: Vec<Option<InputEstimate>>,
}

impl Counts {
    fn of(&self, traits: usize) -> &InputEstimate {
        self.others[traits].as_ref().unwrap_or(&self.own)
    }
}

/// What one request comes to under all variants, in their order.
pub(super) struct Trial<'c> {
    pub(super) results: Vec<TrialResult<'c>>,
    pub(super) marked: Option<Marked>,
}

/// What one request comes to under one variant.
pub(super) struct TrialResult<'c> {
    pub(super) load: Load,
    pub(super) unpriced_because: Option<String>,
    /// The rules that say something about it, each once.
    pub(super) rules: Vec<Rule>,
    pub(super) notes: Vec<Assumption>,
    /// What the cache can do to its cost, where it has a price and breakpoints.
    pub(super) stakes: Option<Box<(CacheStakes, &'c Era)>>,
}

/// What the cache can tell of a request with breakpoints.
pub(super) struct Marked {
    own: PrefixChain,
    /// Where all requests go to one model.
    elsewhere: PrefixChain,
    /// The tokens of the prompt up to the end of each block: of the request's own model, then by traits.
    sizes: Vec<Vec<Estimate<Tokens>>>,
}

impl Marked {
    /// Its blocks and their sizes under a variant.
    pub(super) fn seen_by(&self, attempt: &Attempt<'_>) -> (&PrefixChain, &[Estimate<Tokens>]) {
        match attempt.count {
            None => (&self.own, &self.sizes[0]),
            Some(count) => (&self.elsewhere, &self.sizes[count + 1]),
        }
    }
}

impl<'c> Trials<'c> {
    pub(super) fn new(context: &'c Context<'c>, variants: &[Variant<'c>]) -> Trials<'c> {
        let mut traits = Vec::new();
        let mut classes = vec![None];
        let mut inspections: Vec<Variant<'c>> = Vec::new();
        let attempts = variants.iter().map(|&variant| {
            assert!(variant.terms.cache != CacheScenario::Primed, "a comparison is one pass");
            let count = variant.model.map(|model| place_of(model_traits(model), &mut traits, PartialEq::eq));
            let class = variant.model.map(|model| (count, model.min_cacheable, model.inference_geo));
            Attempt {
                context: Context { terms: variant.terms, inspector: variant.inspector, ..*context },
                count,
                class: place_of(class, &mut classes, PartialEq::eq),
                inspection: place_of(variant, &mut inspections, are_inspected_alike),
                variant,
            }
        });
        let variants = attempts.collect();
        Trials { context, variants, classes: classes.len(), traits, inspections: inspections.len() }
    }

    /// Who counts.
    pub(super) fn estimator(&self) -> &'c dyn Estimator {
        self.context.estimator
    }

    /// Reads, counts and prices one line as it is, and prices it under all variants.
    pub(super) fn of_line(&self, line: &Line<'_>) -> Outcome<(Appraisal, Trial<'c>)> {
        read_line(line, |request| {
            let model = self.context.book.find(&request.model);
            let counts = self.counts(request, model.as_ref().ok());
            let trial = self.of_request(request, &model, &counts);
            (appraise_estimated(request, self.context, (model, counts.own)), trial)
        })
    }

    /// Counts the input once for each kind of model.
    fn counts(&self, request: &Request<'_>, model: Option<&&Model>) -> Counts {
        let estimator = self.context.estimator;
        let Some(model) = model else {
            let (_, own) = estimate_input(request, self.context.book, estimator);
            let others = estimator.estimate_each(request, &self.traits.iter().collect::<Vec<_>>());
            return Counts { own, others: others.into_iter().map(Some).collect() };
        };
        let own = model_traits(model);
        let differs = |traits: &&ModelTraits| **traits != own;
        let models: Vec<&ModelTraits> =
            [&own].into_iter().chain(self.traits.iter().filter(differs)).collect();
        let mut counted = estimator.estimate_each(request, &models).into_iter();
        let first = counted.next().expect("each model has its estimate");
        let others = self.traits.iter().map(|traits| if *traits == own { None } else { counted.next() });
        Counts { others: others.collect(), own: first }
    }

    fn of_request(
        &self,
        request: &mut Request<'_>,
        own_model: &Result<&'c Model, LookupError>,
        counts: &Counts,
    ) -> Trial<'c> {
        let own = &counts.own;
        let marked = (!own.breakpoints.is_empty()).then(|| marked(request, own_model.as_ref().ok(), counts));
        let mut inspected: Vec<Option<Vec<Rule>>> = vec![None; self.inspections];
        let (model, max_tokens) = (request.model.clone(), request.max_tokens);
        let results = self.variants.iter().map(|attempt| {
            request.model =
                attempt.variant.model.map_or_else(|| model.clone(), |model| model.id.clone().into());
            request.max_tokens = attempt.variant.max_tokens.unwrap_or(max_tokens);
            let (model, input) = match (attempt.variant.model, attempt.count) {
                (Some(model), Some(count)) => (Ok(model), counts.of(count)),
                _ => (own_model.as_ref().copied(), own),
            };
            attempt.result(request, model, input, marked.as_ref(), &mut inspected[attempt.inspection])
        });
        let results = results.collect();
        (request.model, request.max_tokens) = (model, max_tokens);
        Trial { results, marked }
    }
}

impl<'c> Attempt<'c> {
    fn result(
        &self,
        request: &Request<'_>,
        model: Result<&'c Model, &LookupError>,
        input: &InputEstimate,
        marked: Option<&Marked>,
        inspected: &mut Option<Vec<Rule>>,
    ) -> TrialResult<'c> {
        let Valued { tokens, margins, price, assumptions, doubts, priced } =
            value(request, &self.context, model, input);
        let said = inspected.get_or_insert_with(|| {
            let Some(inspector) = self.context.inspector else { return Vec::new() };
            let seen = Inspected { request, model: model.ok(), input, price: &price };
            inspector.inspect(&seen).into_iter().map(|flaw| flaw.rule).collect()
        });
        let unpriced = matches!(price, Price::Unpriced(_)).then_some(Rule::Unpriced);
        let mut rules: Vec<Rule> =
            doubts.iter().map(|doubt| doubt.rule).chain(said.iter().copied()).chain(unpriced).collect();
        rules.sort_unstable();
        rules.dedup();
        let stakes = priced.zip(marked).map(|(Priced { prompt, prices, .. }, marked)| {
            let (chain, _) = marked.seen_by(self);
            let errs = margins.input != Margin::none();
            Box::new((CacheStakes::new(chain, prompt, prices, errs), prices.0))
        });
        TrialResult {
            load: Load { tokens, quote: price.quote(), margins, bounded: input.bounded },
            unpriced_because: match price {
                Price::Known { .. } => None,
                Price::Unpriced(reason) => Some(reason.sentence),
            },
            rules,
            notes: assumptions,
            stakes,
        }
    }
}

fn marked(request: &Request<'_>, model: Option<&&Model>, counts: &Counts) -> Marked {
    let chain = PrefixChain::of(request, model.map_or("", |model| &model.id));
    let elsewhere = PrefixChain::of(request, ONE_MODEL);
    let inputs = [&counts.own].into_iter().chain((0..counts.others.len()).map(|count| counts.of(count)));
    let sizes = inputs.map(|input| of_all_blocks(input.blocks.clone(), &chain, input.total)).collect();
    Marked { own: chain, elsewhere, sizes }
}

fn are_inspected_alike(one: &Variant<'_>, other: &Variant<'_>) -> bool {
    let same_inspector = match (one.inspector, other.inspector) {
        (Some(one), Some(other)) => ptr::addr_eq(one, other),
        (one, other) => one.is_none() && other.is_none(),
    };
    let same_model = one.model.map(|model| &model.id) == other.model.map(|model| &model.id);
    same_inspector
        && same_model
        && one.max_tokens == other.max_tokens
        && one.terms.region == other.terms.region
}

/// Where something stands among those that are there already; it becomes the last where it is new.
fn place_of<T>(item: T, known: &mut Vec<T>, is_same: impl Fn(&T, &T) -> bool) -> usize {
    known.iter().position(|one| is_same(one, &item)).unwrap_or_else(|| {
        known.push(item);
        known.len() - 1
    })
}
