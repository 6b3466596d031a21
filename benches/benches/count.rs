//! Texts to tokens. Baselines: characters / 4, and a plain count with the vocabulary o200k_base.

use std::hint::black_box;
use std::time::Duration;

use batchwise_benches::Pool;
use batchwise_tokens::{ByteRatio, Claude, Family, TextCounter, TextRole, Tiktoken};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

/// Texts like the messages of a chat.
const TEXTS: usize = 200;
const TEXT_BYTES: usize = 4_000;

fn count(criterion: &mut Criterion) {
    let mut pool = Pool::of(&["tickets.jsonl", "models.jsonl", "contracts.jsonl"], 1);
    let texts: Vec<String> = (0..TEXTS).map(|_| pool.text(TEXT_BYTES)).collect();
    let bytes: usize = texts.iter().map(String::len).sum();

    let mut group = criterion.benchmark_group("count");
    group.throughput(Throughput::BytesDecimal(bytes as u64));
    group.bench_function("characters-4", |bencher| {
        bencher.iter(|| black_box(&texts).iter().map(|text| text.chars().count().div_ceil(4)).sum::<usize>())
    });
    group.bench_function("bytes", |bencher| {
        bencher.iter(|| total(&ByteRatio, black_box(&texts), Family::Claude47))
    });
    for (name, family) in [("claude, old", Family::PreClaude47), ("claude, new", Family::Claude47)] {
        group.bench_function(name, |bencher| bencher.iter(|| total(&Claude, black_box(&texts), family)));
    }
    let o200k = tiktoken_rs::o200k_base_singleton();
    group.bench_function("o200k_base", |bencher| {
        bencher.iter(|| black_box(&texts).iter().map(|text| o200k.encode_ordinary(text).len()).sum::<usize>())
    });
    for (name, family) in [("tiktoken, old", Family::PreClaude47), ("tiktoken, new", Family::Claude47)] {
        // The vocabulary is loaded with the first text, once in a process.
        Tiktoken::default().count(&texts[0], TextRole::Prose, family);
        group.bench_function(name, |bencher| {
            // A counter remembers what it has counted, so each round has a new one.
            bencher.iter_batched(
                Tiktoken::default,
                |counter| total(&counter, black_box(&texts), family),
                BatchSize::PerIteration,
            )
        });
    }
    group.finish();
}

fn total(counter: &dyn TextCounter, texts: &[String], family: Family) -> u64 {
    texts.iter().map(|text| counter.count(text, TextRole::Prose, family).high().0).sum()
}

fn short() -> Criterion {
    Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
}

criterion_group! { name = benches; config = short(); targets = count }
criterion_main!(benches);
