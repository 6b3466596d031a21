//! The program one would write first to quote a file of requests, for `just compare-peers` to race against.
//!
//! `straightforward FILE [THREADS]`

use std::error::Error;
use std::sync::Mutex;
use std::{env, fs, thread};

use batchwise_benches::straightforward::{Quote, quote};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let path = arguments.next().ok_or("usage: straightforward FILE [THREADS]")?;
    let threads: usize = arguments.next().map_or(Ok(1), |threads| threads.parse())?;
    let file = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;

    let lines = Mutex::new(file.lines());
    let sums = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(|| sum(&lines))).collect();
        workers
            .into_iter()
            .map(|worker| worker.join().expect("no worker panics"))
            .collect::<Result<Vec<_>, _>>()
    })?;
    let total = sums.into_iter().fold(Quote::default(), add);
    println!("{} input tokens, ${:.2}", total.tokens, total.dollars);
    Ok(())
}

/// Quotes line after line, as long as there is one that no other thread took.
fn sum<'f>(lines: &Mutex<impl Iterator<Item = &'f str>>) -> serde_json::Result<Quote> {
    let mut total = Quote::default();
    let next = || lines.lock().expect("no thread panics while it holds the lines").next();
    while let Some(line) = next() {
        total = add(total, quote(line)?);
    }
    Ok(total)
}

fn add(left: Quote, right: Quote) -> Quote {
    Quote { tokens: left.tokens + right.tokens, dollars: left.dollars + right.dollars }
}
