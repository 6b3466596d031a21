//! How many input tokens has one request, and what does that number rest on?
//!
//! Anthropic publishes no tokenizer, so the answer is a range with its assumptions. The first line of the
//! file is taken.
//!
//! ```sh
//! cargo run -p batchwise-examples --example count_tokens -- requests.jsonl
//! ```

use std::error::Error;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;

use batchwise_planner::model_traits;
use batchwise_pricing::PriceBook;
use batchwise_records::Request;
use batchwise_tokens::{Estimator, bytes, claude, tiktoken};

const TICKETS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/tickets.jsonl");

fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args_os().nth(1).unwrap_or_else(|| TICKETS.into());
    run(Path::new(&file), &mut io::stdout())
}

/// Estimates the first request of `file` with each method.
pub(crate) fn run(file: &Path, out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    let mut line = String::new();
    BufReader::new(File::open(file)?).read_line(&mut line)?;
    // All flaws of a line are found at once, each with the field it is about.
    let request = Request::parse(line.trim_end().as_bytes()).map_err(|flaws| flaws[0].message.clone())?;
    // The token crate knows no model names: the planner translates the price book's facts for it.
    let model = PriceBook::bundled().find(&request.model)?;
    let traits = model_traits(model);
    writeln!(out, "{} to {}", request.custom_id, model.name)?;

    let estimators: [&dyn Estimator; 3] = [&claude(), &tiktoken(), &bytes()];
    for estimator in estimators {
        let estimate = estimator.estimate(&request, &traits);
        let (low, high) = (estimate.total.low(), estimate.total.high());
        let likely =
            estimate.total.likely().map_or_else(|| "unknown".to_owned(), |tokens| tokens.to_string());
        writeln!(out, "{:<8} {low} to {high} tokens, likely {likely}", estimator.method())?;
        for assumption in &estimate.assumptions {
            writeln!(out, "  {}: {} ({})", assumption.key(), assumption.value(), assumption.source())?;
        }
    }
    Ok(())
}
