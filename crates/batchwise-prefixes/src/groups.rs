use std::collections::{HashMap, HashSet};

use batchwise_tokens::{CacheTtl, InputEstimate};
use foldhash::fast::FixedState;

use crate::forgotten::Forgotten;
use crate::known_sizes::{KnownSizes, Size};
use crate::once_seen::OnceSeen;
use crate::{Block, Group, Mark, Place, PrefixChain, PrefixHash};

/// How much is remembered. At the default it takes 26 MB at most, and 40 MB while it grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caps {
    /// Prefixes that several requests share.
    pub shared: usize,
    /// Beginnings of prompts that one request has so far; when there are more, the oldest is forgotten.
    pub once: usize,
    /// Whole prompts that one request has so far, in the same way. They have a cap of their own because nearly all are
    /// of no use, and the beginnings must not be forgotten for them.
    pub whole: usize,
    /// The first so many blocks of each request are looked at, and those that a breakpoint looks at.
    pub blocks: usize,
}

impl Default for Caps {
    fn default() -> Caps {
        Caps { shared: 1 << 14, once: 1 << 14, whole: 1 << 14, blocks: 256 }
    }
}

/// One request as it is fed to [`Groups`].
#[derive(Clone, Copy, Debug)]
pub struct Member<'m> {
    /// Its blocks.
    pub chain: &'m PrefixChain,
    /// Its tokens.
    pub input: &'m InputEstimate,
    /// Its line.
    pub place: Place,
}

/// The longest prefix of a request that an earlier one wrote and one of its breakpoints finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The index of the block at which it ends, counted from 0.
    pub block: usize,
    /// What it is.
    pub prefix: PrefixHash,
}

/// Finds the requests of a workload that begin alike, whether they mark it or not.
///
/// The memory is bounded by [`Caps`] and grows neither with the requests nor with their blocks. What that misses:
///
/// - a prefix whose appearances are all so far apart that it was forgotten in between: at the default, more than 16,384
///   other beginnings, or as many other whole prompts, came in between. A group that may have lost members that way says
///   so ([`Group::is_complete`]);
/// - shared prefixes beyond the first 16,384 of them ([`Groups::unrecorded`] counts how often);
/// - beyond the first 256 blocks of a request, all prefixes that none of its breakpoints looks at;
/// - what begins alike and parts within a block: a [`Divergence`](crate::Divergence) shows where.
///
/// Whether a prefix reaches the model's minimum is left to the caller. The prefixes of a request are the longer, the
/// later they end, so a [`Hit`] is none if it does not reach it, nor is any shorter one.
pub struct Groups {
    caps: Caps,
    entries: HashMap<PrefixHash, Entry, FixedState>,
    shared: usize,
    once: OnceSeen,
    whole: OnceSeen,
    forgotten: Forgotten,
    requests: u64,
    refused: u64,
    marks: u64,
    unrecorded: u64,
}

struct Entry {
    group: Group,
    /// The next shorter prefix that was looked at.
    parent: Option<PrefixHash>,
    /// Whether it was a whole prompt when it came first.
    is_whole: bool,
    is_shared: bool,
}

impl Groups {
    /// No requests yet.
    pub fn new(caps: Caps) -> Groups {
        Groups {
            caps,
            entries: HashMap::default(),
            shared: 0,
            once: OnceSeen::new(caps.once),
            whole: OnceSeen::new(caps.whole),
            forgotten: Forgotten::new(),
            requests: 0,
            refused: 0,
            marks: 0,
            unrecorded: 0,
        }
    }

    /// Adds a request, in the order of the inputs, and tells what it would find if every earlier one had been
    /// processed before and nothing had expired.
    ///
    /// One whose breakpoints the API refuses is only counted.
    pub fn take(&mut self, member: Member<'_>) -> Option<Hit> {
        self.requests += 1;
        let Member { chain, input, place } = member;
        if chain.refusal().is_some() {
            self.refused += 1;
            return None;
        }
        self.marks += chain.marks().len() as u64;
        let sizes = KnownSizes::of(chain, input);
        let (mut hit, mut parent) = (None, None);
        for (index, block) in chain.blocks().iter().enumerate() {
            let is_looked_at = chain.looks_at(index);
            if index >= self.caps.blocks && !is_looked_at {
                continue;
            }
            let visit = Visit {
                block,
                index,
                size: sizes.at(index),
                mark: chain.marks().iter().find(|mark| mark.block == index),
                is_looked_at,
                is_whole: index + 1 == chain.blocks().len(),
                place,
                parent,
            };
            if self.visit(&visit) && is_looked_at {
                hit = Some(Hit { block: index, prefix: block.prefix });
            }
            parent = Some(block.prefix);
        }
        hit
    }

    /// Counts a prefix of a request. Whether an earlier request wrote it.
    fn visit(&mut self, visit: &Visit<'_>) -> bool {
        let prefix = visit.block.prefix;
        let Some(entry) = self.entries.get_mut(&prefix) else {
            self.insert(visit);
            return false;
        };
        let was_written = entry.group.marked() > 0;
        entry.group.take(visit, was_written);
        if !entry.is_shared {
            if self.shared < self.caps.shared {
                entry.is_shared = true;
                self.shared += 1;
                let queue = if entry.is_whole { &mut self.whole } else { &mut self.once };
                queue.promote();
            } else {
                self.unrecorded += 1;
            }
        }
        was_written
    }

    fn insert(&mut self, visit: &Visit<'_>) {
        let group = visit.first_group(!self.forgotten.may_hold(visit.index + 1, visit.block.bytes));
        let (prefix, is_whole) = (group.prefix, visit.is_whole);
        self.entries.insert(prefix, Entry { group, parent: visit.parent, is_whole, is_shared: false });
        let queue = if is_whole { &mut self.whole } else { &mut self.once };
        queue.add(prefix);
        let entries = &mut self.entries;
        if let Some(oldest) =
            queue.overflow(|prefix| entries.get(&prefix).is_some_and(|entry| !entry.is_shared))
            && let Some(entry) = entries.remove(&oldest)
        {
            self.forgotten.add(entry.group.blocks, entry.group.bytes);
        }
    }

    /// The shared prefixes: all that some member marks, and of the others those that are longest, which means that not
    /// all of their members share a longer one. By their first members, then the shortest first.
    pub fn shared(&self) -> Vec<&Group> {
        let shared = || self.entries.values().filter(|entry| entry.is_shared);
        let is_exceeded = |entry: &Entry| {
            let parent = self.entries.get(&entry.parent?)?;
            (parent.group.members == entry.group.members).then_some(parent.group.prefix)
        };
        let exceeded: HashSet<PrefixHash> = shared().filter_map(is_exceeded).collect();
        let counts = |group: &&Group| group.marked() > 0 || !exceeded.contains(&group.prefix);
        let mut groups: Vec<&Group> = shared().map(|entry| &entry.group).filter(counts).collect();
        groups.sort_by_key(|group| (group.first, group.blocks));
        groups
    }

    /// The group of a prefix, while it is remembered; it may have one member only.
    pub fn group(&self, prefix: PrefixHash) -> Option<&Group> {
        self.entries.get(&prefix).map(|entry| &entry.group)
    }

    /// The requests that were added.
    pub fn requests(&self) -> u64 {
        self.requests
    }

    /// Those whose breakpoints the API refuses.
    pub fn refused(&self) -> u64 {
        self.refused
    }

    /// The breakpoints of the others.
    pub fn marks(&self) -> u64 {
        self.marks
    }

    /// How often a shared prefix was met that found no room among those that are remembered.
    pub fn unrecorded(&self) -> u64 {
        self.unrecorded
    }
}

/// One prefix of the request that is being added.
struct Visit<'v> {
    block: &'v Block,
    index: usize,
    size: Size,
    mark: Option<&'v Mark>,
    is_looked_at: bool,
    is_whole: bool,
    place: Place,
    parent: Option<PrefixHash>,
}

impl Visit<'_> {
    fn first_group(&self, is_complete: bool) -> Group {
        let mut group = Group {
            prefix: self.block.prefix,
            part: self.block.part,
            blocks: self.index + 1,
            bytes: self.block.bytes,
            tokens: self.size.tokens,
            is_estimated: self.size.is_estimated,
            is_bounded: self.size.is_bounded,
            members: 0,
            marked_5m: 0,
            marked_1h: 0,
            found: 0,
            first: self.place,
            is_complete,
        };
        group.take(self, false);
        group
    }
}

impl Group {
    fn take(&mut self, visit: &Visit<'_>, was_written: bool) {
        self.members += 1;
        match visit.mark.map(|mark| mark.ttl) {
            Some(CacheTtl::FiveMinutes) => self.marked_5m += 1,
            Some(CacheTtl::OneHour) => self.marked_1h += 1,
            None => self.found += u64::from(was_written && visit.is_looked_at),
        }
        let Size { tokens, is_estimated, is_bounded } = Size::of(self).with(visit.size);
        (self.tokens, self.is_estimated, self.is_bounded) = (tokens, is_estimated, is_bounded);
    }
}

#[cfg(test)]
mod tests;
