use std::collections::{HashMap, HashSet};

use batchwise_prefixes::{Place, PrefixChain, PrefixHash};

/// In which batches requests go that share prefixes, and which of them go ahead: found by a first pass over the inputs,
/// followed by a second.
///
/// It is good within the process that made it, for the same inputs and terms.
#[derive(Clone, Debug, Default)]
pub struct Route {
    /// The requests that go ahead, with the block up to which each of them writes for an hour.
    pub(crate) primers: HashMap<Place, usize>,
    /// What they write and others share.
    pub(crate) primed: HashSet<PrefixHash>,
    /// The lane of each group that is kept together.
    pub(crate) lanes: HashMap<PrefixHash, u32>,
    /// How many requests are in the lanes before each lane; the last is that of all others.
    pub(crate) starts: Vec<u64>,
    /// Whether there are primers in a wave of their own.
    pub(crate) is_primed: bool,
}

impl Route {
    /// The number of the lane of a request: 0 is that of those that go ahead, the last that of the requests of no group.
    pub(crate) fn lane(&self, place: Place, chain: Option<&PrefixChain>) -> u32 {
        if self.primers.contains_key(&place) {
            return 0;
        }
        let last = u32::try_from(self.starts.len().max(2) - 1).expect("few lanes");
        let Some(chain) = chain.filter(|_| !self.lanes.is_empty()) else { return last };
        let home = (0..chain.blocks().len()).rev().filter(|&block| chain.looks_at(block));
        home.filter_map(|block| self.lanes.get(&chain.blocks()[block].prefix)).next().copied().unwrap_or(last)
    }

    /// The block of the longest prefix that somebody wrote ahead and a breakpoint of the request finds.
    pub(crate) fn found(&self, chain: &PrefixChain) -> Option<usize> {
        let blocks = chain.blocks();
        (0..blocks.len())
            .rev()
            .find(|&block| chain.looks_at(block) && self.primed.contains(&blocks[block].prefix))
    }
}
