//! Samples of texts from inputs whose requests are of very different sizes.

use std::num::NonZero;

use batchwise_planner::{SampleContext, Source, sample};
use batchwise_pricing::PriceBook;
use batchwise_tokens::SampledPiece;

/// Small requests of one word, again and again, and among them a few large ones of another.
fn workload() -> String {
    let line = |number: usize| {
        let text = match number % 40 {
            7 => "Spinne ".repeat(10_000 + number * 50),
            _ => "leg ".repeat(50 + number % 300),
        };
        format!(
            r#"{{"custom_id":"r{number}","params":{{"model":"claude-sonnet-5-5","max_tokens":9,"messages":[{{"role":"user","content":"{text}"}}]}}}}"#
        )
    };
    (0..2_000).map(line).collect::<Vec<_>>().join("\n")
}

fn sampled(text: &str, one_in: u64, threads: usize) -> Vec<Vec<SampledPiece>> {
    let context =
        SampleContext { book: PriceBook::bundled(), one_in, threads: NonZero::new(threads).unwrap() };
    let source = Source { name: "a.jsonl".to_owned(), content: Box::new(text.as_bytes()) };
    let mut windows = Vec::new();
    sample(vec![source], &context, &mut |_| (), &mut |window| windows.push(window.to_vec())).unwrap();
    windows
}

fn real(windows: &[Vec<SampledPiece>]) -> f64 {
    windows.iter().flatten().map(|piece| piece.real.0 as f64).sum()
}

#[test]
fn large_and_small_requests_have_the_same_chance() {
    let text = workload();
    let total = real(&sampled(&text, 1, 2));
    let rates = 10_u64..40;
    let shares = rates.clone().map(|one_in| real(&sampled(&text, one_in, 2)) * one_in as f64 / total);
    let mean = shares.sum::<f64>() / rates.count() as f64;
    assert!((0.99..1.01).contains(&mean), "{mean}");
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let text = workload();
    let one = sampled(&text, 9, 1);
    assert_eq!(sampled(&text, 9, 2), one);
    assert_eq!(sampled(&text, 9, 7), one);
}

#[test]
fn lines_that_are_no_requests_have_no_text() {
    assert!(sampled("{}\n\nnonsense\n[1]", 1, 1).is_empty());
    assert!(sampled("", 1, 1).is_empty());
}
