use batchwise_units::{Estimate, Tokens};

use crate::{Part, PrefixHash};

/// Requests that begin alike, as far as a block on which all of them agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// What they begin with.
    pub prefix: PrefixHash,
    /// Where it ends.
    pub part: Part,
    /// How many blocks it has.
    pub blocks: usize,
    /// The bytes of all its keys and values, unescaped.
    pub bytes: u64,
    /// How many tokens it has. Without a likely value where no estimate ends at the prefix: then the ends are only those
    /// of shorter and of longer prompts.
    pub tokens: Estimate<Tokens>,
    /// Whether some member marks the prefix, or is nothing but it, so that its tokens are an estimate and no bounds.
    pub is_estimated: bool,
    /// Whether the high end of the tokens holds: not where a member may get input that nobody can know.
    pub is_bounded: bool,
    /// The requests that begin so, marked or not.
    pub members: u64,
    /// Those with a breakpoint there that lives five minutes.
    pub marked_5m: u64,
    /// Those with a breakpoint there that lives an hour.
    pub marked_1h: u64,
    /// Those without a breakpoint there, whose next one looks back so far and finds what an earlier member wrote.
    pub found: u64,
    /// The first member in the order of the inputs.
    pub first: Place,
    /// Whether all members were counted, as far as the chain was looked at. Otherwise there may be more, and earlier
    /// ones, that were forgotten to bound the memory.
    pub is_complete: bool,
}

/// A line of the inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The index of the input, counted from 0.
    pub input: u32,
    /// The line's number, counted from 1.
    pub line: u64,
}

impl Group {
    /// The members with a breakpoint there.
    pub fn marked(&self) -> u64 {
        self.marked_5m + self.marked_1h
    }
}
