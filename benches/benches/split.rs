//! Bytes to lines. Baseline: `read_until` of the standard library.

use std::hint::black_box;
use std::io::{BufRead, BufReader};
use std::time::Duration;

use batchwise_benches::{Shape, Workload};
use batchwise_records::ChunkReader;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

fn split(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("split");
    for shape in Shape::ALL {
        let file = Workload::new(shape, 8_000_000, 1).jsonl;
        group.throughput(Throughput::BytesDecimal(file.len() as u64));
        group.bench_function(BenchmarkId::new("read_until", shape.name()), |bencher| {
            bencher.iter(|| read_until(black_box(file.as_bytes())))
        });
        group.bench_function(BenchmarkId::new("ChunkReader", shape.name()), |bencher| {
            bencher.iter(|| chunks(black_box(file.as_bytes())))
        });
        assert_eq!(read_until(file.as_bytes()), chunks(file.as_bytes()));
    }
    group.finish();
}

fn read_until(file: &[u8]) -> usize {
    let mut reader = BufReader::with_capacity(128 * 1024, file);
    let (mut line, mut content) = (Vec::new(), 0);
    while reader.read_until(b'\n', &mut line).expect("memory can be read") > 0 {
        content += line.len() - 1;
        line.clear();
    }
    content
}

fn chunks(file: &[u8]) -> usize {
    let mut reader = ChunkReader::new(file, 1 << 20);
    let mut content = 0;
    while let Some(chunk) = reader.next_chunk().expect("memory can be read") {
        content += chunk.lines().map(|line| line.content.len()).sum::<usize>();
    }
    content
}

fn short() -> Criterion {
    Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(1_000))
}

criterion_group! { name = benches; config = short(); targets = split }
criterion_main!(benches);
