use std::collections::{BTreeMap, HashMap, HashSet};

use batchwise_prefixes::{BREAKPOINTS_MAX, Group, Place, PrefixChain, PrefixHash};
use batchwise_tokens::CacheTtl;
use batchwise_units::{Estimate, Tokens, Usd};

use super::outlook::Outlook;

/// Where breakpoints of an hour save most, if one request of each group goes ahead.
#[derive(Clone, Debug, Default)]
pub struct Marking {
    prefixes: HashSet<PrefixHash>,
}

impl Marking {
    /// The breakpoints that a request should have and no others: the indexes of its blocks, and how long each lives.
    pub fn marks(&self, chain: &PrefixChain) -> Vec<(usize, CacheTtl)> {
        let blocks = chain.blocks().iter().enumerate();
        let marks = blocks.filter(|(_, block)| self.prefixes.contains(&block.prefix));
        marks.map(|(index, _)| (index, CacheTtl::OneHour)).collect()
    }

    /// Whether no breakpoint saves anything.
    pub fn is_empty(&self) -> bool {
        self.prefixes.is_empty()
    }
}

/// A group whose prefix is worth a breakpoint.
pub(super) struct Choice<'g> {
    pub(super) group: &'g Group,
    /// How many breakpoints a request has that has this one, those before it included.
    depth: usize,
    /// The index of the choice with the next shorter prefix.
    parent: Option<usize>,
    /// What the breakpoint saves against none there, at the likely size.
    pub(super) worth: Usd,
}

/// All groups that are worth a breakpoint, those with shorter prefixes first.
pub(super) fn choose<'g>(outlook: &'g Outlook<'_>) -> Vec<Choice<'g>> {
    let mut shared = outlook.groups.shared();
    shared.sort_by_key(|group| (group.blocks, group.first));
    let (mut chosen, mut by_prefix): (Vec<Choice<'g>>, HashMap<PrefixHash, usize>) = Default::default();
    for group in shared {
        let parent = outlook.groups.shorter(group.prefix).find_map(|shorter| by_prefix.get(&shorter.prefix));
        let parent = parent.copied();
        let depth = 1 + parent.map_or(0, |parent| chosen[parent].depth);
        let worth = worth(group, parent.map(|parent| chosen[parent].group), outlook);
        if let Some(worth) = worth.filter(|worth| *worth > Usd::ZERO && depth <= BREAKPOINTS_MAX) {
            by_prefix.insert(group.prefix, chosen.len());
            chosen.push(Choice { group, depth, parent, worth });
        }
    }
    chosen
}

/// What a breakpoint at the end of a group's prefix saves, if its members already share the prefix of `parent`: the others
/// read what is longer than that, the one that goes ahead writes it, and that before it too if it would have read that.
/// Each at its own prices.
fn worth(group: &Group, parent: Option<&Group>, outlook: &Outlook<'_>) -> Option<Usd> {
    let whole = group.tokens.likely()?;
    let row = outlook.row_of(group);
    if row.minimum.is_none_or(|minimum| whole < minimum) {
        return None;
    }
    let before = parent.map_or(Some(Tokens::ZERO), |parent| parent.tokens.likely())?.min(whole);
    let (longer, rates) = (whole - before, &row.rates);
    let saved = others(group).fold(Usd::ZERO, |sum, (sort, count)| {
        let rates = &outlook.row(sort).rates;
        sum + (times(rates.input * longer, count) - times(rates.cache_read * longer, count))
    });
    let goes_ahead_anyway = parent.is_none_or(|parent| parent.first == group.first);
    let spent = match goes_ahead_anyway {
        true => rates.cache_write_1h * longer - rates.input * longer,
        false => rates.cache_write_1h * whole - rates.cache_read * before - rates.input * longer,
    };
    Some(saved - spent)
}

/// The members by their prices, but for the first.
fn others(group: &Group) -> impl Iterator<Item = (u16, u64)> {
    let but_for_the_first = |(index, (sort, count)): (usize, (u16, u64))| match index {
        0 => (sort, count - 1),
        _ => (sort, count),
    };
    group.sorts.iter().enumerate().map(but_for_the_first)
}

pub(super) fn times(usd: Usd, count: u64) -> Usd {
    Usd::from_decimal(usd.as_decimal() * rust_decimal::Decimal::from(count))
}

/// What the workload saves if all choices are marked and one request of each goes ahead, against no caching at all: at
/// the low, the likely and the high sizes.
pub(super) fn saved(chosen: &[Choice<'_>], outlook: &Outlook<'_>) -> [Option<Usd>; 3] {
    let mut readers: Vec<BTreeMap<u16, u64>> =
        chosen.iter().map(|choice| choice.group.sorts.iter().collect()).collect();
    for choice in chosen {
        let Some(parent) = choice.parent else { continue };
        for (sort, count) in choice.group.sorts.iter() {
            let all = readers[parent].entry(sort).or_default();
            *all = all.saturating_sub(count);
        }
    }
    let mut ahead: HashMap<Place, usize> = HashMap::new();
    for (index, choice) in chosen.iter().enumerate() {
        // Those with longer prefixes come later.
        ahead.insert(choice.group.first, index);
    }
    for &index in ahead.values() {
        let first = chosen[index].group.sorts.iter().next().map(|(sort, _)| sort);
        let count = first.and_then(|sort| readers[index].get_mut(&sort));
        count.into_iter().for_each(|count| *count = count.saturating_sub(1));
    }
    let ends: [End; 3] = [|size| Some(size.low()), Estimate::likely, |size| Some(size.high())];
    ends.map(|end| {
        let mut sum = Usd::ZERO;
        for (choice, readers) in chosen.iter().zip(&readers) {
            let size = end(&choice.group.tokens)?;
            for (&sort, &count) in readers {
                let rates = &outlook.row(sort).rates;
                sum += times(rates.input * size, count) - times(rates.cache_read * size, count);
            }
        }
        for &index in ahead.values() {
            let (size, rates) =
                (end(&chosen[index].group.tokens)?, &outlook.row_of(chosen[index].group).rates);
            sum = sum - (rates.cache_write_1h * size - rates.input * size);
        }
        Some(sum)
    })
}

/// One of the values of a size.
type End = fn(&Estimate<Tokens>) -> Option<Tokens>;

impl Marking {
    pub(super) fn of(chosen: &[Choice<'_>]) -> Marking {
        Marking { prefixes: chosen.iter().map(|choice| choice.group.prefix).collect() }
    }
}
