//! The examples of the explanations, and how they are run.
#![allow(dead_code, reason = "each test file uses a part of this")]

use std::num::NonZero;

use batchwise_findings::{Finding, Rule};
use batchwise_planner::{
    Context, CountContext, Inspected, Inspector, Price, Region, Source, Terms, count, plan,
};
use batchwise_pricing::PriceBook;
use batchwise_records::Flaw;
use batchwise_rules::{ApiVersion, Circumstances, Subject, inspect};
use batchwise_tokens::{Estimator, bytes, claude};
use batchwise_units::{Bytes, Usd};
use jiff::civil::{Date, date};

/// A fenced block of an explanation: a request file, and the arguments it is checked with.
pub(crate) struct Example {
    pub(crate) fails: bool,
    /// Other rules that must speak too.
    pub(crate) also: Vec<String>,
    pub(crate) arguments: Vec<String>,
    /// As it stands in the explanation.
    pub(crate) text: String,
}

/// All examples of an explanation, in their order.
pub(crate) fn examples(explanation: &str) -> Vec<Example> {
    let blocks = explanation.split("```jsonl ").skip(1).map(|rest| rest.split("\n```").next().unwrap());
    blocks.map(example).collect()
}

fn example(block: &str) -> Example {
    let (head, text) = block.split_once('\n').unwrap();
    let mut words = head.split(' ');
    let fails = match words.next() {
        Some("fails") => true,
        Some("passes") => false,
        other => panic!("{other:?} is neither `fails` nor `passes`"),
    };
    let (also, arguments): (Vec<&str>, Vec<&str>) = words.partition(|word| word.starts_with("also="));
    Example {
        fails,
        also: also.iter().map(|word| word["also=".len()..].to_owned()).collect(),
        arguments: arguments.into_iter().map(str::to_owned).collect(),
        text: text.to_owned(),
    }
}

/// The file that an example stands for: `«0xE9»` is that one byte, and `«ab × 3»` is `ababab`.
pub(crate) fn file_of(text: &str) -> Vec<u8> {
    let mut file = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('«') {
        let (escape, after) = after.split_once('»').expect("an escape ends with »");
        file.extend(before.as_bytes());
        match (escape.strip_prefix("0x"), escape.rsplit_once(" × ")) {
            (Some(byte), _) => file.push(u8::from_str_radix(byte, 16).unwrap()),
            (None, Some((word, times))) => file.extend(word.repeat(times.parse().unwrap()).as_bytes()),
            _ => panic!("«{escape}» is no escape"),
        }
        rest = after;
    }
    file.extend(rest.as_bytes());
    file
}

/// The rules that speak about an example, each as often as it does.
pub(crate) fn found(example: &Example) -> Vec<Rule> {
    Run::of(example).findings(&file_of(&example.text)).iter().map(|finding| finding.rule).collect()
}

/// How a file is checked, as `batchwise check` would with the same arguments.
pub(crate) struct Run {
    pub(crate) counts: bool,
    pub(crate) bytes: bool,
    pub(crate) terms: Terms,
    pub(crate) api_version: ApiVersion,
}

/// The rules as a planner asks them.
struct Rules<'r> {
    run: &'r Run,
    book: &'r PriceBook,
}

impl Inspector for Rules<'_> {
    fn inspect(&self, request: &Inspected<'_>) -> Vec<Flaw> {
        let Inspected { request, model, input, price } = *request;
        let is_in_us = matches!(price, Price::Known { region: Region::Us, .. });
        let Run { terms, api_version, .. } = self.run;
        let circumstances =
            Circumstances { book: self.book, day: terms.day, api_version: *api_version, betas: &terms.betas };
        inspect(&Subject { request, model, input, is_in_us }, &circumstances)
    }
}

impl Run {
    pub(crate) fn new(day: Date) -> Run {
        let terms = Terms::on(day, PriceBook::bundled());
        Run { counts: false, bytes: false, terms, api_version: ApiVersion::default() }
    }

    fn of(example: &Example) -> Run {
        let mut run = Run::new(date(2026, 11, 21));
        let mut words = example.arguments.iter().map(String::as_str);
        while let Some(word) = words.next() {
            let mut value = || words.next().expect("an argument has a value");
            match word {
                "count" => run.counts = true,
                "--allow-unpriced" => run.terms.allow_unpriced = true,
                "--api-version" => run.api_version = value().parse().unwrap(),
                "--as-of" => run.terms.day = value().parse().unwrap(),
                "--beta" => run.terms.betas.push(value().to_owned()),
                "--max-bytes" => run.terms.limits.body_bytes_max = Bytes(value().parse().unwrap()),
                "--max-usd" => run.terms.limits.usd_max = Some(Usd::parse(value()).unwrap()),
                "--tokenizer" => run.bytes = value() == "bytes",
                other => panic!("{other} is not understood here"),
            }
        }
        run
    }

    /// Everything that is noticed about a file.
    pub(crate) fn findings(&self, file: &[u8]) -> Vec<Finding> {
        let book = PriceBook::bundled();
        let estimator: Box<dyn Estimator> = if self.bytes { Box::new(bytes()) } else { Box::new(claude()) };
        let source = Source { name: "example.jsonl".to_owned(), content: Box::new(file) };
        let threads = NonZero::new(1).unwrap();
        let mut findings: Vec<Finding> = Vec::new();
        if self.counts {
            let context = CountContext { book, estimator: &*estimator, threads };
            count(vec![source], &context, &mut findings, &mut |_| ()).unwrap();
            return findings;
        }
        let rules = Rules { run: self, book };
        let context = Context {
            book,
            estimator: &*estimator,
            terms: &self.terms,
            threads,
            inspector: Some(&rules),
            route: None,
        };
        plan(vec![source], &context, &mut Vec::new(), &mut findings).unwrap();
        findings
    }
}
