use batchwise_units::Bytes;
use serde::Serialize;

use crate::{Fingerprint, Quote, TokenTotals, UsageLine};

/// One batch to create.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Batch {
    /// Its number in the plan, counted from 0.
    pub index: u32,
    /// Batches of a wave may run at once; a wave starts when the one before it has ended.
    pub wave: u32,
    /// How many requests it holds, at least 1.
    pub requests: u64,
    /// How many of them have no price; the quote covers the others.
    pub unpriced_requests: u64,
    /// How many of them may get input that nobody can know, of tools or state on the server or parameters unknown here.
    pub unbounded_requests: u64,
    /// The exact length of the HTTP body `{"requests":[…]}`.
    pub body_bytes: Bytes,
    /// The SHA-256 of that body.
    pub body_sha256: Fingerprint,
    /// Where the requests stand in the inputs.
    pub slices: Vec<Slice>,
    /// Their tokens.
    pub tokens: TokenTotals,
    /// What they cost; null when not one of them has a price.
    pub quote: Option<Quote>,
    /// The tokens that the likely cost is made of, by model and row of prices; absent in older plans.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<Vec<UsageLine>>,
}

/// Consecutive lines of one input, all of which belong to one batch.
///
/// To build the body: split the bytes at `\n`, drop a final `\r` of each line, skip lines of white space
/// ([`request_lines`](crate::request_lines) does that), and join the others with commas.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Slice {
    /// Index into the plan's inputs.
    pub input: u32,
    /// Number of the first line, counted from 1.
    pub first_line: u64,
    /// Where the first line starts, as a byte offset into the (decompressed) input; a byte order mark is
    /// before it.
    pub start: u64,
    /// Where the last line ends, its terminator included.
    pub end: u64,
}
