use std::borrow::Cow;
use std::collections::BTreeMap;

use batchwise_units::{Estimate, Tokens, Usd};
use serde::Serialize;

/// What the prompt cache may do to the batches, and what that costs.
///
/// A batch reads from the cache on a best-effort basis, and what it does not find it writes, at a higher price than
/// input without caching.
/// Source: <https://platform.claude.com/docs/en/build-with-claude/prompt-caching>, read 2026-08-22.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CacheAnalysis {
    /// The prefixes that several requests share, those first that hold most tokens times requests. At most 1,000.
    pub groups: Vec<CacheGroup>,
    /// How many there are.
    pub groups_total: u64,
    /// Whether there are more than could be remembered: then no scenario knows that those are shared.
    pub groups_forgotten: bool,
    /// Requests with a breakpoint behind a prefix that may be long enough to be cached.
    pub marked_requests: u64,
    /// What all priced requests cost by what the cache does, by name: `none`, `cold`, `best`, `primed`, hit rates like
    /// `30%`, and `advised` where other breakpoints would cost less.
    pub scenarios: BTreeMap<Cow<'static, str>, CacheScenarioCost>,
    /// The hit rate at which caching costs what no caching costs, from 0 to 1 with three decimals: that of these requests
    /// with their breakpoints, or where there are none, that of breakpoints of an hour. Null where reading saves nothing.
    pub break_even_hit_rate: Option<String>,
    /// From how many requests on it pays that one writes a shared prefix for an hour and the others read it; null where
    /// that never pays.
    pub break_even_group_size: Option<u64>,
    /// How many requests would go ahead and write what the others read.
    pub primers: u64,
    /// What is likely to happen to these batches, and why: one sentence.
    pub likely: String,
    /// What to do: one sentence.
    pub advice: String,
}

/// Requests that begin alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CacheGroup {
    /// The model, by its id in the price book.
    pub model: String,
    /// How long the shared prefix is.
    pub prefix_tokens: Estimate<Tokens>,
    /// The requests that begin so, at least two.
    pub members: u64,
    /// The longest lifetime of a breakpoint there, `5m` or `1h`; null where there is none.
    pub ttl: Option<Cow<'static, str>>,
    /// Whether some member marks it.
    pub marked: bool,
    /// How many of the members write it or look for it: those that mark it, or a later block not far behind.
    pub users: u64,
    /// Whether it is likely to be long enough for the model.
    pub cacheable: bool,
    /// From how many tokens on the model caches; null where it does not.
    pub minimum_tokens: Option<Tokens>,
    /// How many batches hold members.
    pub batches: u64,
    /// How many waves they are in.
    pub waves: u64,
    /// Index into the plan's inputs: where the first member stands.
    pub input: u32,
    /// Its line, counted from 1.
    pub first_line: u64,
    /// The block at which the prefix ends, in that line.
    pub field: String,
    /// Whether all members were counted. In very large workloads some may be missed.
    pub complete: bool,
}

/// What all priced requests cost in a batch when the cache does a certain thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CacheScenarioCost {
    /// With the likely input and every reply as long as its `max_tokens`; null where some input has no likely value.
    pub batch: Option<Usd>,
    /// From the low end of the input without replies to its high end with the longest.
    pub range: Estimate<Usd>,
    /// What the cache does then: one sentence.
    pub meaning: Cow<'static, str>,
}

/// Batches that may run at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Wave {
    /// Its number, counted from 0.
    pub wave: u32,
    /// How many batches it has.
    pub batches: u64,
    /// How many requests they hold.
    pub requests: u64,
    /// What must have happened before it may start: one sentence.
    pub waits_for: Cow<'static, str>,
}
