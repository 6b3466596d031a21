use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

/// Serve an API on this machine that behaves like Message Batches, for rehearsals and tests. Sends nothing anywhere.
///
/// Batches are made, processed over time, canceled and deleted; rows carry usage figures of our own counter, and no
/// model replies. Any key is good. It serves until it is interrupted, and forgets everything then.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  batchwise simulate --listen 127.0.0.1:8080
  batchwise simulate --listen 127.0.0.1:0 --time-scale 600    # ten minutes pass in a second
  batchwise simulate --seed 7 --faults faults.toml            # what goes wrong: docs/simulate.md
  ANTHROPIC_BASE_URL=http://127.0.0.1:8080 python my_batch.py")]
pub(crate) struct SimulateArgs {
    /// The address to serve on; port 0 takes a free one, which is told on standard error
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    pub(crate) listen: SocketAddr,

    /// Serve on an address that other machines can reach
    #[arg(long)]
    pub(crate) allow_remote: bool,

    /// From which all that is left to chance follows: ids, durations, orders, replies
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,

    /// How many times faster than real time batches are processed
    #[arg(long, value_name = "X", default_value = "1", value_parser = time_scale)]
    pub(crate) time_scale: f64,

    /// What goes wrong, and what the account may do: TOML, see docs/simulate.md
    #[arg(long, value_name = "FILE")]
    pub(crate) faults: Option<PathBuf>,
}

fn time_scale(text: &str) -> Result<f64, String> {
    let scale = text.parse().ok().filter(|scale| (0.001..=1e6).contains(scale));
    scale.ok_or_else(|| "write a number from 0.001 to 1000000".to_owned())
}
