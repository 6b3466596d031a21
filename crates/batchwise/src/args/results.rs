//! The arguments of what comes after sending: `results` and `retry`.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

/// Write what came back of an execution: one row per request, in the order of the inputs.
///
/// DIR is the folder of the execution: its plan.json and results/. Rows are written byte for byte as they were received,
/// unless --join or --csv asks for more. The inputs must be those that were planned. Sends nothing anywhere.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  batchwise results run > rows.jsonl
  batchwise results run --join -o joined.jsonl          # with the file and line of each request
  batchwise results run --csv -o rows.csv               # one record per request, usage and text included
  batchwise results run --input monday.jsonl=archive/monday.jsonl.zst --csv
  batchwise results run --as-received                   # without the inputs

Exit codes: 0 ok, 2 unusable folder, input or usage, 3 the results of some batches are not there yet.")]
pub(crate) struct ResultsArgs {
    #[command(flatten)]
    pub(crate) folder: FolderArgs,

    /// Write each row with `input`, `line` and `batch` of its request; the result stays byte for byte
    #[arg(long, conflicts_with_all = ["csv", "as_received"])]
    pub(crate) join: bool,

    /// Write one CSV record per row: ids, places, usage, text and errors; what a row does not say is empty
    #[arg(long, conflicts_with = "as_received")]
    pub(crate) csv: bool,

    /// Write the rows in the order in which they came, batch by batch; needs no inputs
    #[arg(long, conflicts_with = "input")]
    pub(crate) as_received: bool,

    /// Write the rows to this file
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// Write a new request file of what is worth sending again.
///
/// Worth it are requests that expired, were canceled, or met an error of the API; what the API refuses goes to --rejected.
/// Lines are copied byte for byte. Plan and send the new file in a folder of its own, and retry it there; each batch of DIR
/// is retried once, so that nothing is sent twice. Sends nothing anywhere.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  batchwise retry run -o retry.jsonl
  batchwise retry run -o retry.jsonl --rejected rejected.jsonl --plan retry-plan.json
  batchwise retry run -o retry.jsonl --format json

Exit codes: 0 ok, 1 or 2 as `plan` says of the new plan, 2 also unusable folder, input or usage, 3 the results of some
batches are not there yet, or are of types that this version does not know.")]
pub(crate) struct RetryArgs {
    #[command(flatten)]
    pub(crate) folder: FolderArgs,

    /// Write the requests worth sending again to this file
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,

    /// Write the requests that would only be refused again to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) rejected: Option<PathBuf>,

    /// Write a plan of the new file, at today's prices and otherwise as `plan` does it by itself
    #[arg(long, value_name = "FILE")]
    pub(crate) plan: Option<PathBuf>,

    /// Also take the requests of batches that were never created, if the execution was called off (batchwise cancel)
    #[arg(long)]
    pub(crate) unsent: bool,

    /// What to print: counts for people, or everything as JSON
    #[arg(long, value_enum, default_value_t = RetryFormat::Human)]
    pub(crate) format: RetryFormat,
}

impl RetryArgs {
    /// All that is written.
    pub(crate) fn outputs(&self) -> impl Iterator<Item = &Path> {
        [&self.output].into_iter().chain(&self.rejected).chain(&self.plan).map(PathBuf::as_path)
    }
}

/// Which execution, and where its inputs are.
#[derive(Debug, Args)]
pub(crate) struct FolderArgs {
    /// The folder of an execution, with its plan.json and results/
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,

    /// Where an input of the plan lies now, when it was moved or compressed; can be repeated
    #[arg(long, value_name = "OLD=NEW", allow_hyphen_values = true)]
    pub(crate) input: Vec<String>,
}

/// How `retry` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RetryFormat {
    #[value(alias = "table")]
    Human,
    Json,
}
