//! A line to a request. Baseline: `serde_json::Value`, which checks nothing but the JSON.

use std::hint::black_box;
use std::time::Duration;

use batchwise_benches::{Shape, Workload};
use batchwise_records::Request;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use serde_json::Value;

fn parse(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("parse");
    for shape in Shape::ALL {
        let file = Workload::new(shape, 4_000_000, 1).jsonl;
        let lines: Vec<&[u8]> = file.lines().map(str::as_bytes).collect();
        group.throughput(Throughput::BytesDecimal(file.len() as u64));
        group.bench_function(BenchmarkId::new("serde_json::Value", shape.name()), |bencher| {
            bencher.iter(|| {
                for line in &lines {
                    black_box(
                        serde_json::from_slice::<Value>(black_box(line)).expect("the workload is valid"),
                    );
                }
            })
        });
        group.bench_function(BenchmarkId::new("Request::parse", shape.name()), |bencher| {
            bencher.iter(|| {
                for line in &lines {
                    black_box(Request::parse(black_box(line)).expect("the workload is valid"));
                }
            })
        });
    }
    group.finish();
}

fn short() -> Criterion {
    Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(1_000))
}

criterion_group! { name = benches; config = short(); targets = parse }
criterion_main!(benches);
