//! Builds the HTTP bodies that a plan describes, as whoever sends the batches has to do. Nothing is decided
//! here, and a file that is no longer the one that was planned is noticed.
//!
//! Run it with `cargo run -p batchwise-examples --example build_a_body -- requests.jsonl`.

use std::error::Error;
use std::io::{self, Write};
use std::num::NonZero;
use std::path::Path;

use batchwise_plan::{Batch, Fingerprint, request_lines};
use batchwise_planner::{Context, Source, Terms, plan};
use batchwise_pricing::PriceBook;
use batchwise_units::Bytes;
use jiff::civil::date;

const TICKETS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/tickets.jsonl");

fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args_os().nth(1).unwrap_or_else(|| TICKETS.into());
    run(Path::new(&file), &mut io::stdout())
}

/// Plans batches of at most 60 requests of `file`, builds their bodies and compares them with the plan.
pub(crate) fn run(file: &Path, out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    let input = std::fs::read(file)?;
    let book = PriceBook::bundled();
    let mut terms = Terms::on(date(2026, 11, 21), book);
    terms.limits.requests_max = 60;
    let estimator = batchwise_tokens::bytes();
    let context = Context {
        book,
        estimator: &estimator,
        terms: &terms,
        threads: NonZero::<usize>::MIN,
        inspector: None,
        route: None,
    };
    let sources = vec![Source { name: file.display().to_string(), content: Box::new(&*input) }];
    let plan = plan(sources, &context, &mut Vec::<u8>::new(), &mut Vec::new())?.plan;
    for batch in &plan.batches {
        let body = body(batch, &[&input]);
        let same = (Bytes::of(&body), Fingerprint::of(&body)) == (batch.body_bytes, batch.body_sha256);
        let state = if same { "as planned" } else { "NOT as planned" };
        writeln!(out, "batch {}: {} requests, {} bytes, {state}", batch.index, batch.requests, body.len())?;
    }
    Ok(())
}

/// `{"requests":[…]}` with the lines of the batch exactly as they stand in the inputs.
fn body(batch: &Batch, inputs: &[&[u8]]) -> Vec<u8> {
    let offset = |at: u64| usize::try_from(at).expect("the input is in memory");
    let mut requests = Vec::new();
    for slice in &batch.slices {
        let bytes = &inputs[slice.input as usize][offset(slice.start)..offset(slice.end)];
        requests.extend(request_lines(bytes));
    }
    [b"{\"requests\":[", &*requests.join(&b","[..]), b"]}"].concat()
}
