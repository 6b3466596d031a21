//! What was typed. What it means is decided in `settings.rs`.

mod compare;
mod gate;
mod report;
mod results;
mod simulate;
mod submit;
mod values;

use std::ffi::OsStr;
use std::num::NonZero;
use std::path::{Path, PathBuf};

use batchwise_planner::{CacheScenario, OutputExpectation, Region};
use batchwise_records::ApiVersion;
use batchwise_units::{Bytes, Usd};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::civil::Date;

pub(crate) use compare::{Change, Choice, CompareArgs, CompareFormat, Key, WhatIf};
pub(crate) use gate::{CheckArgs, CheckFormat, ExplainArgs, PolicyArgs, PolicyCommand};
pub(crate) use report::{ReportArgs, ReportFormat};
pub(crate) use results::{ResultsArgs, RetryArgs, RetryFormat};
pub(crate) use simulate::SimulateArgs;
pub(crate) use submit::{CancelArgs, StatusArgs, StatusFormat, SubmitArgs};
use values::{
    budget, cache, day, output_tokens, region, requests, sample, sampling, size, tag, threads, tier,
};

/// Know what a batch costs before you send it.
///
/// Reads JSONL files of Anthropic Message Batches requests, one {"custom_id", "params"} per line, and tells
/// what they cost, what is wrong with them, and how to cut them into batches; then executes exactly that. Nothing is sent
/// anywhere but by `submit`, `status` and `cancel`, and by --exact, which sends a sample to the counting endpoint.
#[derive(Debug, Parser)]
#[command(name = "batchwise", version, arg_required_else_help = true, subcommand_required = true)]
#[command(
    after_help = "Exit codes: 0 ok, 1 refused by the API, a limit or a budget, 2 unusable input or usage, 3 unfinished, 130 interrupted."
)]
pub(crate) struct Cli {
    /// Show nothing but ASCII: the rest is escaped. Files and machine formats stay as they are
    #[arg(long, global = true)]
    pub(crate) ascii: bool,

    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Plan(PlanArgs),
    Check(CheckArgs),
    Estimate(EstimateArgs),
    Count(CountArgs),
    Diff(DiffArgs),
    Compare(CompareArgs),
    Report(ReportArgs),
    Submit(SubmitArgs),
    Status(StatusArgs),
    Cancel(CancelArgs),
    Results(ResultsArgs),
    Retry(RetryArgs),
    Prices(PricesArgs),
    Policy(PolicyArgs),
    Explain(ExplainArgs),
    Simulate(SimulateArgs),
}

/// Quote a workload, check it against the limits and cut it into batches.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  batchwise plan requests.jsonl
  batchwise plan requests.jsonl --output-tokens 300 --cache 85%
  batchwise plan requests.jsonl --fix marked.jsonl
  batchwise plan marked.jsonl --cache primed --tier build -o plan.json
  batchwise plan monday.jsonl tuesday.jsonl.gz -o plan.json
  batchwise plan requests.jsonl --max-usd 50 --format json
  batchwise plan many-gigabytes.jsonl.zst --sample 0.5%
  cat requests.jsonl | batchwise plan -")]
pub(crate) struct PlanArgs {
    #[command(flatten)]
    pub(crate) planning: PlanningArgs,

    /// Write the plan (JSON) to this file; `-` prints it instead of the quote
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    /// What to print: the quote for people, or the plan
    #[arg(long, value_enum, default_value_t = PlanFormat::Human)]
    pub(crate) format: PlanFormat,

    /// What you call the workload, like team=search; can be repeated. `report` adds plans up by their tags
    #[arg(long = "tag", value_name = "KEY=VALUE", value_parser = tag)]
    pub(crate) tags: Vec<Tag>,

    /// Write a copy of the requests to this file, with cache breakpoints of an hour where they pay and no others; nothing
    /// else is changed. Plan the copy with --cache primed
    #[arg(long, value_name = "FILE", help_heading = "Caching")]
    pub(crate) fix: Option<PathBuf>,

    /// With --fix, turn a text in place of blocks into a list of one text block where a breakpoint is wanted, as a text
    /// can carry none
    #[arg(long, requires = "fix", help_heading = "Caching")]
    pub(crate) wrap_texts: bool,
}

impl PlanArgs {
    /// All that is written.
    pub(crate) fn outputs(&self) -> impl Iterator<Item = &Path> {
        self.output.iter().chain(&self.fix).map(PathBuf::as_path)
    }
}

/// Estimate each request: one row with its tokens and its cost.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  batchwise estimate requests.jsonl > rows.csv
  batchwise estimate requests.jsonl --format jsonl -o rows.jsonl")]
pub(crate) struct EstimateArgs {
    #[command(flatten)]
    pub(crate) planning: PlanningArgs,

    /// Write the rows to this file
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    /// How to write the rows
    #[arg(long, value_enum, default_value_t = RowFormat::Csv)]
    pub(crate) format: RowFormat,
}

/// Count input tokens: by file, model and kind, or request by request. Needs no prices.
///
/// A token counter: duplicated ids, batch limits and prices do not matter. A line that is no request is told, and
/// not counted. Models that nobody knows are counted with both tokenizers of Claude.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  batchwise count requests.jsonl
  batchwise count monday.jsonl tuesday.jsonl.gz --by file
  batchwise count requests.jsonl --by custom_id --format csv > counts.csv
  batchwise count requests.jsonl --format json
  batchwise count --text prompt.txt --model claude-sonnet-5-5
  echo 'How many legs has a spider?' | batchwise count --text -")]
pub(crate) struct CountArgs {
    /// One row for each of these [default: files, models, kinds and the total]
    #[arg(long, value_enum, conflicts_with = "text")]
    pub(crate) by: Option<CountBy>,

    /// Take each file for a plain text instead of requests: count it alone, and as a single user message
    #[arg(long)]
    pub(crate) text: bool,

    /// The model that texts are for [default: both tokenizers are shown]
    #[arg(long, value_name = "MODEL", requires = "text")]
    pub(crate) model: Option<String>,

    /// Your own models on top of the bundled ones: a TOML file, or a folder of them
    #[arg(long, value_name = "PATH")]
    pub(crate) pricing: Option<PathBuf>,

    /// Write the counts to this file
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    /// How to write the counts; jsonl is for --by custom_id
    #[arg(long, value_enum, default_value_t = CountFormat::Human)]
    pub(crate) format: CountFormat,

    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
}

impl CountArgs {
    /// All that is read, which no output may replace.
    pub(crate) fn inputs(&self) -> impl Iterator<Item = &PathBuf> {
        self.reading.files.iter().chain(&self.pricing)
    }
}

/// What `count` writes a row for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CountBy {
    /// Each request, in input order, as it is read
    #[value(name = "custom_id", alias = "custom-id")]
    CustomId,
    /// Each model, as the requests name it
    Model,
    /// Each kind of request: text, chat, tools, image …
    Kind,
    /// Each input
    File,
}

/// How `count` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CountFormat {
    #[value(alias = "table")]
    Human,
    Json,
    Jsonl,
    Csv,
}

/// Tell what changed between two plans: requests, tokens, costs, findings and what the numbers rest on.
///
/// Values are subtracted only where they are alike: known in both plans and counted by the same method; costs only if
/// the same requests lack a price. The exit code is 0 whatever has changed.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  batchwise diff base.json head.json
  batchwise diff base.json head.json --format markdown > comment.md
  batchwise diff base.json head.json --format json -o diff.json
  batchwise plan requests.jsonl --format json | batchwise diff base.json -")]
pub(crate) struct DiffArgs {
    /// The plan before: JSON that `plan -o` wrote, also .gz or .zst; `-` is standard input
    pub(crate) base: PathBuf,

    /// The plan after
    pub(crate) head: PathBuf,

    /// Write the difference to this file
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    /// What to print: tables for people, a comment for a pull request, or everything
    #[arg(long, value_enum, default_value_t = DiffFormat::Human)]
    pub(crate) format: DiffFormat,
}

/// What the user calls a workload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tag {
    pub(crate) key: String,
    pub(crate) value: String,
}

/// How `diff` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffFormat {
    #[value(alias = "table")]
    Human,
    #[value(alias = "md")]
    Markdown,
    Json,
}

/// How `plan` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlanFormat {
    #[value(alias = "table")]
    Human,
    Json,
}

/// How `estimate` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RowFormat {
    Csv,
    Jsonl,
}

/// What to read, and how.
#[derive(Debug, Args)]
pub(crate) struct ReadingArgs {
    /// Request files, in this order one workload: JSONL, also .gz or .zst; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,

    /// How tokens are counted
    #[arg(long, value_enum, default_value_t = TokenizerName::Claude)]
    pub(crate) tokenizer: TokenizerName,

    /// Count a sample of the texts and estimate the others by it, for workloads of many gigabytes: the share of them
    /// that is counted, 0.01% to 50%, like 0.5% or 0.005
    #[arg(long, value_name = "RATE", value_parser = sampling, conflicts_with = "exact")]
    pub(crate) sample: Option<Sampling>,

    #[command(flatten)]
    pub(crate) exact: ExactArgs,

    /// How many threads count tokens, 1 to 256 [default: all cores]
    #[arg(long, value_name = "N", value_parser = threads)]
    pub(crate) threads: Option<NonZero<usize>>,

    /// Show errors only: no progress, no warnings
    #[arg(short, long, conflicts_with = "verbose")]
    pub(crate) quiet: bool,

    /// Show every finding instead of the first 20 of each rule (with `check`, 100 instead of 5); with `count`, also what the
    /// counts rest on
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

/// Everything that decides about a plan.
#[derive(Debug, Args)]
pub(crate) struct PlanningArgs {
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,

    /// How long replies will be: tokens each, or a share of each `max_tokens` [default: only the cap is known]
    #[arg(long, value_name = "N|P%", value_parser = output_tokens, help_heading = "Quote")]
    pub(crate) output_tokens: Option<OutputExpectation>,

    /// What the prompt cache will do: none (ignore breakpoints), cold (every prefix is written), a hit rate, best (one
    /// request of each group and wave writes, the others read), or primed (one of each group goes ahead in a batch of its
    /// own; reads the inputs twice) [default: the range from best to cold]
    #[arg(long, value_name = "none|cold|N%|best|primed", value_parser = cache, help_heading = "Quote")]
    pub(crate) cache: Option<CacheScenario>,

    /// Where requests without `inference_geo` are processed
    #[arg(long, default_value = "global", value_parser = PossibleValuesParser::new(["global", "us"]).map(region), help_heading = "Quote")]
    pub(crate) geo: Region,

    /// The day whose prices apply, like 2026-11-21 [default: today, UTC]
    #[arg(long, value_name = "DATE", value_parser = day, help_heading = "Quote")]
    pub(crate) as_of: Option<Date>,

    /// Your own prices on top of the bundled ones: a TOML file, or a folder of them
    #[arg(long, value_name = "PATH", help_heading = "Quote")]
    pub(crate) pricing: Option<PathBuf>,

    /// A beta header the batches will be sent with; can be repeated
    #[arg(long = "beta", value_name = "NAME", help_heading = "Quote")]
    pub(crate) betas: Vec<String>,

    /// Accept requests without a known price: they are left out of the totals, and counted
    #[arg(long, help_heading = "Quote")]
    pub(crate) allow_unpriced: bool,

    /// The most requests in a batch, 1 to 100000
    #[arg(long, value_name = "N", value_parser = requests, help_heading = "Limits")]
    pub(crate) max_requests: Option<u64>,

    /// The most bytes in the HTTP body of a batch, like 256MB (256,000,000) or 256MiB
    #[arg(long, value_name = "SIZE", value_parser = size, help_heading = "Limits")]
    pub(crate) max_bytes: Option<Bytes>,

    /// The most that a batch may cost, whatever the cache does and however long its replies are
    #[arg(long, value_name = "USD", value_parser = budget, help_heading = "Limits")]
    pub(crate) max_usd: Option<Usd>,

    /// How many requests your organisation may have queued, by its tier (200000, 300000 or 500000) or as a number: later
    /// waves hold the others [default: all at once]
    #[arg(long, value_name = "start|build|scale|N", value_parser = tier, help_heading = "Limits")]
    pub(crate) tier: Option<Tier>,

    /// Keep requests that share a marked prefix in one batch, as far as they fit, instead of the order of the inputs;
    /// reads the inputs twice
    #[arg(long, help_heading = "Limits")]
    pub(crate) group_by_prefix: bool,

    /// How many ids are kept in memory, beyond which they go to a temporary file; for tests
    #[arg(long, value_name = "N", hide = true)]
    pub(crate) ids_in_memory: Option<usize>,
}

impl PlanningArgs {
    /// All that is read, which no output may replace.
    pub(crate) fn inputs(&self) -> impl Iterator<Item = &PathBuf> {
        self.reading.files.iter().chain(&self.pricing)
    }
}

/// Whether and how a sample of the requests is counted by the API itself.
#[derive(Debug, Args)]
pub(crate) struct ExactArgs {
    /// Count N requests with the API's own counter, which is free, and correct all estimates by them; at most
    /// `rate` of them a minute [default: 1000]. Sends their prompts, with the key in ANTHROPIC_API_KEY
    #[arg(long, value_name = "sample=N[,rate=N]", value_parser = sample, help_heading = "Exact mode")]
    pub(crate) exact: Option<Sample>,

    /// Where the API is [default: ANTHROPIC_BASE_URL, or api.anthropic.com]
    #[arg(long, value_name = "URL", requires = "exact", help_heading = "Exact mode")]
    pub(crate) base_url: Option<String>,

    /// The folder that keeps counts, by hash, for the next run [default: batchwise in XDG_CACHE_HOME or ~/.cache]
    #[arg(long, value_name = "DIR", requires = "exact", help_heading = "Exact mode")]
    pub(crate) exact_cache: Option<PathBuf>,

    /// The version of the API that the batches will be created with: the plan says so, `check` applies its rules, --exact
    /// counts with it
    /// [default: that of the policy of `check`, or 2026-10-21]
    #[arg(long, value_name = "VERSION", value_parser = PossibleValuesParser::new(ApiVersion::ALL.iter().map(|version| version.name())).try_map(|version| version.parse::<ApiVersion>()), help_heading = None)]
    pub(crate) api_version: Option<ApiVersion>,
}

/// How many requests may be queued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Tier {
    /// As many as in the tier of that name.
    Named(String),
    /// So many.
    Requests(u64),
}

/// A sample to be counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sample {
    pub(crate) requests: usize,
    pub(crate) per_minute: u32,
}

/// How many of the texts are counted: one window in so many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sampling {
    pub(crate) one_in: u64,
}

/// Half of the lowest limit of any tier that was documented in 2026, so that others can count as well.
const PER_MINUTE: u32 = 1_000;

/// Which estimator counts tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TokenizerName {
    /// Claude's own two vocabularies, as far as they are known from outside
    Claude,
    /// An OpenAI vocabulary, scaled to Claude's two tokenizers
    Tiktoken,
    /// Characters times a factor: no vocabulary, a wide range
    Bytes,
}

/// Look into the price book.
#[derive(Debug, Args)]
#[command(arg_required_else_help = true, subcommand_required = true)]
pub(crate) struct PricesArgs {
    #[command(subcommand)]
    pub(crate) command: PricesCommand,
}

/// What to look for.
#[derive(Debug, Subcommand)]
pub(crate) enum PricesCommand {
    /// List the models with their prices on a day
    #[command(
        after_help = "Examples:\n  batchwise prices list\n  batchwise prices list --all --as-of 2026-03-01"
    )]
    List {
        #[command(flatten)]
        book: BookArgs,
        /// Also retired models
        #[arg(long)]
        all: bool,
    },
    /// Show all that is known about a model: every price era, limits, sources
    #[command(
        after_help = "Examples:\n  batchwise prices show claude-haiku-5-5\n  batchwise prices show claude-opus-4-6 --as-of 2026-03-12"
    )]
    Show {
        /// A model id or alias
        model: String,
        #[command(flatten)]
        book: BookArgs,
    },
    /// Check a price book, or an overlay for --pricing
    #[command(
        after_help = "Examples:\n  batchwise prices lint my-prices.toml\n  batchwise prices lint pricing/"
    )]
    Lint {
        /// A TOML file, or a folder of them
        path: PathBuf,
        #[arg(long, value_enum, default_value_t = ShowFormat::Human)]
        format: ShowFormat,
    },
    /// Tell what differs between two price books
    #[command(
        after_help = "Examples:\n  batchwise prices diff bundled my-prices.toml\n  batchwise prices diff old/pricing pricing"
    )]
    Diff {
        /// A book's folder, an overlay, or `bundled`
        a: PathBuf,
        /// The same
        b: PathBuf,
        #[arg(long, value_enum, default_value_t = ShowFormat::Human)]
        format: ShowFormat,
    },
}

/// Which prices to look at.
#[derive(Debug, Args)]
pub(crate) struct BookArgs {
    /// The day whose prices apply, like 2026-11-21 [default: today, UTC]
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) as_of: Option<Date>,
    /// Your own prices on top of the bundled ones: a TOML file, or a folder of them
    #[arg(long, value_name = "PATH")]
    pub(crate) pricing: Option<PathBuf>,
    /// What to print
    #[arg(long, value_enum, default_value_t = ShowFormat::Human)]
    pub(crate) format: ShowFormat,
}

/// How `prices` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ShowFormat {
    #[value(alias = "table")]
    Human,
    Json,
}

/// Reads the command line; on a mistake, explains it and ends the process with code 2.
pub(crate) fn parse() -> Cli {
    Cli::parse()
}

/// What `plan FILE` means when nothing else is said.
pub(crate) fn planning_by_default(file: &Path) -> PlanningArgs {
    let arguments = ["batchwise", "plan", "--"].map(OsStr::new).into_iter().chain([file.as_os_str()]);
    match Cli::try_parse_from(arguments).map(|cli| cli.command) {
        Ok(Command::Plan(args)) => args.planning,
        _ => unreachable!("`plan` needs nothing but a file"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
