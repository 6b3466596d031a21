//! Counts each line of standard input, a JSON string, and prints its tokens by each version. An escape of half a
//! surrogate pair is an error: no Rust string can hold it.

#![expect(clippy::disallowed_methods, reason = "the crate is pure; an example reads and prints")]

use std::error::Error;
use std::io::{self, BufRead, Write};

use batchwise_tokenizer::{Version, count};

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        let text: String = serde_json::from_str(&line?)?;
        let counts = Version::ALL.map(|version| count(&text, version).to_string());
        writeln!(out, "{}", counts.join(" "))?;
    }
    Ok(())
}
