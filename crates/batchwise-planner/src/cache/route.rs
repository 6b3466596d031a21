use std::collections::{HashMap, HashSet};

use batchwise_plan::ENVELOPE_BYTES;
use batchwise_prefixes::{Group, Place, PrefixChain, PrefixHash};

use super::analysis::{primed_groups, primers};
use super::outlook::Outlook;
use crate::{CacheScenario, Terms};

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
    /// About how many requests are in the lanes before each lane, but for those that go ahead; the last lane is that of all
    /// others.
    pub(crate) starts: Vec<u64>,
    /// Whether there are primers in a wave of their own.
    pub(crate) is_primed: bool,
}

impl Route {
    /// The route that the terms want, after a first pass.
    pub(crate) fn wanted(outlook: &Outlook<'_>) -> Option<Route> {
        let terms = outlook.context.terms;
        let is_primed = terms.cache == CacheScenario::Primed;
        if !is_primed && !terms.group_by_prefix {
            return None;
        }
        let mut route = Route { is_primed, starts: vec![0], ..Route::default() };
        let ahead = if is_primed { primers(outlook) } else { HashMap::new() };
        if is_primed {
            let last_block = |(place, (group, _)): (&Place, &(&Group, _))| (*place, group.blocks - 1);
            route.primers = ahead.iter().map(last_block).collect();
            route.primed = primed_groups(outlook).map(|(group, _)| group.prefix).collect();
        }
        let ahead = ahead.values().map(|(group, _)| group.prefix);
        let bins = if terms.group_by_prefix { bins(homes(outlook, ahead), terms) } else { Vec::new() };
        let mut reached = 0;
        for (lane, bin) in (1..).zip(bins) {
            route.starts.push(reached);
            reached += bin.requests;
            route.lanes.extend(bin.groups.into_iter().map(|prefix| (prefix, lane)));
        }
        route.starts.push(reached);
        Some(route)
    }

    /// The number of the lane of a request: 0 is that of those that go ahead, the last that of the requests of no group.
    pub(crate) fn lane(&self, place: Place, chain: Option<&PrefixChain>) -> u32 {
        if self.primers.contains_key(&place) {
            return 0;
        }
        let last = u32::try_from(self.starts.len().max(2) - 1).expect("few lanes");
        let Some(chain) = chain.filter(|chain| !self.lanes.is_empty() && chain.refusal().is_none()) else {
            return last;
        };
        let home = (0..chain.blocks().len()).rev().filter(|&block| chain.looks_at(block));
        home.filter_map(|block| self.lanes.get(&chain.blocks()[block].prefix)).next().copied().unwrap_or(last)
    }

    /// The block of the longest prefix that somebody wrote ahead and a breakpoint of the request finds. Breakpoints that
    /// the API refuses find nothing.
    pub(crate) fn found(&self, chain: &PrefixChain) -> Option<usize> {
        if chain.refusal().is_some() {
            return None;
        }
        let blocks = chain.blocks();
        (0..blocks.len())
            .rev()
            .find(|&block| chain.looks_at(block) && self.primed.contains(&blocks[block].prefix))
    }
}

/// Groups that go into one batch and one wave, or one group that takes several.
#[derive(Default)]
struct Bin {
    groups: Vec<PrefixHash>,
    requests: u64,
    bytes: u64,
}

/// Each group into the first bin that it fits, groups that begin alike next to each other.
fn bins(homes: Vec<Home>, terms: &Terms) -> Vec<Bin> {
    let bytes_max = terms.limits.body_bytes_max.0.saturating_sub(ENVELOPE_BYTES.0);
    let requests_max = terms.limits.requests_max.min(terms.queued_requests_max.unwrap_or(u64::MAX));
    let mut bins: Vec<Bin> = Vec::new();
    for home in homes {
        let fits = |bin: &&mut Bin| {
            bin.requests + home.requests <= requests_max && bin.bytes + home.bytes <= bytes_max
        };
        match bins.iter_mut().find(fits) {
            Some(bin) => bin.add(home),
            None => {
                let mut bin = Bin::default();
                bin.add(home);
                bins.push(bin);
            }
        }
    }
    bins
}

impl Bin {
    fn add(&mut self, home: Home) {
        self.groups.push(home.prefix);
        self.requests += home.requests;
        self.bytes += home.bytes;
    }
}

/// A group, and about how many of its members share no longer prefix with others and do not go ahead.
struct Home {
    prefix: PrefixHash,
    requests: u64,
    bytes: u64,
}

/// The homes of all groups; `ahead` are the longest prefixes of those that go ahead.
fn homes(outlook: &Outlook<'_>, ahead: impl Iterator<Item = PrefixHash>) -> Vec<Home> {
    let groups: HashMap<PrefixHash, &Group> =
        primed_groups(outlook).map(|(group, _)| (group.prefix, group)).collect();
    let users = |group: &Group| group.marked() + group.found;
    let mut own: HashMap<PrefixHash, u64> =
        groups.iter().map(|(prefix, group)| (*prefix, users(group))).collect();
    let shorter = |group: &Group| -> Vec<&Group> {
        let known = outlook.groups.shorter(group.prefix);
        known.filter_map(|shorter| groups.get(&shorter.prefix).copied()).collect()
    };
    let mut ordered: Vec<(Vec<Place>, &Group)> = Vec::new();
    for group in groups.values() {
        let before = shorter(group);
        if let Some(parent) = before.first().and_then(|parent| own.get_mut(&parent.prefix)) {
            *parent = parent.saturating_sub(users(group));
        }
        let way = before.iter().rev().chain([group]).map(|group| group.first).collect();
        ordered.push((way, group));
    }
    for prefix in ahead {
        own.entry(prefix).and_modify(|requests| *requests = requests.saturating_sub(1));
    }
    ordered.sort_by(|(one, mine), (other, theirs)| (one, mine.blocks).cmp(&(other, theirs.blocks)));
    let home = |group: &Group| {
        let requests = own[&group.prefix];
        let share = u128::from(group.body_bytes) * u128::from(requests) / u128::from(group.members);
        Home { prefix: group.prefix, requests, bytes: u64::try_from(share).expect("a part of a number") }
    };
    ordered.into_iter().map(|(_, group)| home(group)).collect()
}
