//! Prompts that come again. Baseline: the same number of prompts of which no two are equal.

use std::hint::black_box;
use std::time::Duration;

use batchwise_benches::Pool;
use batchwise_planner::model_traits;
use batchwise_pricing::PriceBook;
use batchwise_records::Request;
use batchwise_tokens::{Estimator, ModelTraits};
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use serde_json::json;

const REQUESTS: usize = 200;
const PROMPT_BYTES: usize = 4_000;

fn memo(criterion: &mut Criterion) {
    let mut pool = Pool::of(&["tickets.jsonl", "models.jsonl", "contracts.jsonl"], 1);
    let distinct: Vec<String> = (0..REQUESTS).map(|_| request(&pool.text(PROMPT_BYTES))).collect();
    let repeated = vec![distinct[0].clone(); REQUESTS];

    let model = model_traits(PriceBook::bundled().find("claude-haiku-5-5").expect("a bundled model"));

    let mut group = criterion.benchmark_group("memo");
    for (name, lines) in [("distinct", &distinct), ("repeated", &repeated)] {
        let requests: Vec<Request<'_>> =
            lines.iter().map(|line| Request::parse(line.as_bytes()).expect("the request is valid")).collect();
        group.throughput(Throughput::BytesDecimal(lines.iter().map(|line| line.len() as u64).sum()));
        group.bench_function(BenchmarkId::new("claude", name), |bencher| {
            bencher.iter_batched(
                batchwise_tokens::claude,
                |one| total(&one, &requests, &model),
                BatchSize::PerIteration,
            )
        });
        group.bench_function(BenchmarkId::new("tiktoken", name), |bencher| {
            bencher.iter_batched(
                batchwise_tokens::tiktoken,
                |one| total(&one, &requests, &model),
                BatchSize::PerIteration,
            )
        });
    }
    group.finish();
}

fn request(prompt: &str) -> String {
    let messages = json!([{"role": "user", "content": "Which language is that?"}]);
    let params =
        json!({"model": "claude-haiku-5-5", "max_tokens": 9, "system": prompt, "messages": messages});
    json!({"custom_id": "one", "params": params}).to_string()
}

fn total(estimator: &dyn Estimator, requests: &[Request<'_>], model: &ModelTraits) -> u64 {
    black_box(requests).iter().map(|request| estimator.estimate(request, model).total.high().0).sum()
}

fn short() -> Criterion {
    Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(1_000))
}

criterion_group! { name = benches; config = short(); targets = memo }
criterion_main!(benches);
