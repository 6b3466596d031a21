//! Looks for false alarms: runs the rules over requests that the real API was recorded to accept.
//!
//! `accepted OBSERVATIONS.jsonl.gz` prints, as a Markdown table, how many requests each rule speaks about. The requests
//! were sent one by one with API version 2023-06-01, many of them to models that are retired now, so some errors are
//! right; every other error is a mistake of the rules, and makes the program fail.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::num::NonZero;
use std::process::ExitCode;

use batchwise_findings::{Finding, Rule, Severity};
use batchwise_planner::{Context, Inspected, Inspector, Price, Region, Source, Terms, plan};
use batchwise_pricing::PriceBook;
use batchwise_records::Flaw;
use batchwise_rules::{ApiVersion, Circumstances, Subject, inspect};
use batchwise_tokens::{Claude, Estimator, claude};
use flate2::read::GzDecoder;
use jiff::civil::{Date, date};
use serde_json::{Value, json};

/// Errors that are right, what each message begins with, and why the requests were accepted nevertheless.
const RIGHT: [(Rule, &str, &str); 4] = [
    (Rule::Stream, "", "sent one by one, where streams are allowed"),
    (Rule::RetiredModel, "", "recorded before the model was retired"),
    (
        Rule::Unpriced,
        "",
        "ids of Amazon Bedrock, and models before Claude 3, which are not in the price book",
    ),
    (Rule::UnknownParameter, "`_outputConfig`", "sent to Amazon Bedrock in its own format"),
];

/// Whether an error is one of those.
fn is_right(finding: &Finding) -> bool {
    RIGHT.iter().any(|(rule, start, _)| *rule == finding.rule && finding.message.starts_with(start))
}

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("accepted: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<bool, Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: accepted OBSERVATIONS.jsonl.gz")?;
    let file = File::open(&path).map_err(|error| format!("{path}: {error}"))?;
    let day = date(2026, 11, 21);
    let desk = Desk {
        book: PriceBook::bundled(),
        estimator: claude(),
        terms: Terms::on(day, PriceBook::bundled()),
        day,
    };
    let mut report = Report::default();
    for (line, number) in BufReader::new(GzDecoder::new(file)).lines().zip(1..) {
        let observation: Value = serde_json::from_str(&line?)?;
        if let Some(request) = request(&observation) {
            report.add(number, &desk.findings(&request)?, cached(&observation["usage"]));
        }
    }
    report.print();
    Ok(report.unexplained.is_empty() && report.cached_nevertheless.is_empty())
}

/// A line of a batch with the recorded request. What a count or another platform leaves out is put in.
fn request(observation: &Value) -> Option<String> {
    let mut params = observation["request"].as_object()?.clone();
    params.entry("model").or_insert_with(|| observation["model"].clone());
    params.entry("max_tokens").or_insert_with(|| json!(4_000));
    // Amazon Bedrock and Google Vertex AI have the version of the format in the body.
    params.remove("anthropic_version");
    Some(json!({"custom_id": "a", "params": params}).to_string())
}

/// How many tokens were written to a cache or read from one.
fn cached(usage: &Value) -> u64 {
    let tokens = |key: &str| usage[key].as_u64().unwrap_or(0);
    tokens("cache_creation_input_tokens") + tokens("cache_read_input_tokens")
}

struct Desk {
    book: &'static PriceBook,
    estimator: batchwise_tokens::StructureEstimator<Claude>,
    terms: Terms,
    day: Date,
}

impl Desk {
    fn findings(&self, line: &str) -> Result<Vec<Finding>, Box<dyn Error>> {
        let estimator: &dyn Estimator = &self.estimator;
        let threads = NonZero::<usize>::MIN;
        let context = Context {
            book: self.book,
            estimator,
            terms: &self.terms,
            threads,
            inspector: Some(self),
            route: None,
        };
        let source = Source { name: "a".to_owned(), content: Box::new(line.as_bytes()) };
        let mut findings: Vec<Finding> = Vec::new();
        plan(vec![source], &context, &mut Vec::new(), &mut findings)?;
        Ok(findings)
    }
}

impl Inspector for Desk {
    fn inspect(&self, request: &Inspected<'_>) -> Vec<Flaw> {
        let Inspected { request, model, input, price } = *request;
        let is_in_us = matches!(price, Price::Known { region: Region::Us, .. });
        let api_version = ApiVersion::V2023_06_01;
        let circumstances = Circumstances { book: self.book, day: self.day, api_version, betas: &[] };
        inspect(&Subject { request, model, input, is_in_us }, &circumstances)
    }
}

#[derive(Default)]
struct Report {
    requests: u64,
    by_rule: BTreeMap<Rule, u64>,
    /// Requests of which it is said that nothing is cached, and of which something was.
    cached_nevertheless: Vec<String>,
    unexplained: Vec<String>,
}

impl Report {
    fn add(&mut self, number: u64, findings: &[Finding], cached: u64) {
        self.requests += 1;
        if let Some(inert) =
            findings.iter().find(|finding| finding.rule == Rule::CacheBreakpointInert && cached > 0)
        {
            self.cached_nevertheless
                .push(format!("observation {number}: {cached} tokens, but {}", inert.message));
        }
        let mut rules: Vec<Rule> = findings.iter().map(|finding| finding.rule).collect();
        rules.dedup();
        rules.sort();
        rules.dedup();
        rules.iter().for_each(|rule| *self.by_rule.entry(*rule).or_default() += 1);
        let wrong = |finding: &&Finding| finding.severity() == Severity::Error && !is_right(finding);
        let told = |finding: &Finding| format!("observation {number}: {}: {}", finding.rule, finding.message);
        self.unexplained.extend(findings.iter().filter(wrong).map(told));
    }

    fn print(&self) {
        println!("{} requests\n\n| rule | severity | requests | why |\n|---|---|---|---|", self.requests);
        for (rule, count) in &self.by_rule {
            let why = RIGHT.iter().find(|(right, ..)| right == rule).map_or("", |(_, _, why)| why);
            println!("| `{rule}` | {} | {count} | {why} |", rule.severity());
        }
        println!("\n{} requests cached, where nothing should be", self.cached_nevertheless.len());
        self.cached_nevertheless.iter().for_each(|line| println!("- {line}"));
        println!("\n{} errors without a reason", self.unexplained.len());
        self.unexplained.iter().for_each(|line| println!("- {line}"));
    }
}
