use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Tell what saved plans cost, for people and finance: by scenario, model, kind of token, batch and tag.
///
/// Several plans are added up. Every format states the same amounts; low and high of several plans are the sums of theirs.
/// The exit code is that of the worst plan.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  batchwise report plan.json
  batchwise report search.json support.json --format md > costs.md
  batchwise report plan.json --format csv -o costs.csv
  batchwise report *.json --format xlsx -o costs.xlsx
  batchwise report plan.json --format html -o report.html
  batchwise report plan.json --format focus -o costs-focus.csv
  batchwise plan requests.jsonl --format json | batchwise report -")]
pub(crate) struct ReportArgs {
    /// Plans: JSON that `plan -o` wrote, also .gz or .zst; `-` is standard input
    #[arg(required = true, value_name = "PLAN")]
    pub(crate) plans: Vec<PathBuf>,

    /// Write the report to this file; focus needs one, and writes its metadata beside it, to FILE.metadata.json
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    /// How to write it
    #[arg(long, value_enum, default_value_t = ReportFormat::Table)]
    pub(crate) format: ReportFormat,
}

/// How `report` writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// Tables for people; also `human`
    #[value(alias = "human")]
    Table,
    /// GitHub-flavoured Markdown; also `markdown`
    #[value(alias = "markdown")]
    Md,
    /// One row for each scenario, batch, model and kind of token, exact
    Csv,
    /// Everything
    Json,
    /// A workbook with live formulas
    Xlsx,
    /// One page for browsers, phones and printers, which loads nothing
    Html,
    /// FinOps rows (FOCUS 1.2) of projected charges, with metadata
    Focus,
}
