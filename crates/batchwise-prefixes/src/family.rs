use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::common_run::Measure;
use crate::newcomer::Newcomer;
use crate::stretch::Stretch;
use crate::words::words;
use crate::{Place, Point};

/// A request, and how later ones of its model differ from it.
pub(crate) struct Family {
    pub(crate) first: Place,
    pub(crate) line: String,
    /// The later requests that have something in common with it.
    pub(crate) compared: u64,
    /// Those that repeat it but for a small part, in the order of the inputs.
    pub(crate) pairs: Vec<Pair>,
}

/// What a later request has in common with the first of a family.
pub(crate) enum Kinship {
    /// Nothing that is long.
    None,
    /// A long beginning.
    Beginning,
    /// All.
    Same,
    /// More than whole blocks, before a difference and behind it.
    Near(Box<Pair>),
}

/// A request that repeats the first of a family but for a part.
pub(crate) struct Pair {
    pub(crate) other: Place,
    pub(crate) left: Point,
    pub(crate) right: Point,
    pub(crate) byte: Option<usize>,
    stretch: Stretch,
    /// See [`Stretch::gain`].
    pub(crate) gain: u64,
    /// A hash of how the other begins: see [`Stretch::between`].
    beginning: u64,
}

/// What most pairs of a family have in common.
pub(crate) struct Verdict<'f> {
    /// The first of the alike pairs that share no more than all do.
    pub(crate) pair: &'f Pair,
    pub(crate) alike: u64,
    /// The different beginnings that they have.
    pub(crate) beginnings: u64,
    pub(crate) whole_bytes: u64,
    pub(crate) shared: String,
    pub(crate) shared_bytes: u64,
    pub(crate) repeated: String,
    pub(crate) repeated_bytes: u64,
}

impl Family {
    /// A family of one.
    pub(crate) fn new(newcomer: &Newcomer<'_>) -> Family {
        Family { first: newcomer.place, line: newcomer.line.to_owned(), compared: 0, pairs: Vec::new() }
    }

    /// Compares a later request with the first.
    pub(crate) fn kinship(&self, newcomer: &Newcomer<'_>, model: &str, measure: Measure) -> Kinship {
        let Some(first) = Newcomer::read(&self.line, model, self.first) else { return Kinship::None };
        let (ours, theirs) = (&first.flat, &newcomer.flat);
        if ours.bytes() == theirs.bytes() {
            return Kinship::Same;
        }
        let (stretch, beginning) = Stretch::between(ours, theirs, measure);
        if let Some(gain) = stretch.gain(ours, measure)
            && let Some((left, right)) = first.points(newcomer, model)
        {
            let (other, byte) = (newcomer.place, right.byte_in(newcomer.line));
            let beginning = hash(beginning);
            return Kinship::Near(Box::new(Pair { other, left, right, byte, stretch, gain, beginning }));
        }
        let is_long = ours.content_bytes(0..stretch.shared) >= measure.shortest as u64;
        if is_long { Kinship::Beginning } else { Kinship::None }
    }

    /// What at least three of four of the pairs have in common before and behind a difference in the same field.
    pub(crate) fn verdict(&self, model: &str, measure: Measure) -> Option<Verdict<'_>> {
        let quorum = usize::try_from((3 * self.compared).div_ceil(4)).ok()?.max(1);
        let mut pairs = self.most_frequent();
        pairs.sort_by_key(|pair| std::cmp::Reverse(pair.gain));
        let most = pairs.get(..quorum)?.iter().map(|pair| pair.stretch.clone());
        let common = most.reduce(Stretch::and)?;
        let mut alike: Vec<&Pair> = pairs.into_iter().filter(|pair| pair.stretch.has(&common)).collect();
        alike.sort_by_key(|pair| pair.other);
        let beginnings: BTreeSet<u64> = alike.iter().map(|pair| pair.beginning).collect();
        let pair = alike.iter().find(|pair| pair.stretch.shared == common.shared)?;
        let first = Newcomer::read(&self.line, model, self.first)?;
        common.gain(&first.flat, measure)?;
        let Stretch { whole, shared, run } = common;
        Some(Verdict {
            pair,
            alike: alike.len() as u64,
            beginnings: beginnings.len() as u64,
            whole_bytes: first.flat.content_bytes(0..whole),
            shared: words(&first.request, model, whole..shared),
            shared_bytes: first.flat.content_bytes(0..shared),
            repeated_bytes: first.flat.content_bytes(run.clone()),
            repeated: words(&first.request, model, run),
        })
    }

    /// The pairs that part at the field at which most do.
    fn most_frequent(&self) -> Vec<&Pair> {
        let same = |pair: &Pair| -> Vec<&Pair> {
            let is_same =
                |other: &&Pair| other.left.path == pair.left.path && other.left.aim == pair.left.aim;
            self.pairs.iter().filter(is_same).collect()
        };
        self.pairs.iter().map(same).max_by_key(Vec::len).unwrap_or_default()
    }
}

fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}
