//! Texts to tokens. Baselines: characters / 4, and a plain count with the vocabulary o200k_base.

use std::hint::black_box;
use std::time::Duration;

use batchwise_benches::Pool;
use batchwise_tokens::{ByteRatio, Claude, Family, TextCounter, TextRole, Tiktoken};
use criterion::measurement::WallTime;
use criterion::{BatchSize, BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};

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
    measure::<Claude>(&mut group, "claude", &texts);
    let o200k = tiktoken_rs::o200k_base_singleton();
    group.bench_function("o200k_base", |bencher| {
        bencher.iter(|| black_box(&texts).iter().map(|text| o200k.encode_ordinary(text).len()).sum::<usize>())
    });
    measure::<Tiktoken>(&mut group, "tiktoken", &texts);
    group.finish();
}

/// A counter remembers what it has counted, so each round has a new one.
fn measure<C: TextCounter + Default>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    method: &str,
    texts: &[String],
) {
    for (name, family) in [("old", Family::PreClaude47), ("new", Family::Claude47)] {
        // What is loaded with the first text is loaded once in a process.
        C::default().count(&texts[0], TextRole::Prose, family);
        group.bench_function(format!("{method}, {name}"), |bencher| {
            let round = |counter: C| total(&counter, black_box(texts), family);
            bencher.iter_batched(C::default, round, BatchSize::PerIteration);
        });
    }
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
