use std::collections::{BTreeMap, HashMap, HashSet};

use batchwise_prefixes::{BREAKPOINTS_MAX, Group, Obstacle, Place, PrefixChain, PrefixHash};
use batchwise_tokens::CacheTtl;
use batchwise_units::{Rate, Usd};
use rust_decimal::Decimal;

use super::outlook::Outlook;

/// Where breakpoints save most, if one request of each group goes ahead.
#[derive(Clone, Debug, Default)]
pub struct Marking {
    /// Without and with texts made blocks.
    changes: [Change; 2],
    /// Whether it saves more to make blocks of texts.
    wraps: bool,
}

/// What is done to the breakpoints of all requests.
#[derive(Clone, Debug)]
pub(super) enum Change {
    /// They stay where they are; those of these prefixes, and those before them, live for an hour.
    Live(HashSet<PrefixHash>),
    /// Those of these prefixes live for an hour, and there are no others.
    Replace(HashSet<PrefixHash>),
}

/// Nothing changes.
impl Default for Change {
    fn default() -> Change {
        Change::Live(HashSet::new())
    }
}

/// The breakpoints that a request should have, and no others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// The indexes of its blocks, and how long each lives.
    pub(crate) marks: Vec<(usize, CacheTtl)>,
    /// Whether texts are to become blocks for that.
    pub(crate) wrap_texts: bool,
}

impl Marking {
    pub(super) fn new(changes: [Change; 2], wraps: bool) -> Marking {
        Marking { changes, wraps }
    }

    /// Whether it saves clearly more where texts in place of blocks become blocks.
    pub fn gains_from_blocks(&self) -> bool {
        self.wraps
    }

    /// What a request should have, where texts may become blocks or may not; `None` where it should stay as it is.
    pub(crate) fn wanted(&self, chain: &PrefixChain, wrap_texts: bool) -> Option<Wanted> {
        if chain.refusal().is_some() {
            return None;
        }
        match &self.changes[usize::from(wrap_texts)] {
            Change::Live(prefixes) => {
                let of = |block: usize| prefixes.contains(&chain.blocks()[block].prefix);
                let last = chain.marks().iter().rfind(|mark| of(mark.block))?.block;
                let ttl = |block: usize, ttl| if block <= last { CacheTtl::OneHour } else { ttl };
                let marks = chain.marks().iter().map(|mark| (mark.block, ttl(mark.block, mark.ttl)));
                Some(Wanted { marks: marks.collect(), wrap_texts: false })
            }
            Change::Replace(prefixes) => {
                let blocks = chain.blocks().iter().enumerate();
                let marks = blocks.filter(|(_, block)| prefixes.contains(&block.prefix));
                let marks = marks.map(|(index, _)| (index, CacheTtl::OneHour)).collect();
                Some(Wanted { marks, wrap_texts })
            }
        }
    }
}

/// A group whose prefix is worth a breakpoint.
pub(super) struct Choice<'g> {
    pub(super) group: &'g Group,
    /// The index of the choice with the next shorter prefix.
    parent: Option<usize>,
    /// What the breakpoint saves against none there, at the likely size.
    pub(super) worth: Usd,
}

/// How many groups are weighed against each other: those that hold most.
const WEIGHED_MAX: usize = 4_096;

/// How many groups with shorter prefixes a group is weighed against.
const DEPTH_MAX: usize = 64;

/// The groups whose prefixes are best marked, those with shorter prefixes first: of all choices with at most four
/// breakpoints in a request, the one that saves most. `texts` tells whether a text in place of blocks may carry one.
///
/// A tree of prefixes, in which each group knows what it is worth below each of those before it, whichever others are
/// chosen: what its members read more, less what the one that goes ahead pays more. So the best choice for a part of the
/// tree depends only on the nearest choice above it, and on how many breakpoints are left.
pub(super) fn choose<'g>(outlook: &'g Outlook<'_>, texts: bool) -> Vec<Choice<'g>> {
    let tree = Tree::of(outlook, texts);
    let best = tree.weigh();
    let mut chosen: Vec<Choice<'g>> = Vec::new();
    // Of each node the nearest choice at or above it, as its place on the way and among the chosen, and what is left.
    let mut states: Vec<(usize, Option<usize>, usize)> = Vec::new();
    for (index, node) in tree.nodes.iter().enumerate() {
        let (above, choice, left) = node.parent.map_or((0, None, BREAKPOINTS_MAX), |parent| states[parent]);
        let below = node.way.len();
        let with = |left: usize| node.gain(above, &tree.nodes) + best[index][below][left - 1];
        let is_chosen = left > 0 && with(left) > best[index][above][left];
        if is_chosen {
            let worth = worth(node.group, choice.map(|choice| chosen[choice].group), outlook);
            chosen.push(Choice { group: node.group, parent: choice, worth });
            states.push((below, Some(chosen.len() - 1), left - 1));
        } else {
            states.push((above, choice, left));
        }
    }
    chosen
}

/// The groups that can be marked, each behind those with shorter prefixes.
struct Tree<'g> {
    nodes: Vec<Node<'g>>,
}

struct Node<'g> {
    group: &'g Group,
    parent: Option<usize>,
    /// The nodes with shorter prefixes, the shortest first, behind the place of no node at all.
    way: Vec<Option<usize>>,
    tokens: i128,
    /// What all members but the first save for each token that they read.
    saved_by_others: i128,
    /// The prices of the first member.
    write: i128,
    input: i128,
    read: i128,
}

/// By the nearest choice above a node, by its place on the way, and by the breakpoints left: what the nodes below it save.
type Best = Vec<[i128; BREAKPOINTS_MAX + 1]>;

impl<'g> Tree<'g> {
    fn of(outlook: &'g Outlook<'_>, texts: bool) -> Tree<'g> {
        let can_be_marked = |group: &Group| {
            let is_free = match group.obstacle {
                None => true,
                Some(Obstacle::Text) => texts,
                Some(_) => false,
            };
            let minimum = outlook.row_of(group).minimum;
            is_free
                && group.members > 1
                && group.tokens.likely().zip(minimum).is_some_and(|(size, minimum)| size >= minimum)
        };
        // Where a prefix cannot be marked, the longest before it that can.
        let stand_in = |group: &'g Group| match can_be_marked(group) {
            true => Some(group),
            false => outlook.groups.shorter(group.prefix).find(|shorter| can_be_marked(shorter)),
        };
        let mut groups: Vec<&Group> = outlook.groups.shared().into_iter().filter_map(stand_in).collect();
        // A request has one prefix of so many blocks.
        groups.sort_by_key(|group| (group.blocks, group.first));
        groups.dedup_by_key(|group| group.prefix);
        if groups.len() > WEIGHED_MAX {
            groups.sort_by_key(|group| (std::cmp::Reverse(group.held()), group.blocks, group.first));
            groups.truncate(WEIGHED_MAX);
            groups.sort_by_key(|group| (group.blocks, group.first));
        }
        let mut tree = Tree { nodes: Vec::with_capacity(groups.len()) };
        let mut known: HashMap<PrefixHash, usize> = HashMap::new();
        for group in groups {
            let parent = outlook.groups.shorter(group.prefix).find_map(|shorter| known.get(&shorter.prefix));
            let parent = parent.copied();
            let way = parent.map_or_else(
                || vec![None],
                |parent| tree.nodes[parent].way.iter().copied().chain([Some(parent)]).collect(),
            );
            if way.len() <= DEPTH_MAX {
                known.insert(group.prefix, tree.nodes.len());
                tree.nodes.push(Node::new(group, parent, way, outlook));
            }
        }
        tree
    }

    /// Of each node, what the nodes below it save at best. Those with longer prefixes come later.
    fn weigh(&self) -> Vec<Best> {
        let mut best: Vec<Best> =
            self.nodes.iter().map(|node| vec![[0; BREAKPOINTS_MAX + 1]; node.way.len() + 1]).collect();
        for (index, node) in self.nodes.iter().enumerate().rev() {
            let Some(parent) = node.parent else { continue };
            for above in 0..node.way.len() {
                let gain = node.gain(above, &self.nodes);
                for left in 0..=BREAKPOINTS_MAX {
                    let without = best[index][above][left];
                    let with = left.checked_sub(1).map(|less| gain + best[index][node.way.len()][less]);
                    best[parent][above][left] += with.map_or(without, |with| with.max(without));
                }
            }
        }
        best
    }
}

impl<'g> Node<'g> {
    fn new(
        group: &'g Group,
        parent: Option<usize>,
        way: Vec<Option<usize>>,
        outlook: &'g Outlook<'_>,
    ) -> Node<'g> {
        let first = &outlook.row_of(group).rates;
        let saved = |(sort, count): (u16, u64)| {
            let rates = &outlook.row(sort).rates;
            i128::from(count) * (weight(rates.input) - weight(rates.cache_read))
        };
        Node {
            group,
            parent,
            way,
            tokens: i128::from(group.tokens.likely().unwrap_or_default().0),
            saved_by_others: others(group).map(saved).sum(),
            write: weight(first.cache_write_1h),
            input: weight(first.input),
            read: weight(first.cache_read),
        }
    }

    /// What a breakpoint there saves if the nearest one above is at a place on the way.
    fn gain(&self, above: usize, nodes: &[Node<'_>]) -> i128 {
        let above = self.way[above].map(|above| &nodes[above]);
        let before = above.map_or(0, |above| above.tokens.min(self.tokens));
        let longer = self.tokens - before;
        let goes_ahead_anyway = above.is_none_or(|above| above.group.first == self.group.first);
        let spent = match goes_ahead_anyway {
            true => (self.write - self.input) * longer,
            false => self.write * self.tokens - self.read * before - self.input * longer,
        };
        self.saved_by_others * longer - spent
    }
}

/// A rate as a whole number: in units that are the same for all rates.
fn weight(rate: Rate) -> i128 {
    let rate = rate.usd_per_mtok();
    let finest = Decimal::from_i128_with_scale(1, WEIGHT_DECIMALS);
    (rate / finest).trunc().mantissa()
}

/// Finer than any price: choices are weighed, not priced, so what is beyond does not matter.
const WEIGHT_DECIMALS: u32 = 9;

/// What a breakpoint at the end of a group's prefix saves, if its members already share the prefix of `parent`: the others
/// read what is longer than that, the one that goes ahead writes it, and that before it too if it would have read that.
/// Each at its own prices.
fn worth(group: &Group, parent: Option<&Group>, outlook: &Outlook<'_>) -> Usd {
    let whole = group.tokens.likely().unwrap_or_default();
    let before = parent.and_then(|parent| parent.tokens.likely()).unwrap_or_default().min(whole);
    let (longer, rates) = (whole - before, &outlook.row_of(group).rates);
    let saved = others(group).fold(Usd::ZERO, |sum, (sort, count)| {
        let rates = &outlook.row(sort).rates;
        sum + (times(rates.input * longer, count) - times(rates.cache_read * longer, count))
    });
    let goes_ahead_anyway = parent.is_none_or(|parent| parent.first == group.first);
    let spent = match goes_ahead_anyway {
        true => rates.cache_write_1h * longer - rates.input * longer,
        false => rates.cache_write_1h * whole - rates.cache_read * before - rates.input * longer,
    };
    saved - spent
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

/// Those of the choices whose prefixes are long enough to be cached for certain. Without the others they are worth more,
/// never less, so that all together save no less than these.
pub(super) fn certain<'g>(chosen: &[Choice<'g>], outlook: &Outlook<'_>) -> Vec<Choice<'g>> {
    let mut certain: Vec<Choice<'g>> = Vec::new();
    let mut places: Vec<Option<usize>> = Vec::new();
    for choice in chosen {
        let parent = choice.parent.and_then(|parent| places[parent]);
        let is_certain = !outlook.may_be_too_short(choice.group);
        places.push(is_certain.then_some(certain.len()));
        if is_certain {
            certain.push(Choice { group: choice.group, parent, worth: choice.worth });
        }
    }
    certain
}

/// What the workload saves at the likely sizes if all choices are marked and one request of each goes ahead, against no
/// caching at all.
pub(super) fn saved(chosen: &[Choice<'_>], outlook: &Outlook<'_>) -> Option<Usd> {
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
    let mut sum = Usd::ZERO;
    for (choice, readers) in chosen.iter().zip(&readers) {
        let size = choice.group.tokens.likely()?;
        for (&sort, &count) in readers {
            let rates = &outlook.row(sort).rates;
            sum += times(rates.input * size, count) - times(rates.cache_read * size, count);
        }
    }
    for &index in ahead.values() {
        let size = chosen[index].group.tokens.likely()?;
        let rates = &outlook.row_of(chosen[index].group).rates;
        sum = sum - (rates.cache_write_1h * size - rates.input * size);
    }
    Some(sum)
}
