//! Counting without prices: what is counted, what is not, and who is told.

use std::io::{self, Read};
use std::num::NonZero;

use batchwise_findings::{Finding, Verdict};
use batchwise_planner::{Count, CountContext, ReadError, Source, count};
use batchwise_pricing::PriceBook;
use batchwise_units::{Estimate, Tokens};

fn line(model: &str) -> String {
    format!(
        r#"{{"custom_id":"a","params":{{"model":"{model}","max_tokens":5,"messages":[{{"role":"user","content":"{}"}}]}}}}"#,
        "Some words to count. ".repeat(20)
    ) + "\n"
}

fn counted(contents: Vec<Box<dyn Read + '_>>, findings: &mut Vec<Finding>) -> Result<Count, ReadError> {
    let estimator = batchwise_tokens::bytes();
    let context =
        CountContext { book: PriceBook::bundled(), estimator: &estimator, threads: NonZero::new(2).unwrap() };
    let source = |(number, content)| Source { name: format!("{number}.jsonl"), content };
    let sources = (1..).zip(contents).map(source).collect();
    count(sources, &context, findings, &mut |_| ())
}

fn tokens(model: &str) -> Estimate<Tokens> {
    let line = line(model);
    let count = counted(vec![Box::new(line.as_bytes())], &mut Vec::new()).unwrap();
    count.total.tokens
}

#[test]
fn an_unknown_model_spans_both_tokenizers() {
    let (old, new) = (tokens("claude-sonnet-4-5"), tokens("claude-opus-5-5"));
    let framed = tokens("claude-opus-4-7");
    let unknown = tokens("claude-of-tomorrow");
    assert!(old.likely() < new.likely());
    assert_eq!((unknown.low(), unknown.high()), (old.low().min(new.low()), new.high().max(framed.high())));
    assert!(old.high() < framed.high());
}

#[test]
fn nothing_is_counted_in_silence() {
    let first = line("claude-opus-5-5") + "{\n\n[]\n" + &line("claude-of-tomorrow");
    let second = line("claude-opus-5-5") + &line("claude-opus-5-5");
    let mut findings = Vec::new();
    let count =
        counted(vec![Box::new(first.as_bytes()), Box::new(second.as_bytes())], &mut findings).unwrap();
    let rules: Vec<&str> = findings.iter().map(|finding| finding.rule.id()).collect();
    assert_eq!(rules, ["invalid-json", "not-an-object", "unknown-model"]);
    assert_eq!((count.total.requests, count.uncounted_lines), (4, 2));
    assert_eq!(count.total.unknown_model_requests, 1);
    assert_eq!(count.verdict, Verdict::Unusable);
    let files: Vec<_> = count.files.iter().map(|file| (file.sum.requests, file.uncounted_lines)).collect();
    assert_eq!(files, [(2, 2), (2, 0)]);
    let models: Vec<_> = count.models.iter().map(|(name, sum)| (name.as_str(), sum.requests)).collect();
    assert_eq!(models, [("claude-of-tomorrow", 1), ("claude-opus-5-5", 3)]);
}

#[test]
fn an_input_that_breaks_off_is_an_error() {
    struct Gone;
    impl Read for Gone {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is gone"))
        }
    }
    let whole = line("claude-opus-5-5");
    let error = counted(vec![Box::new(whole.as_bytes().chain(Gone))], &mut Vec::new()).unwrap_err();
    assert_eq!((error.name.as_str(), error.bytes), ("1.jsonl", whole.len() as u64));
}
