//! What will this file cost, and how many batches does it take?
//!
//! ```sh
//! cargo run -p batchwise-examples --example quote_a_file -- requests.jsonl
//! ```

use std::error::Error;
use std::fs::File;
use std::io::{self, Write};
use std::num::NonZero;
use std::path::Path;

use batchwise_findings::Finding;
use batchwise_planner::{Context, Source, Terms, plan};
use batchwise_pricing::PriceBook;
use batchwise_units::{Estimate, Usd};
use jiff::civil::date;

const TICKETS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/tickets.jsonl");

fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args_os().nth(1).unwrap_or_else(|| TICKETS.into());
    run(Path::new(&file), &mut io::stdout())
}

/// Quotes `file` at the prices of a fixed day.
pub(crate) fn run(file: &Path, out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    // The planner opens nothing and asks no clock: everything is handed to it.
    let book = PriceBook::bundled();
    let terms = Terms::on(date(2026, 11, 21), book);
    let estimator = batchwise_tokens::claude();
    let context = Context {
        book,
        estimator: &estimator,
        terms: &terms,
        threads: NonZero::<usize>::MIN,
        inspector: None,
        route: None,
    };
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let source = Source { name, content: Box::new(File::open(file)?) };
    // A flawed line is no error: it is left out of the batches and told to whoever watches.
    let mut findings: Vec<Finding> = Vec::new();
    // A few million ids fit into memory; a larger file would want a scratch file here.
    let plan = plan(vec![source], &context, &mut Vec::<u8>::new(), &mut findings)?.plan;
    for finding in findings {
        writeln!(out, "{}: {}", finding.rule.id(), finding.message)?;
    }
    writeln!(out, "verdict    {}", plan.verdict)?;
    writeln!(out, "requests   {} in {} batch(es)", plan.requests, plan.batches.len())?;
    // Where not one request has a price there is no quote: unknown is not zero.
    if let Some(quote) = plan.quote {
        writeln!(out, "standard   {}", range(quote.standard))?;
        writeln!(out, "batch      {}", range(quote.batch))?;
        writeln!(out, "cached     {}", range(quote.batch_cached))?;
    }
    Ok(())
}

/// Amounts are exact and rounded only here, for people. A reply may have any length up to `max_tokens`, so
/// a cost has bounds and no likely value.
fn range(cost: Estimate<Usd>) -> String {
    format!("${} to ${}", cost.low().rounded(4), cost.high().rounded(4))
}
