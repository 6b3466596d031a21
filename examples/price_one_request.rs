//! What did one request cost on two days?
//!
//! On 2026-10-07, reading from the cache became half as expensive on Claude Sonnet 5.5. A price book keeps
//! both prices, each with its first day, so an old bill can still be checked.
//!
//! ```sh
//! cargo run -p batchwise-examples --example price_one_request -- claude-sonnet-5-5
//! ```

use std::error::Error;
use std::io::{self, Write};

use batchwise_pricing::{PriceBook, Usage};
use batchwise_units::Tokens;
use jiff::civil::date;

fn main() -> Result<(), Box<dyn Error>> {
    let model = std::env::args().nth(1).unwrap_or_else(|| "claude-sonnet-5-5".to_owned());
    run(&model, &mut io::stdout())
}

/// Prices the same usage of `model` on the day before the change and on the day itself.
pub(crate) fn run(model: &str, out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    // As the API reports it: every token has exactly one kind.
    let usage =
        Usage { input: Tokens(1_200), cache_read: Tokens(48_000), output: Tokens(900), ..Usage::default() };
    // An id or an alias finds its model; anything else is an error that says what was probably meant.
    let model = PriceBook::bundled().find(model)?;
    writeln!(out, "{}: {} prompt tokens, {} of output", model.id, usage.prompt(), usage.output)?;
    for day in [date(2026, 10, 6), date(2026, 10, 7)] {
        // The day chooses the era, the length of the prompt chooses the tier inside it.
        let era = model.on(day)?;
        let prices = era.for_prompt(usage.prompt());
        writeln!(out, "{day}, at prices since {}", era.from)?;
        for (sent, rates) in [("alone", prices.standard), ("in a batch", prices.batch)] {
            let (reads, cost) = (rates.cache_read * usage.cache_read, rates.cost(&usage));
            writeln!(out, "  {sent:<10} ${cost}, of which ${reads} for cache reads")?;
        }
    }
    Ok(())
}
