//! Compares token estimates with what the real API was recorded to count, and prints Markdown tables.
//!
//! `accuracy OBSERVATIONS.jsonl.gz [--tokenizer claude|tiktoken|bytes] [--worst N]`
//!
//! With `--cross-validate` instead, the constants of `claude` are fitted again without one repository at a time.
//! With `--sets`, one line of JSON for each observation in one of the sets that are judged, for other counters to be
//! compared on the same.

mod cross_validation;

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::process::ExitCode;

use batchwise_records::Request;
use batchwise_tokens::{
    Assumption, ByteRatio, Claude, Estimator, Family, Generation, ImageTier, ModelTraits, RequestKind,
    Structure, TextCounter, TextRole, Tiktoken, bytes, claude, tiktoken,
};
use batchwise_units::Tokens;
use cross_validation::{Part, Probe};
use flate2::read::GzDecoder;
use serde_json::{Value, json};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("accuracy: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let args = Args::read()?;
    let judged = Method::named(&args.tokenizer)?;
    let peers = [Method::named("tiktoken")?];
    let probe = (args.output == Output::CrossValidation).then(Probe::new);
    let file = File::open(&args.observations).map_err(|error| format!("{}: {error}", args.observations))?;

    let mut report = Report::default();
    for line in BufReader::new(GzDecoder::new(file)).lines() {
        let observation: Value = serde_json::from_str(&line?)?;
        report.observe(&observation, &judged, &peers, probe.as_ref());
    }
    match args.output {
        Output::Tables => report.print(&args),
        Output::CrossValidation => {
            report.cases.retain(|case| matches!(case.what, What::Input(_)));
            cross_validation::print(&mut report.cases);
        }
        Output::Sets => report.print_members(),
    }
    Ok(())
}

/// A way to count, with what it needs for requests and for texts alone.
struct Method {
    estimator: Box<dyn Estimator>,
    counter: Box<dyn TextCounter>,
    structure: fn(&ModelTraits) -> Structure,
}

impl Method {
    fn named(name: &str) -> Result<Method, String> {
        Ok(match name {
            "claude" => Method {
                estimator: Box::new(claude()),
                counter: Box::new(Claude::default()),
                structure: Structure::for_claude,
            },
            "tiktoken" => Method {
                estimator: Box::new(tiktoken()),
                counter: Box::new(Tiktoken::default()),
                structure: Structure::for_tiktoken,
            },
            "bytes" => Method {
                estimator: Box::new(bytes()),
                counter: Box::new(ByteRatio),
                structure: Structure::for_byte_ratio,
            },
            other => return Err(format!("`{other}` is no tokenizer: use claude, tiktoken or bytes")),
        })
    }

    /// The output tokens of a reply that is one text and ended by itself, as low, likely and high.
    fn reply(&self, text: &str, model: &ModelTraits) -> [Option<f64>; 3] {
        let structure = (self.structure)(model);
        let end = structure.reply_end.estimate().likely().map_or(0.0, milli);
        let tokens = self.counter.count(text, TextRole::Prose, model.family);
        let margin = structure.allowances[RequestKind::Text as usize];
        [
            Some(milli(tokens.low()) + end - margin.below as f64),
            tokens.likely().map(|tokens| milli(tokens) + end),
            Some(milli(tokens.high()) + end + margin.above as f64),
        ]
    }
}

struct Args {
    observations: String,
    tokenizer: String,
    worst: usize,
    output: Output,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Output {
    Tables,
    CrossValidation,
    Sets,
}

const USAGE: &str = "usage: accuracy OBSERVATIONS.jsonl.gz [--tokenizer claude|tiktoken|bytes] [--worst N], \
                     or accuracy OBSERVATIONS.jsonl.gz --cross-validate, or --sets";

impl Args {
    fn read() -> Result<Args, Box<dyn Error>> {
        let (mut observations, mut tokenizer, mut worst) = (None, "claude".to_owned(), 0);
        let mut output = Output::Tables;
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            match word.as_str() {
                "--tokenizer" => tokenizer = words.next().ok_or(USAGE)?,
                "--worst" => worst = words.next().ok_or(USAGE)?.parse()?,
                "--cross-validate" => output = Output::CrossValidation,
                "--sets" => output = Output::Sets,
                _ => observations = Some(word),
            }
        }
        if output != Output::Tables && tokenizer != "claude" {
            return Err(USAGE.into());
        }
        Ok(Args { observations: observations.ok_or(USAGE)?, tokenizer, worst, output })
    }
}

/// One observation beside its estimates.
struct Case {
    id: String,
    /// Its line in the file of observations, from 1.
    line: u64,
    /// The repository that published the recording.
    source: String,
    generation: String,
    flags: String,
    family: Family,
    what: What,
    real: f64,
    low: f64,
    likely: Option<f64>,
    high: f64,
    /// What the other methods say.
    peers: Vec<Option<f64>>,
    /// A quarter of the characters.
    quarter: f64,
    /// What the constants have in it, where they are fitted again.
    parts: Vec<Part>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Input(RequestKind),
    /// Input that the request alone does not determine: remote media, server tools.
    Unknowable(RequestKind),
    Reply,
}

#[derive(Default)]
struct Report {
    observations: u64,
    /// Why observations were left out, and how many.
    skipped: BTreeMap<&'static str, u64>,
    cases: Vec<Case>,
}

impl Report {
    fn observe(&mut self, observation: &Value, judged: &Method, peers: &[Method], probe: Option<&Probe>) {
        self.observations += 1;
        let case = match text(observation, "endpoint") {
            "output" => reply_case(observation, judged, peers),
            _ => input_case(observation, judged, peers, probe),
        };
        match case {
            Ok(case) => self.cases.push(Case { line: self.observations, ..case }),
            Err(reason) => *self.skipped.entry(reason).or_default() += 1,
        }
    }

    fn print(&self, args: &Args) {
        println!("Tokenizer `{}`, {} observations.\n", args.tokenizer, self.observations);
        println!("### The sets that are judged\n");
        self.print_sets(&args.tokenizer);
        println!("\n### Input by kind\n");
        print_table(
            "kind",
            &self.group(|case| match case.what {
                What::Input(kind) => Some(kind.name().to_owned()),
                _ => None,
            }),
        );
        println!("\n### Input by size\n");
        print_table(
            "real tokens",
            &self.group(|case| match case.what {
                What::Input(_) => Some(size(case.real).to_owned()),
                _ => None,
            }),
        );
        println!("\n### Output text, given the text\n");
        print_table(
            "kind",
            &self.group(|case| (case.what == What::Reply).then(|| size(case.real).to_owned())),
        );
        println!("\n### Input that depends on more than the request: coverage only\n");
        print_table(
            "kind",
            &self.group(|case| match case.what {
                What::Unknowable(kind) => Some(kind.name().to_owned()),
                _ => None,
            }),
        );
        println!("\n### What the requests of one repository have in common\n");
        self.print_shared();
        println!("\n### Left out\n");
        for (reason, count) in &self.skipped {
            println!("- {count}: {reason}");
        }
        if args.worst > 0 {
            self.print_worst(args.worst);
        }
    }

    fn group(&self, key: impl Fn(&Case) -> Option<String>) -> BTreeMap<(Family, String), Vec<&Case>> {
        let mut groups: BTreeMap<(Family, String), Vec<&Case>> = BTreeMap::new();
        for case in &self.cases {
            if let Some(key) = key(case) {
                groups.entry((case.family, key)).or_default().push(case);
            }
        }
        groups
    }

    fn print_sets(&self, tokenizer: &str) {
        println!("| set | method | {STATISTICS} |\n|---|---|{}", "--:|".repeat(STATISTICS_COUNT));
        for (name, holds) in SETS {
            for family in [Family::PreClaude47, Family::Claude47] {
                let cases: Vec<&Case> =
                    self.cases.iter().filter(|case| case.family == family && holds(case)).collect();
                if cases.is_empty() {
                    continue;
                }
                let name = format!("{}, {name}", family_name(family));
                println!("| {name} | **{tokenizer}** | {} |", statistics(&cases, |case| case.likely));
                println!("| | o200k, scaled | {} |", statistics(&cases, |case| case.peers[0]));
                println!("| | characters / 4 | {} |", statistics(&cases, |case| Some(case.quarter)));
            }
        }
    }

    fn print_members(&self) {
        for case in &self.cases {
            for (name, holds) in SETS {
                if holds(case) {
                    let set = format!("{}, {name}", family_name(case.family));
                    println!("{}", json!({ "line": case.line, "set": set, "real": case.real }));
                }
            }
        }
    }

    fn print_shared(&self) {
        println!("| family | repositories | n | shared variance, per mille | and one kind and model | ");
        println!("|---|--:|--:|--:|--:|");
        for family in [Family::PreClaude47, Family::Claude47] {
            let errors = |finely: bool| {
                let mut groups: BTreeMap<String, Vec<f64>> = BTreeMap::new();
                for case in self.cases.iter().filter(|case| case.family == family) {
                    if let (What::Input(kind), Some(likely)) = (case.what, case.likely) {
                        let fine = format!("{} {} {}", case.source, kind, case.generation);
                        let group = if finely { fine } else { case.source.clone() };
                        groups.entry(group).or_default().push((likely - case.real) / case.real);
                    }
                }
                groups
            };
            let (by_source, finely) = (errors(false), errors(true));
            let count: usize = by_source.values().map(Vec::len).sum();
            println!(
                "| {} | {} | {count} | {:.0} | {:.0} |",
                family_name(family),
                by_source.len(),
                1_000.0 * intraclass_correlation(&by_source),
                1_000.0 * intraclass_correlation(&finely),
            );
        }
    }

    /// The cases that lie farthest outside their bounds.
    fn print_worst(&self, count: usize) {
        println!("\n### Farthest outside the bounds\n");
        let inputs = self.group(|case| match case.what {
            What::Input(kind) => Some(kind.name().to_owned()),
            What::Reply => Some("reply".to_owned()),
            What::Unknowable(_) => None,
        });
        for ((family, kind), cases) in inputs {
            let distance =
                |case: &Case| ((case.low - case.real).max(case.real - case.high) / case.real).max(0.0);
            let mut outside: Vec<&Case> = cases.into_iter().filter(|case| distance(case) > 0.0).collect();
            outside.sort_by(|a, b| distance(b).total_cmp(&distance(a)));
            for case in outside.into_iter().take(count) {
                println!(
                    "- {} {kind} {} {} {}: real {}, estimated {} ({}..{}) {}",
                    family_name(family),
                    case.id,
                    case.source,
                    case.generation,
                    case.real,
                    case.likely.unwrap_or(f64::NAN),
                    case.low,
                    case.high,
                    case.flags
                );
            }
        }
    }
}

type Set = (&'static str, fn(&Case) -> bool);

const SETS: [Set; 5] = [
    ("plain text and chat of 100 tokens or more", |case| {
        matches!(case.what, What::Input(RequestKind::Text | RequestKind::Chat)) && case.real >= 100.0
    }),
    ("replies of 100 tokens or more", |case| case.what == What::Reply && case.real >= 100.0),
    ("all inputs without media and server tools", |case| match case.what {
        What::Input(kind) => {
            !matches!(kind, RequestKind::Image | RequestKind::Pdf | RequestKind::ServerTools)
        }
        _ => false,
    }),
    ("images in the request", |case| case.what == What::Input(RequestKind::Image)),
    ("PDFs in the request", |case| case.what == What::Input(RequestKind::Pdf)),
];

fn input_case(
    observation: &Value,
    judged: &Method,
    peers: &[Method],
    probe: Option<&Probe>,
) -> Result<Case, &'static str> {
    let model = model_traits(observation).ok_or("a model before Claude 3")?;
    let real = observation["total_input"].as_f64().filter(|total| *total > 0.0).ok_or("no total")?;
    let mut params = observation["request"].clone();
    if text(observation, "via") == "bedrock-converse" && is_rewritten_by_converse(observation) {
        return Err("documents and structured output through Bedrock Converse, which is no Messages request");
    }
    if has_blanked_thinking(&params) {
        return Err("thinking of which the recording shows neither the text nor the signature");
    }
    let fields = params.as_object_mut().ok_or("no request")?;
    fields.entry("max_tokens").or_insert(json!(1));
    fields.entry("model").or_insert(json!("unnamed"));
    let line = json!({ "custom_id": "x", "params": params }).to_string();
    let request = Request::parse(line.as_bytes()).map_err(|_| "not a request")?;

    let estimate = judged.estimator.estimate(&request, &model);
    let guesses_media = estimate.assumptions.contains(&Assumption::ImageSizeUnknown);
    let known = estimate.bounded && estimate.total.likely().is_some() && !guesses_media;
    let of_peer = |peer: &Method| peer.estimator.estimate(&request, &model).total.likely().map(float);
    Ok(Case {
        id: format!("{} {}", text(observation, "id"), text(observation, "via")),
        line: 0,
        source: repository(observation),
        generation: text(observation, "gen").to_owned(),
        flags: observation["flags"].to_string(),
        family: model.family,
        what: if known { What::Input(estimate.kind) } else { What::Unknowable(estimate.kind) },
        real,
        low: float(estimate.total.low()),
        likely: estimate.total.likely().map(float),
        high: float(estimate.total.high()),
        peers: peers.iter().map(of_peer).collect(),
        quarter: observation["chars"].as_f64().unwrap_or_default() / 4.0,
        parts: probe.map_or_else(Vec::new, |probe| probe.parts(&request, &model)),
    })
}

/// Replies that are one text and ended by themselves.
fn reply_case(observation: &Value, judged: &Method, peers: &[Method]) -> Result<Case, &'static str> {
    let model = model_traits(observation).ok_or("a model before Claude 3")?;
    if text(observation, "kind") != "text" || observation["n_text_blocks"] != 1 {
        return Err("a reply that is not one text");
    }
    if text(observation, "stop_reason") != "end_turn" {
        return Err("a reply that did not end by itself");
    }
    let flags = &observation["flags"];
    if !flags["thinking"].is_null() || !flags["thinking_tokens"].is_null() {
        return Err("a reply with thinking");
    }
    let real = observation["usage"]["output_tokens"].as_f64().ok_or("no total")?;
    let reply = text(observation, "response_text");
    let [low, likely, high] = judged.reply(reply, &model);
    Ok(Case {
        id: text(observation, "id").to_owned(),
        line: 0,
        source: repository(observation),
        generation: text(observation, "gen").to_owned(),
        flags: flags.to_string(),
        family: model.family,
        what: What::Reply,
        real,
        low: low.unwrap_or_default(),
        likely,
        high: high.unwrap_or_default(),
        peers: peers.iter().map(|peer| peer.reply(reply, &model)[1]).collect(),
        quarter: reply.chars().count() as f64 / 4.0,
        parts: Vec::new(),
    })
}

fn size(real: f64) -> &'static str {
    match real {
        ..100.0 => "1: under 100",
        ..1_000.0 => "2: 100 to 1,000",
        ..=10_000.0 => "3: 1,000 to 10,000",
        _ => "4: over 10,000",
    }
}

const STATISTICS: &str =
    "n | MAPE % | median % | P90 % | mean bias % | total bias % | exact % | within 1 % | in low..high %";
const STATISTICS_COUNT: usize = 9;

fn print_table(title: &str, rows: &BTreeMap<(Family, String), Vec<&Case>>) {
    println!("| family | {title} | {STATISTICS} |\n|---|---|{}", "--:|".repeat(STATISTICS_COUNT));
    let mut families: BTreeMap<Family, Vec<&Case>> = BTreeMap::new();
    for ((family, name), cases) in rows {
        println!("| {} | {name} | {} |", family_name(*family), statistics(cases, |case| case.likely));
        families.entry(*family).or_default().extend(cases);
    }
    for (family, cases) in families {
        println!("| {} | **all** | {} |", family_name(family), statistics(&cases, |case| case.likely));
    }
}

/// The coverage is that of the judged method, whichever estimate is asked for.
fn statistics(cases: &[&Case], estimate: impl Fn(&Case) -> Option<f64>) -> String {
    let inside = cases.iter().filter(|case| case.low <= case.real && case.real <= case.high).count();
    let judged = cases.iter().all(|case| estimate(case) == case.likely);
    let share = |count: usize| format!("{:.1}", 100.0 * count as f64 / cases.len() as f64);
    let coverage = if judged { share(inside) } else { "–".to_owned() };
    let pairs: Vec<(f64, f64)> = cases.iter().filter_map(|case| Some((case.real, estimate(case)?))).collect();
    if pairs.is_empty() {
        return format!("{} | – | – | – | – | – | – | – | {coverage}", cases.len());
    }
    let mut errors: Vec<f64> =
        pairs.iter().map(|(real, likely)| 100.0 * (likely - real).abs() / real).collect();
    errors.sort_by(f64::total_cmp);
    let count = errors.len() as f64;
    let bias = pairs.iter().map(|(real, likely)| 100.0 * (likely - real) / real).sum::<f64>() / count;
    let (real, likely) = pairs.iter().fold((0.0, 0.0), |sum, pair| (sum.0 + pair.0, sum.1 + pair.1));
    let off_by =
        |most: f64| pairs.iter().filter(|(real, likely)| (likely.round() - real).abs() <= most).count();
    format!(
        "{} | {:.2} | {:.2} | {:.2} | {bias:+.2} | {:+.2} | {} | {} | {coverage}",
        cases.len(),
        errors.iter().sum::<f64>() / count,
        errors[errors.len() / 2],
        errors[errors.len() * 9 / 10],
        100.0 * (likely - real) / real,
        share(off_by(0.0)),
        share(off_by(1.0)),
    )
}

/// Which share of the variance lies between the groups: the one-way random-effects estimate, from 0 to 1.
fn intraclass_correlation(groups: &BTreeMap<String, Vec<f64>>) -> f64 {
    let all: Vec<f64> = groups.values().flatten().copied().collect();
    let (count, classes) = (all.len() as f64, groups.len() as f64);
    if classes < 2.0 || count <= classes {
        return 0.0;
    }
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let spread =
        |values: &[f64], middle: f64| values.iter().map(|value| (value - middle).powi(2)).sum::<f64>();
    let whole = mean(&all);
    let between =
        groups.values().map(|group| group.len() as f64 * (mean(group) - whole).powi(2)).sum::<f64>()
            / (classes - 1.0);
    let within = groups.values().map(|group| spread(group, mean(group))).sum::<f64>() / (count - classes);
    let squares = groups.values().map(|group| (group.len() as f64).powi(2)).sum::<f64>();
    let typical = (count - squares / count) / (classes - 1.0);
    ((between - within) / (between + (typical - 1.0) * within)).max(0.0)
}

/// The repository of a recording: what stands before the path.
fn repository(observation: &Value) -> String {
    text(observation, "source").split([':', '@']).next().unwrap_or_default().to_owned()
}

/// Recorders put a short placeholder where the signature of thinking stood. No real one is so short.
fn has_blanked_thinking(params: &Value) -> bool {
    let messages = params["messages"].as_array().map_or(&[][..], Vec::as_slice);
    let blocks = messages.iter().filter_map(|message| message["content"].as_array()).flatten();
    blocks.filter(|block| text(block, "type") == "thinking").any(|block| {
        text(block, "thinking").is_empty() && text(block, "signature").len() < SIGNATURE_BYTES_MIN
    })
}

const SIGNATURE_BYTES_MIN: usize = 200;

fn family_name(family: Family) -> &'static str {
    match family {
        Family::PreClaude47 => "old",
        Family::Claude47 => "new",
    }
}

fn milli(tokens: batchwise_tokens::MilliTokens) -> f64 {
    tokens.0 as f64 / 1_000.0
}

/// What the models of the recordings are. Source of the tool prompts: the documentation of 2026-08-21 and,
/// for Claude 3, the recordings themselves.
fn model_traits(observation: &Value) -> Option<ModelTraits> {
    let (old, new) = (Family::PreClaude47, Family::Claude47);
    let (family, auto, any) = match text(observation, "gen") {
        "haiku-3" | "haiku-3.5" => (old, Some(264), Some(355)),
        "sonnet-3" => (old, Some(159), None),
        "opus-3" => (old, Some(533), Some(288)),
        "sonnet-3.5" | "sonnet-3.7" | "sonnet-4" | "opus-4" | "opus-4.1" => (old, Some(313), Some(315)),
        "haiku-4.5" | "sonnet-4.5" | "opus-4.5" => (old, Some(496), Some(588)),
        "sonnet-4.6" | "opus-4.6" => (old, Some(497), Some(589)),
        "opus-4.7" => (new, Some(675), Some(804)),
        "opus-4.8" => (new, Some(290), Some(410)),
        "sonnet-5" => (new, Some(354), Some(474)),
        "opus-5" => (new, Some(286), Some(406)),
        "fable-5" => (new, None, None),
        _ => return None,
    };
    let generation = match text(observation, "gen") {
        "opus-4.7" => Generation::Claude47,
        _ if family == new => Generation::Claude48,
        older if older.ends_with("4.6") => Generation::Claude46,
        older if older.ends_with("4.5") => Generation::Claude45,
        _ => Generation::Claude3,
    };
    let first_sonnet_35 = text(observation, "model").contains("3-5-sonnet-20240620");
    let (auto, any) = if first_sonnet_35 { (Some(294), Some(261)) } else { (auto, any) };
    let large = family == new || text(observation, "gen").ends_with("4.6");
    Some(ModelTraits {
        family,
        generation,
        keeps_thinking: generation >= Generation::Claude46 || text(observation, "gen") == "opus-4.5",
        trailing_blanks_are_free: text(observation, "gen") == "opus-5",
        frame: (text(observation, "gen") == "opus-4.7").then_some(Tokens(12)),
        image_tier: if family == new { ImageTier::High } else { ImageTier::Standard },
        tool_prompt_auto: auto.map(Tokens),
        tool_prompt_any: any.map(Tokens),
        pdf_pages_max: if large { 600 } else { 100 },
        context_window: Tokens(if large { 1_000_000 } else { 200_000 }),
    })
}

/// Converse may replace a document by its text, and takes schemas in a form of its own.
fn is_rewritten_by_converse(observation: &Value) -> bool {
    let flags = &observation["flags"];
    text(observation, "kind") == "pdf"
        || ["document_text", "structured", "_unknown"].iter().any(|flag| !flags[*flag].is_null())
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

fn float(tokens: Tokens) -> f64 {
    tokens.0 as f64
}
