//! Lines to the size and the fingerprint of a batch's body, which is most of what cutting costs. Baseline: the body is
//! built and hashed.

use std::hint::black_box;
use std::time::Duration;

use batchwise_benches::{Shape, Workload};
use batchwise_plan::{BodyDigest, Fingerprint};
use batchwise_units::Bytes;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

fn slice(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("slice");
    for shape in Shape::ALL {
        let file = Workload::new(shape, 4_000_000, 1).jsonl;
        let lines: Vec<&[u8]> = file.lines().map(str::as_bytes).collect();
        assert_eq!(digested(&lines), built(&lines));
        group.throughput(Throughput::BytesDecimal(file.len() as u64));
        group.bench_function(BenchmarkId::new("built", shape.name()), |bencher| {
            bencher.iter(|| built(black_box(&lines)))
        });
        group.bench_function(BenchmarkId::new("BodyDigest", shape.name()), |bencher| {
            bencher.iter(|| digested(black_box(&lines)))
        });
    }
    group.finish();
}

fn digested(lines: &[&[u8]]) -> (Bytes, Fingerprint) {
    let mut body = BodyDigest::default();
    lines.iter().for_each(|line| body.add(line));
    (body.bytes(), body.finish())
}

fn built(lines: &[&[u8]]) -> (Bytes, Fingerprint) {
    let body = [b"{\"requests\":[", &lines.join(&b","[..])[..], b"]}"].concat();
    (Bytes::of(&body), Fingerprint::of(&body))
}

fn short() -> Criterion {
    Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(1_000))
}

criterion_group! { name = benches; config = short(); targets = slice }
criterion_main!(benches);
