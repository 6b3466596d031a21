//! Tokens to dollars. Baseline: the same prices in floating point, which is neither exact nor a range.

use std::hint::black_box;
use std::time::Duration;

use batchwise_planner::{CacheScenario, CachedPrefix, Prompt, quote};
use batchwise_pricing::PriceBook;
use batchwise_tokens::CacheTtl;
use batchwise_units::{Estimate, Tokens};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use jiff::civil::date;
use rust_decimal::Decimal;

fn price(criterion: &mut Criterion) {
    let model = PriceBook::bundled().find("claude-haiku-5-5").expect("a bundled model");
    let era = model.on(date(2026, 11, 21)).expect("it has a price by then");
    let bare: Vec<Prompt> = (1..=1_000).map(|index| prompt(index, false)).collect();
    let marked: Vec<Prompt> = (1..=1_000).map(|index| prompt(index, true)).collect();

    let mut group = criterion.benchmark_group("price");
    group.throughput(Throughput::Elements(1_000));
    group
        .bench_function("f64", |bencher| bencher.iter(|| black_box(&bare).iter().map(floating).sum::<f64>()));
    for (name, prompts) in [("quote", &bare), ("quote, one breakpoint", &marked)] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                for prompt in black_box(prompts) {
                    black_box(quote(prompt, era, Decimal::ONE, CacheScenario::Bounds));
                }
            })
        });
    }
    group.finish();
}

fn prompt(index: u64, marked: bool) -> Prompt {
    let tokens = |count: u64| Estimate::new(Tokens(count * 9 / 10), Tokens(count), Tokens(count * 11 / 10));
    let prefix = CachedPrefix { tokens: tokens(index * 90), ttl: CacheTtl::FiveMinutes };
    Prompt {
        input: tokens(index * 100),
        output: Estimate::between(Tokens::ZERO, Tokens(1_000)),
        prefixes: marked.then_some(prefix).into_iter().collect(),
        cache_minimum: Some(Tokens(4_096)),
    }
}

#[expect(clippy::cast_precision_loss, reason = "that floating point is not exact is why it is the baseline")]
fn floating(prompt: &Prompt) -> f64 {
    let (input, output) = (prompt.input.high().0 as f64, prompt.output.high().0 as f64);
    let (input_rate, output_rate) = if input > 200_000.0 { (2.5, 12.5) } else { (0.5, 2.5) };
    (input * input_rate + output * output_rate) / 1e6
}

fn short() -> Criterion {
    Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(1_000))
}

criterion_group! { name = benches; config = short(); targets = price }
criterion_main!(benches);
