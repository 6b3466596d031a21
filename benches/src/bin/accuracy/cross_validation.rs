//! Fits each constant of the tokenizer `claude` again without one repository, and estimates the requests of that
//! repository with what the others say.
//!
//! An estimate is linear in every constant, so a constant's share of it is measured, not modelled: the request is
//! estimated once more with the constant raised by one.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use batchwise_records::Request;
use batchwise_tokens::{
    Claude, Cost, Estimator, Family, ModelTraits, RequestKind, Structure, StructureEstimator, claude,
};

use crate::{Case, STATISTICS, STATISTICS_COUNT, What, family_name, float, statistics};

/// A number that was fitted to recordings.
struct Constant {
    name: &'static str,
    /// In thousandths.
    likely: fn(&Structure) -> u64,
    /// Raises it by one.
    raise: fn(&mut Structure),
    /// Factors of a text are no whole tokens.
    is_factor: bool,
    alone: Alone,
}

/// What takes the place of a constant that no other repository shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Alone {
    /// The same constant of other models, and zero without one.
    OtherModels,
    /// The same, for a prompt that the other tokenizer counts differently.
    OtherPrompt,
    /// Zero.
    Nothing,
}

/// Tokens of the newer tokenizer for one of the older, roughly, in English prose.
const NEWER_PER_OLDER: f64 = 1.45;

macro_rules! constant {
    ($field:ident) => {
        constant!($field, false, Alone::OtherModels)
    };
    ($field:ident, $is_factor:expr, $alone:expr) => {
        Constant {
            name: stringify!($field),
            likely: |structure| likely(structure.$field),
            raise: |structure| structure.$field = raised(structure.$field),
            is_factor: $is_factor,
            alone: $alone,
        }
    };
}

/// All but the lengths of tool prompts, which are published, and the factors of PDF text and of unknown JSON.
const CONSTANTS: [Constant; 30] = [
    constant!(frame),
    constant!(further_message),
    constant!(merged_message),
    constant!(system_message),
    constant!(assistant_first),
    constant!(system),
    constant!(system_with_tools),
    constant!(tool),
    constant!(tool_named),
    constant!(single_call_auto, false, Alone::Nothing),
    constant!(single_call_forced, false, Alone::Nothing),
    constant!(calls),
    constant!(call),
    constant!(result),
    Constant {
        name: "only_result_saves",
        likely: |structure| 1_000 * structure.only_result_saves,
        raise: |structure| structure.only_result_saves += 1,
        is_factor: false,
        alone: Alone::OtherModels,
    },
    constant!(several_results),
    constant!(result_error),
    constant!(result_image),
    constant!(after_results),
    constant!(thinking_enabled),
    constant!(thinking_block),
    constant!(thinking, true, Alone::OtherModels),
    constant!(thinking_summary, true, Alone::OtherModels),
    constant!(thinking_signature, true, Alone::OtherModels),
    constant!(structured_output, false, Alone::OtherPrompt),
    constant!(document),
    constant!(document_title),
    constant!(search_result),
    constant!(citations, false, Alone::OtherPrompt),
    constant!(cited_sentence),
];

/// Those of images and PDFs, apart because there is one for each patch or page.
const MEDIA_CONSTANTS: [Constant; 2] = [constant!(image), constant!(pdf_page)];

fn constants() -> impl Iterator<Item = &'static Constant> {
    CONSTANTS.iter().chain(&MEDIA_CONSTANTS)
}

fn likely(cost: Cost) -> u64 {
    cost.estimate().likely().map_or(0, |tokens| tokens.0)
}

fn raised(cost: Cost) -> Cost {
    let cost = cost.estimate().map(|tokens| tokens.0 + 1_000);
    Cost::milli(cost.low(), cost.likely().unwrap_or(cost.low()), cost.high())
}

thread_local! {
    /// The constant that is raised.
    static RAISED: Cell<Option<&'static Constant>> = const { Cell::new(None) };
}

fn structure(model: &ModelTraits) -> Structure {
    let mut structure = Structure::for_claude(model);
    if let Some(constant) = RAISED.get() {
        (constant.raise)(&mut structure);
    }
    structure
}

/// How much of a constant is in an estimate.
pub(crate) struct Part {
    name: &'static str,
    /// What the constant is for this model, in thousandths: models with the same number share the constant.
    milli: u64,
    is_factor: bool,
    alone: Alone,
    /// How often it counts. Negative for what is taken off.
    times: f64,
}

impl Part {
    fn key(&self) -> Key {
        (self.name, self.milli)
    }

    fn value(&self) -> f64 {
        self.milli as f64 / 1_000.0
    }
}

type Key = (&'static str, u64);

/// Measures the parts of estimates.
pub(crate) struct Probe(StructureEstimator<Claude>);

impl Probe {
    pub(crate) fn new() -> Probe {
        Probe(StructureEstimator::new(Claude::default(), structure, claude().shared_error()))
    }

    pub(crate) fn parts(&self, request: &Request<'_>, model: &ModelTraits) -> Vec<Part> {
        let estimate = || self.0.estimate(request, model).total.likely().map_or(0.0, float);
        let (table, base) = (Structure::for_claude(model), estimate());
        constants()
            .filter_map(|constant| {
                RAISED.set(Some(constant));
                let times = estimate() - base;
                RAISED.set(None);
                (times.abs() > 0.0).then(|| Part {
                    name: constant.name,
                    milli: (constant.likely)(&table),
                    is_factor: constant.is_factor,
                    alone: constant.alone,
                    times,
                })
            })
            .collect()
    }
}

/// What a group of repositories says about one constant.
struct Fitted {
    value: f64,
    observations: usize,
    family: Family,
}

/// Each constant by itself, with all others as they are: the value at which the relative errors of its requests have
/// their weighted median at zero, in half tokens.
fn fit<'a>(cases: impl Iterator<Item = &'a Case>) -> BTreeMap<Key, Fitted> {
    let mut wanted: BTreeMap<Key, Wanted> = BTreeMap::new();
    for case in cases {
        let error = case.real - case.likely.unwrap_or(case.real);
        for part in &case.parts {
            let entry = wanted.entry(part.key()).or_insert_with(|| Wanted {
                is_factor: part.is_factor,
                family: case.family,
                values: Vec::new(),
            });
            entry.values.push((part.value() + error / part.times, part.times.abs() / case.real));
        }
    }
    wanted.into_iter().map(|(key, wanted)| (key, wanted.fitted())).collect()
}

/// What the requests with a constant would have it be.
struct Wanted {
    is_factor: bool,
    family: Family,
    /// Each with its weight.
    values: Vec<(f64, f64)>,
}

impl Wanted {
    fn fitted(mut self) -> Fitted {
        let median = weighted_median(&mut self.values);
        let value = if self.is_factor { median } else { (2.0 * median).round() / 2.0 };
        Fitted { value, observations: self.values.len(), family: self.family }
    }
}

fn weighted_median(values: &mut [(f64, f64)]) -> f64 {
    values.sort_by(|a, b| a.0.total_cmp(&b.0));
    let half = values.iter().map(|(_, weight)| weight).sum::<f64>() / 2.0;
    let mut sum = 0.0;
    for (value, weight) in values.iter() {
        sum += weight;
        if sum >= half {
            return *value;
        }
    }
    0.0
}

fn value_for(part: &Part, family: Family, fitted: &BTreeMap<Key, Fitted>) -> f64 {
    if let Some(same) = fitted.get(&part.key()) {
        return same.value;
    }
    let others = fitted.iter().filter(|((name, _), _)| *name == part.name).map(|(_, other)| other);
    match (part.alone, others.max_by_key(|other| other.observations)) {
        (Alone::Nothing, _) | (_, None) => 0.0,
        (Alone::OtherPrompt, Some(other)) if other.family != family => match family {
            Family::Claude47 => other.value * NEWER_PER_OLDER,
            Family::PreClaude47 => other.value / NEWER_PER_OLDER,
        },
        (_, Some(other)) => other.value,
    }
}

/// Prints how the estimates do on repositories that their constants were not fitted to, and the constants.
pub(crate) fn print(cases: &mut [Case]) {
    let sources: BTreeSet<String> = cases.iter().map(|case| case.source.clone()).collect();
    let mut refitted: BTreeMap<Key, Refitted> = BTreeMap::new();
    for case in cases.iter() {
        for part in &case.parts {
            refitted.entry(part.key()).or_default().add(case);
        }
    }
    let mut shifts = Vec::new();
    for source in &sources {
        let fitted = fit(cases.iter().filter(|case| case.source != *source));
        for (key, constant) in &fitted {
            refitted.entry(*key).or_default().values.push(constant.value);
        }
        for (index, case) in cases.iter().enumerate().filter(|(_, case)| case.source == *source) {
            let shift = |part: &Part| part.times * (value_for(part, case.family, &fitted) - part.value());
            shifts.push((index, case.parts.iter().map(shift).sum::<f64>()));
        }
    }
    for (index, shift) in shifts {
        let case = &mut cases[index];
        case.likely = case.likely.map(|likely| (likely + shift).round());
        case.low = (case.low + shift).floor();
        case.high = (case.high + shift).ceil();
    }
    println!("### Cross-validation by repository\n");
    print_sets(cases);
    println!("\n### What the margins have to hold\n");
    print_quantiles(cases);
    println!("\n### Constants without any one repository\n");
    print_constants(&refitted);
}

type Set = (&'static str, fn(RequestKind, f64) -> bool);

const SETS: [Set; 9] = [
    ("plain text and chat of 100 tokens or more", |kind, real| {
        matches!(kind, RequestKind::Text | RequestKind::Chat) && real >= 100.0
    }),
    ("all inputs without media and server tools", |kind, _| {
        !matches!(kind, RequestKind::Image | RequestKind::Pdf | RequestKind::ServerTools)
    }),
    ("tools", |kind, _| kind == RequestKind::Tools),
    ("thinking", |kind, _| kind == RequestKind::Thinking),
    ("structured output", |kind, _| kind == RequestKind::StructuredOutput),
    ("documents as text", |kind, _| kind == RequestKind::Document),
    ("images in the request", |kind, _| kind == RequestKind::Image),
    ("PDFs in the request", |kind, _| kind == RequestKind::Pdf),
    ("all that can be known", |_, _| true),
];

fn print_sets(cases: &[Case]) {
    println!("| set | {STATISTICS} |\n|---|{}", "--:|".repeat(STATISTICS_COUNT));
    for family in [Family::PreClaude47, Family::Claude47] {
        for (name, holds) in SETS {
            let of_set = |case: &&Case| match case.what {
                What::Input(kind) => case.family == family && holds(kind, case.real),
                _ => false,
            };
            let cases: Vec<&Case> = cases.iter().filter(of_set).collect();
            if !cases.is_empty() {
                println!("| {}, {name} | {} |", family_name(family), statistics(&cases, |case| case.likely));
            }
        }
    }
}

/// Real tokens per estimated thousand, below which 2.5 % and 97.5 % of the requests of a kind lie.
fn print_quantiles(cases: &[Case]) {
    println!("| family | kind | n | 2.5 %, per mille | 97.5 %, per mille |\n|---|---|--:|--:|--:|");
    for family in [Family::PreClaude47, Family::Claude47] {
        for kind in RequestKind::ALL {
            let of_kind = cases.iter().filter(|case| case.family == family && case.what == What::Input(kind));
            let mut ratios: Vec<f64> =
                of_kind.filter_map(|case| Some(1_000.0 * case.real / case.likely?)).collect();
            ratios.sort_by(f64::total_cmp);
            let count = ratios.len();
            if count > 0 {
                let (low, high) = (ratios[count * 25 / 1_000], ratios[count * 975 / 1_000]);
                println!("| {} | {kind} | {count} | {low:.1} | {high:.1} |", family_name(family));
            }
        }
    }
}

#[derive(Default)]
struct Refitted {
    observations: usize,
    sources: BTreeSet<String>,
    /// With all constants as they are.
    errors: f64,
    values: Vec<f64>,
}

impl Refitted {
    fn add(&mut self, case: &Case) {
        self.observations += 1;
        self.sources.insert(case.source.clone());
        self.errors += 100.0 * (case.likely.unwrap_or(case.real) - case.real).abs() / case.real;
    }
}

fn print_constants(refitted: &BTreeMap<Key, Refitted>) {
    println!("| constant | is | n | repositories | refitted | error % |\n|---|--:|--:|--:|--:|--:|");
    for ((name, milli), constant) in refitted {
        let (count, values) = (constant.observations, &constant.values);
        let least = values.iter().copied().fold(f64::INFINITY, f64::min);
        let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let (least, most) = (format!("{least:.2}"), format!("{most:.2}"));
        let range = match values.len() {
            0 => "–".to_owned(),
            _ if least == most => least,
            _ => format!("{least} to {most}"),
        };
        println!(
            "| {name} | {:.1} | {count} | {} | {range} | {:.2} |",
            *milli as f64 / 1_000.0,
            constant.sources.len(),
            constant.errors / count as f64,
        );
    }
}
