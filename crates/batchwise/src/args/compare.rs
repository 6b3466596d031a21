//! `compare`: what the workload would cost under other conditions.

use std::path::PathBuf;

use batchwise_planner::{CacheScenario, OutputExpectation, Region};
use batchwise_records::{ApiVersion, MAX_TOKENS_MAX};
use clap::{Args, ValueEnum};

use super::PlanningArgs;
use super::values::{cache, output_tokens};

/// Tell what the same workload would cost with another model, output length, cache, region or version of the API.
///
/// The first row is always the workload as it is. Each --what-if gives a condition other values; several conditions make
/// the matrix of their product. Input is counted anew with the tokenizer of each model, never only priced anew, and what a
/// model would not accept is told. The inputs are read once; --exact, --sample, --max-usd, --cache primed and
/// --group-by-prefix do not go with that.
#[derive(Debug, Args)]
#[command(after_help = "What can be otherwise:
  model=NAME,...               all requests go to that model
  all-models, model=*          the same for each model that is not deprecated
  max-tokens=N,...             all requests have that `max_tokens`
  output-tokens=N|P%,...       as --output-tokens
  cache=none|cold|N%|best,...  as --cache
  geo=global|us                as --geo
  beta=NAME,...                one more beta header
  api-version=VERSION,...      as --api-version

Examples:
  batchwise compare requests.jsonl --what-if model=claude-haiku-5-5
  batchwise compare requests.jsonl --what-if all-models --output-tokens 300
  batchwise compare requests.jsonl --what-if model=claude-opus-5-5 --what-if cache=none,85%
  batchwise compare requests.jsonl --what-if geo=us --format csv -o matrix.csv
  batchwise compare requests.jsonl --what-if all-models --format html -o comparison.html")]
pub(crate) struct CompareArgs {
    #[command(flatten)]
    pub(crate) planning: PlanningArgs,

    /// What would be otherwise: a condition and its values, separated by commas; can be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = what_if, help_heading = "Compare")]
    pub(crate) what_if: Vec<WhatIf>,

    /// Write the comparison to this file
    #[arg(short, long, value_name = "FILE", help_heading = "Compare")]
    pub(crate) output: Option<PathBuf>,

    /// What to print
    #[arg(long, value_enum, default_value_t = CompareFormat::Table, help_heading = "Compare")]
    pub(crate) format: CompareFormat,

    /// How many columns the tables for people may take, 80 to 300 [default: as many as the terminal has]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(80..=300), help_heading = "Compare")]
    pub(crate) width: Option<u16>,
}

/// How `compare` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CompareFormat {
    /// Tables for people; also `human`
    #[value(alias = "human")]
    Table,
    /// GitHub-flavoured Markdown; also `markdown`
    #[value(alias = "markdown")]
    Md,
    /// One row for each amount of each variant, exact
    Csv,
    /// Everything
    Json,
    /// One page for browsers, phones and printers, which loads nothing
    Html,
}

/// A condition and the values that it would have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WhatIf {
    pub(crate) key: Key,
    pub(crate) choices: Vec<Choice>,
}

/// A condition, in the order in which they are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    Model,
    MaxTokens,
    OutputTokens,
    Cache,
    Geo,
    Beta,
    ApiVersion,
}

impl Key {
    pub(crate) const ALL: [Key; 7] =
        [Key::Model, Key::MaxTokens, Key::OutputTokens, Key::Cache, Key::Geo, Key::Beta, Key::ApiVersion];

    /// As it is written on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Key::Model => "model",
            Key::MaxTokens => "max-tokens",
            Key::OutputTokens => "output-tokens",
            Key::Cache => "cache",
            Key::Geo => "geo",
            Key::Beta => "beta",
            Key::ApiVersion => "api-version",
        }
    }
}

/// A value as it was written, and what it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) text: String,
    pub(crate) change: Change,
}

/// What would be otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    AllModels,
    Model(String),
    MaxTokens(u64),
    OutputTokens(OutputExpectation),
    Cache(CacheScenario),
    Geo(Region),
    Beta(String),
    ApiVersion(ApiVersion),
}

fn what_if(text: &str) -> Result<WhatIf, String> {
    if text == "all-models" {
        return what_if("model=*");
    }
    let known = || {
        let names: Vec<&str> = Key::ALL.iter().map(|key| key.name()).collect();
        format!(
            "write a condition and its values, like model=claude-haiku-5-5; conditions are {}",
            names.join(", ")
        )
    };
    let (name, values) = text.split_once('=').ok_or_else(known)?;
    let key = Key::ALL.into_iter().find(|key| key.name() == name).ok_or_else(known)?;
    let choices = values.split(',').map(|value| choice(key, value.trim())).collect::<Result<_, _>>()?;
    Ok(WhatIf { key, choices })
}

fn choice(key: Key, text: &str) -> Result<Choice, String> {
    if text.is_empty() {
        return Err(format!("a value of `{}` is missing", key.name()));
    }
    let change = match key {
        Key::Model if text == "*" => Change::AllModels,
        Key::Model => Change::Model(text.to_owned()),
        Key::MaxTokens => Change::MaxTokens(max_tokens(text)?),
        Key::OutputTokens => Change::OutputTokens(output_tokens(text)?),
        Key::Cache => match cache(text)? {
            CacheScenario::Primed => {
                return Err(
                    "who goes ahead is known only when all was read: use `plan --cache primed`".to_owned()
                );
            }
            scenario => Change::Cache(scenario),
        },
        Key::Geo => match text {
            "us" => Change::Geo(Region::Us),
            "global" => Change::Geo(Region::Global),
            _ => return Err("write global or us".to_owned()),
        },
        Key::Beta => Change::Beta(text.to_owned()),
        Key::ApiVersion => Change::ApiVersion(text.parse::<ApiVersion>().map_err(|error| error.to_string())?),
    };
    Ok(Choice { text: text.to_owned(), change })
}

fn max_tokens(text: &str) -> Result<u64, String> {
    let cap = text.parse().ok().filter(|cap| (1..=MAX_TOKENS_MAX).contains(cap));
    cap.ok_or_else(|| format!("`max_tokens` is a whole number from 1 to {MAX_TOKENS_MAX}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_has_values() {
        let read = |text| what_if(text).map(|what_if| (what_if.key, what_if.choices.len())).ok();
        for (text, expected) in [
            ("model=a", (Key::Model, 1)),
            ("model=a, b,c", (Key::Model, 3)),
            ("all-models", (Key::Model, 1)),
            ("max-tokens=1,100000000", (Key::MaxTokens, 2)),
            ("output-tokens=300,40%", (Key::OutputTokens, 2)),
            ("cache=none,cold,85%,best", (Key::Cache, 4)),
            ("geo=us,global", (Key::Geo, 2)),
            ("beta=output-300k-2026-03-24", (Key::Beta, 1)),
            ("api-version=2023-06-01", (Key::ApiVersion, 1)),
        ] {
            assert_eq!(read(text), Some(expected), "{text}");
        }
        for bad in [
            "",
            "model",
            "model=",
            "model=a,,b",
            "Model=a",
            "max-tokens=0",
            "max-tokens=100000001",
            "output-tokens=0",
            "output-tokens=101%",
            "cache=primed",
            "cache=often",
            "geo=eu",
            "beta=",
            "api-version=1999-01-01",
            "service=batch",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
