//! Writes requests made of the texts in `examples/data` to standard output, always the same for equal arguments.
//!
//! `workload tickets|chats|documents BYTES [SEED]`

use std::env;
use std::error::Error;
use std::io::{self, Write};

use batchwise_benches::{Shape, Workload};

const USAGE: &str = "usage: workload tickets|chats|documents BYTES [SEED]";

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let name = arguments.next().ok_or(USAGE)?;
    let shape = Shape::ALL.into_iter().find(|shape| shape.name() == name).ok_or(USAGE)?;
    let bytes = arguments.next().ok_or(USAGE)?.parse()?;
    let seed = arguments.next().map_or(Ok(1), |seed| seed.parse())?;
    io::stdout().write_all(Workload::new(shape, bytes, seed).jsonl.as_bytes())?;
    Ok(())
}
