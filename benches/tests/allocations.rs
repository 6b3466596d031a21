//! How often a request asks for memory, once the tables and buffers have grown: `docs/performance.md` has the
//! numbers, and `just allocations` prints them. They are the same on every machine, but for a table that may grow a
//! request earlier or later.

use std::num::NonZero;

use allocation_counter::measure;
use batchwise_benches::{Shape, Workload};
use batchwise_findings::Finding;
use batchwise_planner::{Context, CountContext, Source, Terms, Watch, model_traits};
use batchwise_pricing::PriceBook;
use batchwise_records::Request;
use batchwise_tokens::{Estimator, claude};
use jiff::civil::date;

/// By shape, the most that a request may ask for: about a tenth above what was measured. The files are small, so a plan
/// looks at many of their requests for what nearly repeats, of which there are fewer than eighty in a million.
const LIMITS: [(Shape, Stages); 3] = [
    (Shape::Tickets, Stages { parse: 48.5, estimate: 140.0, count: 144.5, plan: 163.5 }),
    (Shape::Chats, Stages { parse: 41.5, estimate: 41.5, count: 46.0, plan: 114.0 }),
    (Shape::Documents, Stages { parse: 38.0, estimate: 40.0, count: 48.0, plan: 279.0 }),
];

/// Allocations for each request. `count` and `plan` are whole, with what goes before them.
#[derive(Clone, Copy)]
struct Stages {
    parse: f64,
    estimate: f64,
    count: f64,
    plan: f64,
}

#[test]
fn requests_ask_for_little_memory() {
    let mut over = Vec::new();
    for (shape, limits) in LIMITS {
        let (short, long) = workloads(shape);
        let each = |run: &dyn Fn(&str)| per_request(run, &short, &long);
        let actual =
            Stages { parse: each(&parse), estimate: each(&estimate), count: each(&count), plan: each(&plan) };
        let rows = [
            ("parse", actual.parse, limits.parse),
            ("estimate", actual.estimate, limits.estimate),
            ("count", actual.count, limits.count),
            ("plan", actual.plan, limits.plan),
        ];
        for (stage, actual, limit) in rows {
            println!("{} {stage}: {actual:.1} allocations per request", shape.name());
            if actual > limit {
                over.push(format!("{} {stage}: {actual:.1}, and {limit} are allowed", shape.name()));
            }
        }
    }
    assert!(over.is_empty(), "more allocations for each request:\n{}", over.join("\n"));
}

/// A file, and the same with as many requests again behind it.
fn workloads(shape: Shape) -> (String, String) {
    let bytes = if shape == Shape::Documents { 1_000_000 } else { 300_000 };
    let long = Workload::new(shape, 2 * bytes, 1).jsonl;
    let half = long.lines().count() / 2;
    let short: String = long.split_inclusive('\n').take(half).collect();
    (short, long)
}

/// What the longer file takes beyond the shorter, for each request that it has more; both after a first run.
fn per_request(run: &dyn Fn(&str), short: &str, long: &str) -> f64 {
    run(long);
    let allocations = |file: &str| f64::from(u32::try_from(measure(|| run(file)).count_total).expect("few"));
    let requests = |file: &str| f64::from(u32::try_from(file.lines().count()).expect("few"));
    (allocations(long) - allocations(short)) / (requests(long) - requests(short))
}

fn parse(file: &str) {
    file.lines().for_each(|line| drop(request(line)));
}

fn estimate(file: &str) {
    let estimator = claude();
    for line in file.lines() {
        let request = request(line);
        let model = PriceBook::bundled().find(&request.model).expect("a bundled model");
        estimator.estimate(&request, &model_traits(model));
    }
}

fn request(line: &str) -> Request<'_> {
    Request::parse(line.as_bytes()).expect("the workload is valid")
}

fn count(file: &str) {
    let (book, estimator) = (PriceBook::bundled(), claude());
    // On one thread, everything happens in the one that counts allocations.
    let context = CountContext { book, estimator: &estimator, threads: NonZero::<usize>::MIN };
    batchwise_planner::count(vec![source(file)], &context, &mut Unheard, &mut |_| ())
        .expect("memory can be read");
}

fn plan(file: &str) {
    let (book, estimator) = (PriceBook::bundled(), claude());
    let terms = Terms::on(date(2026, 11, 21), book);
    let context = Context {
        book,
        estimator: &estimator,
        terms: &terms,
        threads: NonZero::<usize>::MIN,
        inspector: None,
        route: None,
    };
    batchwise_planner::plan(vec![source(file)], &context, &mut Vec::new(), &mut Unheard)
        .expect("memory can be read");
}

fn source(file: &str) -> Source<'_> {
    Source { name: "requests.jsonl".to_owned(), content: Box::new(file.as_bytes()) }
}

struct Unheard;

impl Watch for Unheard {
    fn finding(&mut self, _: Finding) {}
}
