use std::collections::BTreeMap;

use batchwise_tokens::RequestKind;

use crate::Stratum;
use crate::survey::{Candidate, Census, Totals};

/// Fewer counts than this say too little about the spread of a cell, so its strata join others.
const CELL_COUNTS_MIN: u64 = 10;

/// What to count: cells of strata, each with a random sample of its own.
#[derive(Clone, Debug)]
pub struct Design<P> {
    pub(crate) cells: Vec<Cell>,
    pub(crate) cell_of: BTreeMap<Stratum, usize>,
    pub(crate) without_likely: u64,
    picks: Vec<Pick<P>>,
}

/// One request to count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pick<P> {
    /// Where it is.
    pub place: P,
    pub(crate) cell: usize,
    pub(crate) likely: u64,
}

/// Strata that share a sample and a ratio.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    pub(crate) name: String,
    pub(crate) totals: Totals,
}

/// Strata that may share a cell, with what they have together.
struct Group<P> {
    strata: Vec<Stratum>,
    totals: Totals,
    candidates: Vec<Candidate<P>>,
}

/// What the strata of a group have in common, from all to nothing.
type Key = (Option<String>, Option<RequestKind>, Option<Stratum>);

impl<P: Ord + Clone> Design<P> {
    /// Makes cells that get enough counts each, and shares the sample out among them by how unsure the estimates
    /// in them are.
    pub(crate) fn new(strata: BTreeMap<Stratum, Census<P>>, sample: usize, without_likely: u64) -> Design<P> {
        let groups = pooled(strata, sample);
        let shares = shares(&groups.iter().map(|group| group.totals).collect::<Vec<_>>(), sample as u64);
        let mut design =
            Design { cells: Vec::new(), cell_of: BTreeMap::new(), without_likely, picks: Vec::new() };
        for (group, share) in groups.into_iter().zip(shares) {
            design.add(group, share);
        }
        design.picks.sort_by(|a, b| a.place.cmp(&b.place));
        design
    }

    fn add(&mut self, group: Group<P>, share: u64) {
        let cell = self.cells.len();
        self.cells.push(Cell { name: name(&group.strata), totals: group.totals });
        self.cell_of.extend(group.strata.into_iter().map(|stratum| (stratum, cell)));
        let mut candidates = group.candidates;
        candidates.sort();
        let share = usize::try_from(share).expect("a share is at most the sample");
        let drawn = candidates.into_iter().take(share);
        self.picks.extend(drawn.map(|Candidate { place, likely, .. }| Pick { place, cell, likely }));
    }

    /// What to count, in the order of the places.
    pub fn picks(&self) -> &[Pick<P>] {
        &self.picks
    }

    /// How many requests the workload has, those included that cannot be corrected.
    pub fn requests(&self) -> u64 {
        self.cells.iter().map(|cell| cell.totals.requests).sum::<u64>() + self.without_likely
    }
}

/// Joins strata until each group may expect enough counts: first the sizes of a model and kind, then the kinds of
/// a model, then all that is left.
fn pooled<P: Ord + Clone>(strata: BTreeMap<Stratum, Census<P>>, sample: usize) -> Vec<Group<P>> {
    let whole: f64 = strata.values().map(|census| census.totals.weight()).sum();
    let expects_enough = |totals: &Totals| {
        let expected = sample as f64 * totals.weight() / whole;
        expected >= CELL_COUNTS_MIN as f64 || expected >= totals.requests as f64
    };
    let levels: [fn(&Stratum) -> Key; 4] = [
        |stratum| (Some(stratum.model.clone()), Some(stratum.kind), Some(stratum.clone())),
        |stratum| (Some(stratum.model.clone()), Some(stratum.kind), None),
        |stratum| (Some(stratum.model.clone()), None, None),
        |_| (None, None, None),
    ];
    let mut settled = Vec::new();
    let mut open: Vec<Group<P>> = strata
        .into_iter()
        .map(|(stratum, Census { totals, candidates })| Group {
            strata: vec![stratum],
            totals,
            candidates: candidates.into_vec(),
        })
        .collect();
    for level in levels {
        let mut joined: BTreeMap<Key, Group<P>> = BTreeMap::new();
        for group in open {
            match joined.entry(level(&group.strata[0])) {
                std::collections::btree_map::Entry::Vacant(entry) => drop(entry.insert(group)),
                std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut().include(group),
            }
        }
        let (enough, too_few): (Vec<_>, Vec<_>) =
            joined.into_values().partition(|group| expects_enough(&group.totals));
        settled.extend(enough);
        open = too_few;
    }
    // At most one is left that expects too few even so.
    settled.extend(open);
    settled.sort_by(|a, b| a.strata.cmp(&b.strata));
    settled
}

impl<P> Group<P> {
    fn include(&mut self, other: Group<P>) {
        self.strata.extend(other.strata);
        self.totals.include(other.totals);
        self.candidates.extend(other.candidates);
    }
}

/// Shares the sample out by weight, at least two to each cell as far as it goes, and to none more than it has.
fn shares(cells: &[Totals], sample: u64) -> Vec<u64> {
    let mut shares = vec![0; cells.len()];
    let mut left = sample;
    let mut heaviest: Vec<usize> = (0..cells.len()).collect();
    heaviest.sort_by(|a, b| cells[*b].weight().total_cmp(&cells[*a].weight()));
    for &cell in &heaviest {
        shares[cell] = left.min(2).min(cells[cell].requests);
        left -= shares[cell];
    }
    // Whoever is furthest behind what its weight asks for is next. At most 10,000 times a few cells.
    while left > 0 {
        let behind = |cell: &usize| cells[*cell].weight() / (shares[*cell] + 1) as f64;
        let open = heaviest.iter().copied().filter(|&cell| shares[cell] < cells[cell].requests);
        let Some(next) = open.reduce(|best, cell| if behind(&cell) > behind(&best) { cell } else { best })
        else {
            break;
        };
        shares[next] += 1;
        left -= 1;
    }
    shares
}

/// What the strata have in common, in words.
fn name(strata: &[Stratum]) -> String {
    let first = &strata[0];
    let same = |of: fn(&Stratum, &Stratum) -> bool| strata.iter().all(|stratum| of(stratum, first));
    if first.model.is_empty() || !same(|a, b| a.model == b.model) {
        return "all others".to_owned();
    }
    let mut name = format!("`{}`", first.model);
    match same(|a, b| a.kind == b.kind) {
        true => name.push_str(&format!(" {}", first.kind)),
        false => return format!("{name}, several kinds"),
    }
    match same(|a, b| a.size == b.size) {
        true => format!("{name}, {}", first.size),
        false => format!("{name}, several sizes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(cells: &[(u64, u64)], sample: u64, expected: &[u64]) {
        let totals =
            |&(requests, spread): &(u64, u64)| Totals { requests, high: spread, ..Totals::default() };
        assert_eq!(shares(&cells.iter().map(totals).collect::<Vec<_>>(), sample), expected);
    }

    #[test]
    fn shares_follow_the_doubt() {
        check(&[(1_000, 9_000), (1_000, 99_000)], 110, &[10, 100]);
        check(&[(1_000, 0), (1_000, 10_000_000)], 50, &[2, 48]); // two at least
        check(&[(5, 1_000_000), (1_000, 1_000)], 50, &[5, 45]); //  no more than there are
        check(&[(5, 10), (3, 10)], 50, &[5, 3]); //                all of a small workload
        check(&[(5, 10), (3, 11), (9, 9)], 3, &[1, 0, 2]); //       as far as it goes
        check(&[], 3, &[]);
    }
}
