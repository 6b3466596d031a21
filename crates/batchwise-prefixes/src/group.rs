use batchwise_units::{Estimate, Tokens};

use crate::{BlockPlace, Numbers, Obstacle, PrefixHash, Tally};

/// Requests that begin alike, as far as a block on which all of them agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// What they begin with.
    pub prefix: PrefixHash,
    /// The block at which it ends, as it stands in the first member.
    pub at: BlockPlace,
    /// What keeps the block from carrying a breakpoint.
    pub obstacle: Option<Obstacle>,
    /// How many blocks it has.
    pub blocks: usize,
    /// The bytes of all its keys and values, unescaped.
    pub bytes: u64,
    /// How many tokens it has: the range spans what the estimates of all members say, the likely value is that of the
    /// first.
    pub tokens: Estimate<Tokens>,
    /// The requests that begin so, marked or not.
    pub members: u64,
    /// Those with a breakpoint there that lives five minutes.
    pub marked_5m: u64,
    /// Those with a breakpoint there that lives an hour.
    pub marked_1h: u64,
    /// Those without a breakpoint there, whose next one looks back so far and finds what an earlier member wrote.
    pub found: u64,
    /// The members by their [`Member::sort`](crate::Member).
    pub sorts: Tally,
    /// The bytes that the lines of the members take in the bodies of batches.
    pub body_bytes: u64,
    /// The batches that hold members.
    pub batches: Numbers,
    /// The waves of those batches.
    pub waves: Numbers,
    /// The first member in the order of the inputs.
    pub first: Place,
    /// The first member with a breakpoint there, where there is one and the prefix is likely to be long enough to be
    /// cached.
    pub writer: Option<Writer>,
    /// Whether all members were counted, as far as the chain was looked at. Otherwise there may be more, and earlier
    /// ones, that were forgotten to bound the memory.
    pub is_complete: bool,
}

/// The request that writes a prefix first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Writer {
    /// Its line.
    pub place: Place,
    /// Its [`Member::sort`](crate::Member).
    pub sort: u16,
    /// The tokens up to its last breakpoint of an hour, behind the prefix or not.
    pub hour: Estimate<Tokens>,
    /// What it finds of what earlier requests wrote.
    pub found: Estimate<Tokens>,
    /// How long its breakpoint there lives.
    pub ttl: batchwise_tokens::CacheTtl,
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

    /// How many tokens the members hold in common, counted once for each of them; at the most.
    pub fn held(&self) -> u128 {
        u128::from(self.tokens.high().0) * u128::from(self.members)
    }
}
