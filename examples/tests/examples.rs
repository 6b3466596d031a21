//! Runs every example program and checks every file in `data`.
//!
//! Token counts may change with a better estimator, so no test knows one: what is checked are the words,
//! the relations between numbers, and the arithmetic of money.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::num::NonZero;
use std::path::{Path, PathBuf};

use batchwise_findings::{Finding, Verdict};
use batchwise_plan::Plan;
use batchwise_planner::{Context, Price, Row, Source, Terms, Watch, plan};
use batchwise_pricing::{PriceBook, SourceFile};
use batchwise_units::{Estimate, Tokens};
use jiff::civil::date;
use serde_json::Value;

// The programs themselves, so that what is tested is what is read.
#[path = "../build_a_body.rs"]
#[expect(dead_code, reason = "`main` only finds the arguments of `run`")]
mod build_a_body;
#[path = "../count_tokens.rs"]
#[expect(dead_code, reason = "`main` only finds the arguments of `run`")]
mod count_tokens;
#[path = "../price_one_request.rs"]
#[expect(dead_code, reason = "`main` only finds the arguments of `run`")]
mod price_one_request;
#[path = "../quote_a_file.rs"]
#[expect(dead_code, reason = "`main` only finds the arguments of `run`")]
mod quote_a_file;

/// The files that are meant to be sent.
const GOOD: [&str; 5] = ["tickets.jsonl", "contracts.jsonl", "reviews.jsonl", "media.jsonl", "models.jsonl"];

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data").join(name)
}

/// What a program prints.
fn printed<E: std::fmt::Debug>(run: impl FnOnce(&mut dyn std::io::Write) -> Result<(), E>) -> String {
    let mut out = Vec::new();
    run(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// A text with each number replaced by `#`, so that only its words are compared.
fn words(text: &str) -> String {
    let mut words = String::new();
    let mut number = false;
    for character in text.chars() {
        let digit = character.is_ascii_digit() || (number && character == '.');
        if !digit {
            words.push(character);
        } else if !number {
            words.push('#');
        }
        number = digit;
    }
    words
}

/// The numbers of the line that starts with `name`.
fn numbers(text: &str, name: &str) -> Vec<f64> {
    let line = text.lines().find(|line| line.starts_with(name)).unwrap();
    line.split([' ', '$']).filter_map(|word| word.trim_end_matches(',').parse().ok()).collect()
}

#[test]
fn quote_a_file_states_three_ranges() {
    let text = printed(|out| quote_a_file::run(&data("contracts.jsonl"), out));
    insta::assert_snapshot!(words(&text), @"
    verdict    ok
    requests   # in # batch(es)
    standard   $# to $#
    batch      $# to $#
    cached     $# to $#
    ");
    let [standard, batch, cached] = ["standard", "batch", "cached"].map(|name| numbers(&text, name));
    for (half, whole) in batch.iter().zip(&standard) {
        assert!((2.0 * half - whole).abs() <= 0.000_2, "{text}");
    }
    // Reading a prefix is cheaper than sending it, writing one for an hour is dearer.
    assert!(cached[0] < batch[0] && batch[1] < cached[1], "{text}");
}

#[test]
fn quote_a_file_tells_what_is_wrong() {
    let text = printed(|out| quote_a_file::run(&data("mistakes.jsonl"), out));
    let (before_prices, _) = text.split_once("\nstandard").unwrap();
    insta::assert_snapshot!(before_prices, @"
    duplicate-custom-id: `note-1` names two requests; mistakes.jsonl:1 is the first
    custom-id-pattern: `custom_id` holds ' '
    invalid-json: the JSON ends too early: EOF while parsing a string
    missing-key: `params.max_tokens` is missing
    unknown-key: unknown key `method`
    unpriced: no price is known for the model `claude-sonet-5-5`; did you mean `claude-sonnet-5-5`?
    verdict    unusable
    requests   3 in 1 batch(es)
    ");
}

#[test]
fn price_one_request_knows_both_eras() {
    insta::assert_snapshot!(printed(|out| price_one_request::run("claude-sonnet-5-5", out)), @"
    claude-sonnet-5-5: 49200 prompt tokens, 900 of output
    2026-10-06, at prices since 2026-09-28
      alone      $0.021, of which $0.0096 for cache reads
      in a batch $0.0105, of which $0.0048 for cache reads
    2026-10-07, at prices since 2026-10-07
      alone      $0.0162, of which $0.0048 for cache reads
      in a batch $0.0081, of which $0.0024 for cache reads
    ");
    let unknown = price_one_request::run("claude-sonnet-5.5", &mut Vec::new()).unwrap_err();
    insta::assert_snapshot!(unknown, @"no price is known for the model `claude-sonnet-5.5`; did you mean `claude-sonnet-5-5`?");
}

#[test]
fn count_tokens_gives_a_range_and_its_reasons() {
    let text = printed(|out| count_tokens::run(&data("tickets.jsonl"), out));
    insta::assert_snapshot!(words(text.lines().next().unwrap()), @"ticket-# to Claude Haiku #");
    for method in ["claude", "tiktoken", "bytes"] {
        let [low, high, likely] = numbers(&text, method)[..] else { panic!("{text}") };
        assert!(500.0 < low && low < likely && likely < high && high < 2_000.0, "{text}");
    }
    let broken = count_tokens::run(&data("README.md"), &mut Vec::new()).unwrap_err();
    assert_eq!(broken.to_string(), "not JSON: expected value");
    // A request with a PDF rests on something that has to be said.
    let line = fs::read_to_string(data("media.jsonl")).unwrap();
    let line = line.lines().find(|line| line.contains("application/pdf")).unwrap();
    let file = std::env::temp_dir().join(format!("batchwise-examples-{}.jsonl", std::process::id()));
    fs::write(&file, line).unwrap();
    let text = printed(|out| count_tokens::run(&file, out));
    fs::remove_file(file).unwrap();
    assert!(text.contains("  pdf-text: "), "{text}");
}

#[test]
fn build_a_body_builds_what_was_planned() {
    let text = printed(|out| build_a_body::run(&data("tickets.jsonl"), out));
    insta::assert_snapshot!(words(&text), @"
    batch #: # requests, # bytes, as planned
    batch #: # requests, # bytes, as planned
    batch #: # requests, # bytes, as planned
    batch #: # requests, # bytes, as planned
    ");
    let lines: usize =
        text.lines().map(|line| line.split(' ').nth(2).unwrap().parse::<usize>().unwrap()).sum();
    assert_eq!(lines, 200);
    for name in GOOD.into_iter().chain(["mistakes.jsonl"]) {
        let text = printed(|out| build_a_body::run(&data(name), out));
        assert!(
            !text.is_empty() && text.lines().all(|line| line.ends_with(", as planned")),
            "{name}: {text}"
        );
    }
}

/// What a plan was told on the way: the rows by custom_id, and the findings.
#[derive(Default)]
struct Told {
    rows: BTreeMap<String, (Estimate<Tokens>, Price)>,
    findings: Vec<Finding>,
}

impl Watch for Told {
    fn finding(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    fn row(&mut self, row: &Row<'_>) {
        let appraisal = row.appraisal;
        self.rows.insert(appraisal.custom_id.clone(), (appraisal.tokens.input, appraisal.price.clone()));
    }
}

fn planned(name: &str, book: &PriceBook) -> (Plan, Told) {
    let terms = Terms::on(date(2026, 11, 21), book);
    let estimator = batchwise_tokens::claude();
    let context = Context {
        book,
        estimator: &estimator,
        terms: &terms,
        threads: NonZero::<usize>::MIN,
        inspector: None,
        route: None,
    };
    let source = Source { name: name.to_owned(), content: Box::new(File::open(data(name)).unwrap()) };
    let mut told = Told::default();
    (plan(vec![source], &context, &mut Vec::<u8>::new(), &mut told).unwrap().plan, told)
}

#[test]
fn good_files_are_jsonl_and_plan_without_an_error() {
    for name in GOOD {
        let text = fs::read_to_string(data(name)).unwrap();
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let (plan, told) = planned(name, PriceBook::bundled());
        assert_eq!((plan.verdict, plan.left_out_lines), (Verdict::Ok, 0), "{name}: {:?}", told.findings);
        assert_eq!((plan.requests, plan.unpriced_requests), (lines.len() as u64, 0), "{name}");
        let quote = plan.quote.unwrap();
        assert_eq!(quote.standard, quote.batch.map(|usd| usd + usd), "{name}");
    }
}

#[test]
fn the_file_of_mistakes_breaks_each_rule_once() {
    let (plan, mut told) = planned("mistakes.jsonl", PriceBook::bundled());
    told.findings.sort_by_key(|finding| finding.at.as_ref().map_or(0, |at| at.line));
    let broken: Vec<String> = told
        .findings
        .iter()
        .map(|finding| format!("{}: {}", finding.at.as_ref().map_or(0, |at| at.line), finding.rule.id()))
        .collect();
    insta::assert_snapshot!(broken.join("\n"), @"
    2: duplicate-custom-id
    3: custom-id-pattern
    4: invalid-json
    5: missing-key
    6: unpriced
    7: unknown-key
    ");
    assert_eq!(plan.verdict, Verdict::Unusable);
}

#[test]
fn long_prompts_lie_below_on_and_above_the_price_edge() {
    const EDGE: Option<Tokens> = Some(Tokens(100_000));
    let (_, told) = planned("models.jsonl", PriceBook::bundled());
    let check = |custom_id: &str, expected: &[Option<Tokens>]| {
        let (input, price) = &told.rows[custom_id];
        let Price::Known { tiers, .. } = price else { panic!("{custom_id} has no price") };
        assert_eq!(tiers, expected, "{custom_id}: {input:?}");
    };
    check("haiku55-title", &[None]);
    check("haiku55-report-below", &[None]);
    check("haiku55-report-straddling", &[None, EDGE]);
    check("haiku55-log-above", &[EDGE]);
    let told_so = |finding: &Finding| finding.rule.id() == "price-tier-straddled";
    assert_eq!(told.findings.iter().filter(|finding| told_so(finding)).count(), 1);
}

#[test]
fn own_prices_make_the_same_work_cheaper() {
    let path = data("my-prices.toml");
    let file = SourceFile { text: fs::read_to_string(&path).unwrap(), path: "my-prices.toml".to_owned() };
    let list = PriceBook::bundled();
    let own = list.overlaid(&[file]).unwrap();
    assert_eq!(own.overlay_labels(), ["framework contract 2026"]);
    let input = |book: &PriceBook, model: &str| {
        let model = book.find(model).unwrap();
        model.on(date(2026, 11, 21)).unwrap().base.batch.input.to_string()
    };
    let both = |model: &str| (input(list, model), input(&own, model));
    let expected = |list: &str, own: &str| (list.to_owned(), own.to_owned());
    assert_eq!(both("claude-opus-5-5"), expected("2", "1.9"));
    assert_eq!(both("claude-haiku-4-5"), expected("0.5", "0.4"));
    assert_eq!(both("claude-sonnet-5-5"), expected("1", "0.8"));
    for name in GOOD {
        let (list, own) = (planned(name, list).0, planned(name, &own).0);
        assert_eq!(list.tokens, own.tokens);
        assert!(own.quote.unwrap().batch.low() < list.quote.unwrap().batch.low(), "{name}");
        assert!(own.quote.unwrap().batch.high() < list.quote.unwrap().batch.high(), "{name}");
    }
}

#[test]
fn the_readme_mentions_every_file() {
    let readme = fs::read_to_string(data("README.md")).unwrap();
    let folder = fs::read_dir(data("")).unwrap();
    let mut bytes = 0;
    for entry in folder.map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        bytes += entry.metadata().unwrap().len();
        assert!(name == "README.md" || readme.contains(&format!("`{name}`")), "{name} is not in README.md");
    }
    assert!(bytes < 2_000_000, "the examples should stay small: {bytes} bytes");
}
