//! Compares token estimates with what the real API was recorded to count, and prints Markdown tables.
//!
//! `accuracy OBSERVATIONS.jsonl.gz [--tokenizer tiktoken|bytes] [--worst N]`

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::process::ExitCode;

use batchwise_records::Request;
use batchwise_tokens::{
    Assumption, ByteRatio, Estimator, Family, Generation, ImageTier, ModelTraits, TextCounter, TextRole,
    Tiktoken, bytes, tiktoken,
};
use batchwise_units::Tokens;
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
    let (estimator, counter): (Box<dyn Estimator>, Box<dyn TextCounter>) = match args.tokenizer.as_str() {
        "tiktoken" => (Box::new(tiktoken()), Box::new(Tiktoken::default())),
        "bytes" => (Box::new(bytes()), Box::new(ByteRatio)),
        other => return Err(format!("`{other}` is no tokenizer: use tiktoken or bytes").into()),
    };
    let file = File::open(&args.observations).map_err(|error| format!("{}: {error}", args.observations))?;

    let mut report = Report::default();
    for line in BufReader::new(GzDecoder::new(file)).lines() {
        let observation: Value = serde_json::from_str(&line?)?;
        report.observe(&observation, estimator.as_ref(), counter.as_ref());
    }
    report.print(&args);
    Ok(())
}

struct Args {
    observations: String,
    tokenizer: String,
    worst: usize,
}

impl Args {
    fn read() -> Result<Args, Box<dyn Error>> {
        let usage = "usage: accuracy OBSERVATIONS.jsonl.gz [--tokenizer tiktoken|bytes] [--worst N]";
        let (mut observations, mut tokenizer, mut worst) = (None, "tiktoken".to_owned(), 0);
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            match word.as_str() {
                "--tokenizer" => tokenizer = words.next().ok_or(usage)?,
                "--worst" => worst = words.next().ok_or(usage)?.parse()?,
                _ => observations = Some(word),
            }
        }
        Ok(Args { observations: observations.ok_or(usage)?, tokenizer, worst })
    }
}

/// One observation beside its estimate.
struct Case {
    id: String,
    generation: String,
    flags: String,
    real: f64,
    low: f64,
    likely: Option<f64>,
    high: f64,
}

#[derive(Default)]
struct Report {
    observations: u64,
    /// Why observations were left out, and how many.
    skipped: BTreeMap<&'static str, u64>,
    by_kind: BTreeMap<(String, String), Vec<Case>>,
    output: BTreeMap<(String, String), Vec<Case>>,
    /// Input that the request alone does not determine: remote media, server tools, earlier thinking.
    unknowable: BTreeMap<(String, String), Vec<Case>>,
}

impl Report {
    fn observe(&mut self, observation: &Value, estimator: &dyn Estimator, counter: &dyn TextCounter) {
        self.observations += 1;
        let outcome = match text(observation, "endpoint") {
            "output" => self.observe_output(observation, counter),
            _ => self.observe_input(observation, estimator),
        };
        if let Err(reason) = outcome {
            *self.skipped.entry(reason).or_default() += 1;
        }
    }

    fn observe_input(&mut self, observation: &Value, estimator: &dyn Estimator) -> Result<(), &'static str> {
        let model = model_traits(observation).ok_or("a model before Claude 3")?;
        let real = observation["total_input"].as_f64().filter(|total| *total > 0.0).ok_or("no total")?;
        let mut params = observation["request"].clone();
        if text(observation, "via") == "bedrock-converse" && is_rewritten_by_converse(observation) {
            return Err(
                "documents and structured output through Bedrock Converse, which is no Messages request",
            );
        }
        let fields = params.as_object_mut().ok_or("no request")?;
        fields.entry("max_tokens").or_insert(json!(1));
        fields.entry("model").or_insert(json!("unnamed"));
        let line = json!({ "custom_id": "x", "params": params }).to_string();
        let request = Request::parse(line.as_bytes()).map_err(|_| "not a request")?;

        let estimate = estimator.estimate(&request, &model);
        let guesses_media = estimate.assumptions.contains(&Assumption::ImageSizeUnknown);
        let known = estimate.bounded && estimate.total.likely().is_some() && !guesses_media;
        let case = Case {
            id: format!("{} {}", text(observation, "id"), text(observation, "via")),
            generation: text(observation, "gen").to_owned(),
            flags: observation["flags"].to_string(),
            real,
            low: float(estimate.total.low()),
            likely: estimate.total.likely().map(float),
            high: float(estimate.total.high()),
        };
        let table = if known { &mut self.by_kind } else { &mut self.unknowable };
        let key = (text(observation, "tokenizer").to_owned(), text(observation, "kind").to_owned());
        table.entry(key).or_default().push(case);
        Ok(())
    }

    /// Replies that are one text and ended by themselves. The end of a reply costs 3 tokens in the older
    /// family and 2 in the newer one.
    fn observe_output(&mut self, observation: &Value, counter: &dyn TextCounter) -> Result<(), &'static str> {
        let model = model_traits(observation).ok_or("a model before Claude 3")?;
        if text(observation, "kind") != "text" || observation["n_text_blocks"] != 1 {
            return Err("a reply that is not one text");
        }
        if text(observation, "stop_reason") != "end_turn" {
            return Err("a reply that did not end by itself");
        }
        let thinking = &observation["flags"];
        if !thinking["thinking"].is_null() || !thinking["thinking_tokens"].is_null() {
            return Err("a reply with thinking");
        }
        let real = observation["usage"]["output_tokens"].as_f64().ok_or("no total")?;
        let end = if model.family == Family::PreClaude47 { 3.0 } else { 2.0 };
        let tokens = counter.count(text(observation, "response_text"), TextRole::Prose, model.family);
        let whole = |milli: batchwise_tokens::MilliTokens| milli.0 as f64 / 1_000.0 + end;
        let case = Case {
            id: text(observation, "id").to_owned(),
            generation: text(observation, "gen").to_owned(),
            flags: observation["flags"].to_string(),
            real,
            low: whole(tokens.low()) - 2.0,
            likely: tokens.likely().map(whole),
            high: whole(tokens.high()) + 2.0,
        };
        let key = (text(observation, "tokenizer").to_owned(), "output text".to_owned());
        self.output.entry(key).or_default().push(case);
        Ok(())
    }

    fn print(&self, args: &Args) {
        println!("Tokenizer `{}`, {} observations.\n", args.tokenizer, self.observations);
        println!("### Input by family and kind\n");
        table("kind", &self.by_kind);
        println!("\n### Input by family and size\n");
        table("real tokens", &by_size(&self.by_kind));
        println!("\n### Output text, given the text\n");
        table("kind", &self.output);
        println!("\n### Input that depends on more than the request: coverage only\n");
        table("kind", &self.unknowable);
        println!("\n### Left out\n");
        for (reason, count) in &self.skipped {
            println!("- {count}: {reason}");
        }
        if args.worst > 0 {
            worst(&self.by_kind, args.worst);
        }
    }
}

fn by_size(cases: &BTreeMap<(String, String), Vec<Case>>) -> BTreeMap<(String, String), Vec<&Case>> {
    let mut sizes: BTreeMap<(String, String), Vec<&Case>> = BTreeMap::new();
    for ((family, _), cases) in cases {
        for case in cases {
            let size = match case.real {
                ..100.0 => "1: under 100",
                ..1_000.0 => "2: 100 to 1,000",
                ..=10_000.0 => "3: 1,000 to 10,000",
                _ => "4: over 10,000",
            };
            sizes.entry((family.clone(), size.to_owned())).or_default().push(case);
        }
    }
    sizes
}

fn table<C: AsRef<Case>>(title: &str, rows: &BTreeMap<(String, String), Vec<C>>) {
    println!(
        "| family | {title} | n | MAPE % | median % | P90 % | mean bias % | total bias % | in low..high % |"
    );
    println!("|---|---|--:|--:|--:|--:|--:|--:|--:|");
    let mut families: BTreeMap<&str, Vec<&Case>> = BTreeMap::new();
    for ((family, kind), cases) in rows {
        let cases: Vec<&Case> = cases.iter().map(AsRef::as_ref).collect();
        println!("| {family} | {kind} | {} |", statistics(&cases));
        families.entry(family).or_default().extend(cases);
    }
    for (family, cases) in families {
        println!("| {family} | **all** | {} |", statistics(&cases));
    }
}

impl AsRef<Case> for Case {
    fn as_ref(&self) -> &Case {
        self
    }
}

fn statistics(cases: &[&Case]) -> String {
    let inside = cases.iter().filter(|case| case.low <= case.real && case.real <= case.high).count();
    let pairs: Vec<(f64, f64)> = cases.iter().filter_map(|case| Some((case.real, case.likely?))).collect();
    let coverage = 100.0 * inside as f64 / cases.len() as f64;
    if pairs.is_empty() {
        return format!("{} | – | – | – | – | – | {coverage:.1}", cases.len());
    }
    let mut errors: Vec<f64> =
        pairs.iter().map(|(real, likely)| 100.0 * (likely - real).abs() / real).collect();
    errors.sort_by(f64::total_cmp);
    let count = errors.len() as f64;
    let bias = pairs.iter().map(|(real, likely)| 100.0 * (likely - real) / real).sum::<f64>() / count;
    let (real, likely) = pairs.iter().fold((0.0, 0.0), |sum, pair| (sum.0 + pair.0, sum.1 + pair.1));
    format!(
        "{} | {:.1} | {:.1} | {:.1} | {bias:+.1} | {:+.1} | {coverage:.1}",
        cases.len(),
        errors.iter().sum::<f64>() / count,
        errors[errors.len() / 2],
        errors[errors.len() * 9 / 10],
        100.0 * (likely - real) / real,
    )
}

/// The cases that lie farthest outside their bounds.
fn worst(cases: &BTreeMap<(String, String), Vec<Case>>, count: usize) {
    println!("\n### Farthest outside the bounds\n");
    for ((family, kind), cases) in cases {
        let distance = |case: &Case| ((case.low - case.real).max(case.real - case.high) / case.real).max(0.0);
        let mut outside: Vec<&Case> = cases.iter().filter(|case| distance(case) > 0.0).collect();
        outside.sort_by(|a, b| distance(b).total_cmp(&distance(a)));
        for case in outside.into_iter().take(count) {
            println!(
                "- {family} {kind} {} {}: real {}, estimated {} ({}..{}) {}",
                case.id,
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

/// What the models of the recordings are. Source of the tool prompts: the documentation of 2026-08-21 and,
/// for Claude 3, the recordings themselves.
fn model_traits(observation: &Value) -> Option<ModelTraits> {
    let (old, new) = (Family::PreClaude47, Family::Claude47);
    let (family, auto, any) = match text(observation, "gen") {
        "haiku-3" | "haiku-3.5" => (old, Some(264), Some(355)),
        "sonnet-3" => (old, Some(159), None),
        "opus-3" => (old, Some(530), Some(281)),
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
    let large = family == new || text(observation, "gen").ends_with("4.6");
    Some(ModelTraits {
        family,
        generation,
        keeps_thinking: generation >= Generation::Claude46 || text(observation, "gen") == "opus-4.5",
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
