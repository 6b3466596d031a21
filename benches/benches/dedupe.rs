//! What a request costs beyond being read and counted, most of which is its id: 100,000 requests that say hardly
//! anything are planned. Baselines: counting them, which keeps no ids and prices nothing; and a set of the ids alone.

use std::collections::HashSet;
use std::hint::black_box;
use std::num::NonZero;
use std::time::Duration;

use batchwise_benches::Dice;
use batchwise_findings::Finding;
use batchwise_planner::{Context, CountContext, Source, Terms, Watch};
use batchwise_pricing::PriceBook;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use jiff::civil::date;

const REQUESTS: u64 = 100_000;

fn dedupe(criterion: &mut Criterion) {
    let mut dice = Dice::new(1);
    let ids: Vec<String> =
        (0..REQUESTS).map(|index| format!("ticket-{index:07}-{:08x}", dice.roll(1 << 32))).collect();
    let file: String = ids.iter().map(|id| request(id)).collect();

    let mut group = criterion.benchmark_group("dedupe");
    group.throughput(Throughput::Elements(REQUESTS));
    group.bench_function("HashSet<String>", |bencher| {
        bencher.iter(|| black_box(&ids).iter().cloned().collect::<HashSet<String>>())
    });
    group.bench_function("count", |bencher| bencher.iter(|| count(black_box(&file))));
    group.bench_function("plan", |bencher| bencher.iter(|| plan(black_box(&file))));
    group.finish();
}

fn request(id: &str) -> String {
    let params =
        r#"{"model":"claude-haiku-5-5","max_tokens":100,"messages":[{"role":"user","content":"?"}]}"#;
    format!("{{\"custom_id\":\"{id}\",\"params\":{params}}}\n")
}

fn count(file: &str) {
    let estimator = batchwise_tokens::bytes();
    let context =
        CountContext { book: PriceBook::bundled(), estimator: &estimator, threads: NonZero::<usize>::MIN };
    batchwise_planner::count(vec![source(file)], &context, &mut Unheard, &mut |_| ())
        .expect("memory can be read");
}

fn plan(file: &str) {
    let (book, estimator) = (PriceBook::bundled(), batchwise_tokens::bytes());
    let terms = Terms::on(date(2026, 11, 21), book);
    let context = Context {
        book,
        estimator: &estimator,
        terms: &terms,
        threads: NonZero::<usize>::MIN,
        inspector: None,
        route: None,
    };
    let plan = batchwise_planner::plan(vec![source(file)], &context, &mut Vec::new(), &mut Unheard)
        .expect("memory can be read")
        .plan;
    assert_eq!((plan.requests, plan.left_out_lines), (REQUESTS, 0));
}

fn source(file: &str) -> Source<'_> {
    Source { name: "requests.jsonl".to_owned(), content: Box::new(file.as_bytes()) }
}

struct Unheard;

impl Watch for Unheard {
    fn finding(&mut self, _: Finding) {}
}

fn short() -> Criterion {
    Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(1_500))
}

criterion_group! { name = benches; config = short(); targets = dedupe }
criterion_main!(benches);
