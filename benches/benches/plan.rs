//! A file to a plan, on one thread. Baseline: the loop one would write first, `straightforward`.

use std::hint::black_box;
use std::num::NonZero;
use std::time::Duration;

use batchwise_benches::{Shape, Workload, straightforward};
use batchwise_findings::{Finding, Verdict};
use batchwise_plan::Plan;
use batchwise_planner::{Context, Source, Terms, Watch};
use batchwise_pricing::PriceBook;
use batchwise_tokens::Estimator;
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use jiff::civil::date;

fn plan(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("plan");
    for shape in Shape::ALL {
        let file = Workload::new(shape, 2_000_000, 1).jsonl;
        // Vocabularies are loaded with the first text, once in a process.
        plan_with(&batchwise_tokens::tiktoken(), &file);
        plan_with(&batchwise_tokens::claude(), &file);
        group.throughput(Throughput::BytesDecimal(file.len() as u64));
        group.bench_function(BenchmarkId::new("straightforward", shape.name()), |bencher| {
            bencher.iter(|| {
                let quotes = black_box(&file).lines().map(straightforward::quote);
                quotes.map(|quote| quote.expect("the workload is valid").dollars).sum::<f64>()
            })
        });
        group.bench_function(BenchmarkId::new("claude", shape.name()), |bencher| {
            bencher.iter_batched(
                batchwise_tokens::claude,
                |estimator| plan_with(&estimator, black_box(&file)),
                BatchSize::PerIteration,
            )
        });
        group.bench_function(BenchmarkId::new("tiktoken", shape.name()), |bencher| {
            // An estimator remembers what it has counted, so each round has a new one.
            bencher.iter_batched(
                batchwise_tokens::tiktoken,
                |estimator| plan_with(&estimator, black_box(&file)),
                BatchSize::PerIteration,
            )
        });
        group.bench_function(BenchmarkId::new("bytes", shape.name()), |bencher| {
            bencher.iter_batched(
                batchwise_tokens::bytes,
                |estimator| plan_with(&estimator, black_box(&file)),
                BatchSize::PerIteration,
            )
        });
    }
    group.finish();
}

fn plan_with(estimator: &dyn Estimator, file: &str) -> Plan {
    let book = PriceBook::bundled();
    let terms = Terms::on(date(2026, 11, 21), book);
    let context = Context {
        book,
        estimator,
        terms: &terms,
        threads: NonZero::<usize>::MIN,
        inspector: None,
        route: None,
    };
    let source = Source { name: "requests.jsonl".to_owned(), content: Box::new(file.as_bytes()) };
    let plan = batchwise_planner::plan(vec![source], &context, &mut Vec::<u8>::new(), &mut Unheard)
        .expect("memory can be read")
        .plan;
    assert_eq!((plan.verdict, plan.left_out_lines), (Verdict::Ok, 0));
    plan
}

struct Unheard;

impl Watch for Unheard {
    fn finding(&mut self, _: Finding) {}
}

fn short() -> Criterion {
    Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_millis(1_500))
}

criterion_group! { name = benches; config = short(); targets = plan }
criterion_main!(benches);
