use std::collections::{HashMap, HashSet};

use batchwise_tokens::CacheTtl;
use batchwise_units::{Estimate, Tokens};
use foldhash::fast::FixedState;

use crate::forgotten::Forgotten;
use crate::once_seen::OnceSeen;
use crate::slots::Slots;
use crate::{Block, Group, Mark, Numbers, Place, PrefixChain, PrefixHash, Tally, Writer};

/// How much is remembered. At the default it takes 32 MB at most.
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
    /// The tokens of the prompt up to the end of each of them.
    pub sizes: &'m [Estimate<Tokens>],
    /// Prefixes shorter than this are not cached; `None` where the model caches nothing.
    pub minimum: Option<Tokens>,
    /// A number of the caller's, by which members are counted apart: that of their prices, for example.
    pub sort: u16,
    /// Its line.
    pub place: Place,
    /// The bytes that its line takes in the body of a batch.
    pub body_bytes: u64,
    /// The number of its batch.
    pub batch: u32,
    /// The wave of that batch.
    pub wave: u32,
}

/// The longest prefixes of a request that earlier ones wrote and one of its breakpoints finds, if they are long enough to
/// be cached, as they may be: the indexes of the blocks at which they end, counted from 0. If they are not, it finds
/// nothing, as what is shorter is not long enough either.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// If nothing expires.
    pub ever: Option<usize>,
    /// If nothing lives longer than a wave.
    pub in_wave: Option<usize>,
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
/// A prefix that is likely to be shorter than the model's minimum is a group like any other, but without a
/// [`writer`](Group::writer). Whether a request [finds](Found) it is another question: it does not only if the prefix is
/// shorter for certain.
pub struct Groups {
    caps: Caps,
    /// Where the entry of each prefix is: the table is twice as large as what is in it.
    places: HashMap<PrefixHash, u32, FixedState>,
    entries: Slots<Entry>,
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
    /// Whether some member writes it, if it is long enough, as it may be.
    is_written: bool,
    /// The waves in which some member writes it then.
    written_in: Numbers,
}

impl Groups {
    /// No requests yet.
    pub fn new(caps: Caps) -> Groups {
        Groups {
            caps,
            places: HashMap::default(),
            entries: Slots::new(),
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

    /// What a request would find if every earlier one had been processed before. One whose breakpoints the API refuses
    /// finds nothing.
    pub fn find(&self, member: &Member<'_>) -> Found {
        let Member { chain, .. } = member;
        let mut found = Found::default();
        if chain.marks().is_empty() || chain.refusal().is_some() {
            return found;
        }
        for index in (0..chain.blocks().len()).rev() {
            if !chain.looks_at(index) || !member.may_be_long_enough(index) {
                continue;
            }
            let Some(entry) = self.entry(chain.blocks()[index].prefix) else { continue };
            if entry.is_written {
                found.ever.get_or_insert(index);
            }
            if entry.written_in.contains(member.wave) {
                found.in_wave = Some(index);
                break;
            }
        }
        found
    }

    /// Adds a request, in the order of the inputs, and what it [finds](Groups::find). One whose breakpoints the API
    /// refuses is only counted.
    pub fn take(&mut self, member: &Member<'_>, found: Found) {
        self.requests += 1;
        let Member { chain, sizes, place, .. } = *member;
        if chain.refusal().is_some() {
            self.refused += 1;
            return;
        }
        self.marks += chain.marks().len() as u64;
        let likely_found = found.ever.filter(|&block| member.is_long_enough(block));
        let writer = Writer {
            place,
            sort: member.sort,
            hour: member.hour(),
            found: likely_found.map(|block| sizes[block]).unwrap_or_default(),
            ttl: CacheTtl::FiveMinutes,
        };
        let mut parent = None;
        for (index, block) in chain.blocks().iter().enumerate() {
            let is_looked_at = chain.looks_at(index);
            if index >= self.caps.blocks && !is_looked_at {
                continue;
            }
            let visit = Visit {
                member,
                block,
                index,
                mark: chain.marks().iter().find(|mark| mark.block == index),
                is_looked_at,
                writer,
                parent,
            };
            self.visit(&visit);
            parent = Some(block.prefix);
        }
    }

    /// Counts a prefix of a request.
    fn visit(&mut self, visit: &Visit<'_>) {
        let prefix = visit.block.prefix;
        let Some(place) = self.places.get(&prefix) else { return self.insert(visit) };
        let entry = self.entries.get_mut(*place);
        entry.group.members += 1;
        entry.group.sorts.add(visit.member.sort);
        entry.take(visit);
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
    }

    fn insert(&mut self, visit: &Visit<'_>) {
        let entry = visit.first_entry(!self.forgotten.may_hold(visit.index + 1, visit.block.bytes));
        let (prefix, is_whole) = (entry.group.prefix, entry.is_whole);
        self.places.insert(prefix, self.entries.insert(entry));
        let queue = if is_whole { &mut self.whole } else { &mut self.once };
        queue.add(prefix);
        let (places, entries) = (&mut self.places, &mut self.entries);
        let waits =
            |prefix: PrefixHash| places.get(&prefix).is_some_and(|place| !entries.get(*place).is_shared);
        if let Some(oldest) = queue.overflow(waits)
            && let Some(place) = places.remove(&oldest)
        {
            let group = &entries.get(place).group;
            self.forgotten.add(group.blocks, group.bytes);
            entries.remove(place);
        }
    }

    fn entry(&self, prefix: PrefixHash) -> Option<&Entry> {
        self.places.get(&prefix).map(|place| self.entries.get(*place))
    }

    /// The shared prefixes: all that some member marks, and of the others those that are longest, which means that not
    /// all of their members share a longer one. By their first members, then the shortest first.
    pub fn shared(&self) -> Vec<&Group> {
        let entries = || self.places.values().map(|place| self.entries.get(*place));
        let shared = || entries().filter(|entry| entry.is_shared);
        let is_exceeded = |entry: &Entry| {
            let parent = self.entry(entry.parent?)?;
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
        self.entry(prefix).map(|entry| &entry.group)
    }

    /// The prefixes of which that one is a longer form, the longest first, while they are remembered. Those that no
    /// breakpoint looks at are missing from the 256th block on.
    pub fn shorter(&self, prefix: PrefixHash) -> impl Iterator<Item = &Group> {
        let parent = |prefix: &PrefixHash| self.entry(*prefix)?.parent;
        std::iter::successors(parent(&prefix), parent).map_while(|prefix| self.group(prefix))
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

impl Member<'_> {
    /// Whether the prefix that ends at a block is likely to be cached.
    fn is_long_enough(&self, block: usize) -> bool {
        let size = self.sizes[block];
        self.minimum.is_some_and(|minimum| size.likely_or_high() >= minimum)
    }

    /// Whether the prefix that ends at a block may be cached, likely or not.
    fn may_be_long_enough(&self, block: usize) -> bool {
        let size = self.sizes[block];
        self.minimum.is_some_and(|minimum| size.high() >= minimum)
    }

    /// The tokens up to the last breakpoint of an hour that is likely to be effective.
    pub fn hour(&self) -> Estimate<Tokens> {
        let mut marks = self.chain.marks().iter();
        let hour = marks.rfind(|mark| mark.ttl == CacheTtl::OneHour && self.is_long_enough(mark.block));
        hour.map(|mark| self.sizes[mark.block]).unwrap_or_default()
    }
}

/// One prefix of the request that is being added.
struct Visit<'v> {
    member: &'v Member<'v>,
    block: &'v Block,
    index: usize,
    mark: Option<&'v Mark>,
    is_looked_at: bool,
    /// The request, as the one that writes the prefix first.
    writer: Writer,
    parent: Option<PrefixHash>,
}

impl Visit<'_> {
    fn first_entry(&self, is_complete: bool) -> Entry {
        let Member { chain, sizes, sort, place, .. } = *self.member;
        let group = Group {
            prefix: self.block.prefix,
            at: self.block.at,
            obstacle: self.block.obstacle,
            blocks: self.index + 1,
            bytes: self.block.bytes,
            tokens: sizes[self.index],
            members: 1,
            marked_5m: 0,
            marked_1h: 0,
            found: 0,
            sorts: Tally::one(sort),
            body_bytes: 0,
            batches: Numbers::default(),
            waves: Numbers::default(),
            first: place,
            writer: None,
            is_complete,
        };
        let is_whole = self.index + 1 == chain.blocks().len();
        let mut entry = Entry {
            group,
            parent: self.parent,
            is_whole,
            is_shared: false,
            is_written: false,
            written_in: Numbers::default(),
        };
        entry.take(self);
        entry
    }
}

impl Entry {
    fn take(&mut self, visit: &Visit<'_>) {
        let Entry { group, is_written, written_in, .. } = self;
        let Member { sizes, body_bytes, batch, wave, .. } = *visit.member;
        group.tokens = spanning(group.tokens, sizes[visit.index]);
        group.body_bytes += body_bytes;
        group.batches.insert(batch);
        group.waves.insert(wave);
        let Some(mark) = visit.mark else {
            group.found += u64::from(group.writer.is_some() && visit.is_looked_at);
            return;
        };
        match mark.ttl {
            CacheTtl::FiveMinutes => group.marked_5m += 1,
            CacheTtl::OneHour => group.marked_1h += 1,
        }
        if visit.member.is_long_enough(visit.index) {
            group.writer.get_or_insert(Writer { ttl: mark.ttl, ..visit.writer });
        }
        if visit.member.may_be_long_enough(visit.index) {
            *is_written = true;
            written_in.insert(wave);
        }
    }
}

/// From the lower low to the higher high, with the first likely value, where both have one.
fn spanning(mine: Estimate<Tokens>, theirs: Estimate<Tokens>) -> Estimate<Tokens> {
    let (low, high) = (mine.low().min(theirs.low()), mine.high().max(theirs.high()));
    match mine.likely().zip(theirs.likely()) {
        Some((likely, _)) => Estimate::new(low, likely, high),
        None => Estimate::between(low, high),
    }
}

#[cfg(test)]
mod tests;
