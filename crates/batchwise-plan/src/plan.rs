use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};

use batchwise_findings::Verdict;
use batchwise_units::{Bytes, Rate, Tokens, Usd};
use serde::{Serialize, Serializer};

use crate::{Batch, CacheAnalysis, Fingerprint, Quote, Savings, TokenTotals, Wave, WhatIf};

/// The name and version of the plan file's format. Within a version, fields are added only.
pub const SCHEMA: &str = "batchwise.plan/1";

/// Everything that was decided about a workload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// `ok`, `refused` (the API answers a request with an error, or a limit or a budget refuses it) or `unusable` (something could not be read or priced).
    /// Only a plan that is `ok` is meant to be executed.
    #[serde(serialize_with = "by_name")]
    pub verdict: Verdict,
    /// The day whose prices apply, `YYYY-MM-DD`.
    pub priced_on: String,
    /// Which prices were used.
    pub price_book: PriceBookReference,
    /// What the user calls the workload, by key, like `team`; reports add up by it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// The version of the API that the batches are to be created with; null in older plans, which did not say.
    pub api_version: Option<String>,
    /// The beta headers that they are to be created with.
    pub betas: Vec<String>,
    /// The inputs in the order given.
    pub inputs: Vec<Input>,
    /// How many requests the batches hold.
    pub requests: u64,
    /// How many of them have no price. The quotes cover the others.
    pub unpriced_requests: u64,
    /// How many requests have tools or state on the server, or content or parameters that are not known: what
    /// those add is not in the quotes, so that
    /// no high end is a bound for them.
    pub unbounded_requests: u64,
    /// How many lines with something on them are in no batch; each has a finding and stands in `left_out`.
    pub left_out_lines: u64,
    /// Tokens of all requests in the batches. Its ranges are narrower than those of the batches together.
    pub tokens: TokenTotals,
    /// What all priced requests cost; null when not one has a price.
    pub quote: Option<Quote>,
    /// What batches save against requests sent one by one; null with `quote`.
    pub savings: Option<Savings>,
    /// The same by model as written in the requests, in order of model id.
    pub models: Vec<ModelLine>,
    /// The limits the batches were cut by.
    pub limits: Limits,
    /// The batches in the order of the inputs.
    pub batches: Vec<Batch>,
    /// The waves of the batches, in their order.
    pub waves: Vec<Wave>,
    /// What the prompt cache may do; null where no request has a price, and in older plans.
    pub cache: Option<CacheAnalysis>,
    /// What the likely cost follows from; absent where no request has a price, and in older plans.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub what_if: Option<WhatIf>,
    /// What is in no batch, and why.
    pub left_out: Vec<LeftOut>,
    /// What the numbers rest on.
    pub assumptions: Vec<Assumption>,
    /// How much was found to be wrong.
    pub findings: Findings,
}

/// Which prices were used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PriceBookReference {
    /// The date of the book, with a mark when the user's own prices were laid over it.
    pub version: String,
    /// The SHA-256 of all its files.
    pub sha256: String,
    /// What the user called the prices laid over it.
    pub overlays: Vec<String>,
}

/// One input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Input {
    /// As the user named it; `-` is standard input.
    pub path: String,
    /// Its size, decompressed.
    pub bytes: u64,
    /// The SHA-256 of its content, decompressed.
    pub sha256: Fingerprint,
    /// How many of its requests are in batches.
    pub requests: u64,
}

/// What the requests of one model cost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ModelLine {
    /// The model as the requests name it.
    pub model: String,
    /// The id in the price book whose prices were used; null when there is no price.
    pub priced_as: Option<String>,
    /// Why there is no price, where there is none.
    pub unpriced_because: Option<String>,
    /// How many requests name it.
    pub requests: u64,
    /// How many of them have no price.
    pub unpriced_requests: u64,
    /// Their tokens.
    pub tokens: TokenTotals,
    /// What the priced ones cost; null when not one has a price.
    pub quote: Option<Quote>,
    /// The prices that were applied.
    pub rates: Vec<RatesUsed>,
}

/// One row of prices that was applied to at least one request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RatesUsed {
    /// These prices hold for prompts of strictly more tokens than this; null for the base prices.
    pub prompt_tokens_over: Option<Tokens>,
    /// `global` or `us`; `us` prices include the surcharge.
    pub geo: Cow<'static, str>,
    /// `standard` or `batch`, then the token kind, then US dollars per million tokens.
    pub usd_per_mtok: BTreeMap<String, BTreeMap<String, Rate>>,
    /// The first day on which these prices were in force.
    pub since: String,
    /// Where they are published.
    pub source: String,
    /// The day they were last read there; null where a user's own price names none.
    pub checked: Option<String>,
}

/// The limits the batches were cut by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Limits {
    /// The most requests a batch may hold.
    pub requests_max: u64,
    /// The most bytes its HTTP body may have.
    pub body_bytes_max: Bytes,
    /// The most it may cost at the high bound, where a budget was given.
    pub usd_max: Option<Usd>,
}

/// Consecutive lines that are in no batch for the same reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// Index into the plan's inputs.
    pub input: u32,
    /// Number of the first line, counted from 1.
    pub first_line: u64,
    /// How many lines.
    pub lines: u64,
    /// Where the first line starts, as a byte offset into the (decompressed) input.
    pub start: u64,
    /// Where the last one ends, its terminator included.
    pub end: u64,
    /// The first rule that each of them breaks.
    pub rule: Cow<'static, str>,
}

/// Something the numbers rest on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Assumption {
    /// What it is about, in kebab-case.
    pub key: String,
    /// What was assumed.
    pub value: String,
    /// Why, or where it is published.
    pub source: String,
}

/// How much was found to be wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Findings {
    /// Findings that make the plan refused or unusable.
    pub error: u64,
    /// Findings that put a number or an outcome in doubt.
    pub warning: u64,
    /// Findings worth knowing.
    pub note: u64,
    /// How often each rule was broken. A plan that was read may have rules that this program does not know.
    pub rules: BTreeMap<Cow<'static, str>, u64>,
}

impl Plan {
    /// Writes the plan file: JSON, two spaces, one newline at the end. Equal plans give equal bytes.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_json(&self, mut out: impl Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut out, self)?;
        out.write_all(b"\n")
    }
}

fn by_name<S: Serializer>(verdict: &Verdict, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(verdict.name())
}
