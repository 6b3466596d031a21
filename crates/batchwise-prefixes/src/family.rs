use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;

use batchwise_records::{FieldPath, Request, Step};

use crate::common_run::{CommonRun, Measure};
use crate::flat_prompt::FlatPrompt;
use crate::words::words;
use crate::{Divergence, Place, Point};

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
    /// How many bytes of keys and values would be shared in addition.
    pub(crate) gain: u64,
    /// A hash of what the other prompt has before that; where nothing repeats behind the difference, up to the end of the
    /// block in which it differs.
    beginning: u64,
}

/// What two prompts have in common, in bytes of the flat prompt of the one.
#[derive(Clone)]
struct Stretch {
    /// Blocks that are the same end there.
    whole: usize,
    /// The difference begins there.
    shared: usize,
    /// What repeats behind it; may be empty.
    run: Range<usize>,
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

/// A request that is compared with the first of each family.
pub(crate) struct Newcomer<'n> {
    pub(crate) line: &'n str,
    pub(crate) place: Place,
    request: Request<'n>,
    flat: FlatPrompt,
}

/// Longer paths are no advice, but may fill the memory.
const PATH_BYTES_MAX: usize = 1_024;

impl<'n> Newcomer<'n> {
    /// `None` where the line is no request.
    pub(crate) fn read(line: &'n str, model: &str, place: Place) -> Option<Newcomer<'n>> {
        let request = Request::parse(line.as_bytes()).ok()?;
        let flat = FlatPrompt::of(&request, model);
        Some(Newcomer { line, place, request, flat })
    }
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
        let shared = ours.shared_with(theirs);
        let common = CommonRun::longest(&ours.bytes()[shared..], &theirs.bytes()[shared..], measure);
        let stretch = Stretch {
            whole: ours.whole_blocks(theirs, shared),
            shared,
            run: common.map_or(shared..shared, |common| {
                let start = shared + common.left;
                ours.whole_characters(start..start + common.length)
            }),
        };
        if let Some(gain) = stretch.gain(ours, measure)
            && let Some((left, right)) = points(&first, newcomer, model)
        {
            let (other, byte) = (newcomer.place, right.byte_in(newcomer.line));
            let beginning = match common {
                Some(common) => &theirs.bytes()[..shared + common.right],
                None => theirs.up_to_block_of(shared),
            };
            let beginning = hash(beginning);
            return Kinship::Near(Box::new(Pair { other, left, right, byte, stretch, gain, beginning }));
        }
        match ours.content_bytes(0..shared) >= measure.shortest as u64 {
            true => Kinship::Beginning,
            false => Kinship::None,
        }
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

impl Stretch {
    /// What could be shared beside whole blocks, in bytes of keys and values: if it is long, and more than those.
    fn gain(&self, ours: &FlatPrompt, measure: Measure) -> Option<u64> {
        let gain = ours.content_bytes(self.whole..self.shared) + ours.content_bytes(self.run.clone());
        (gain >= measure.shortest as u64 && gain > ours.content_bytes(0..self.whole)).then_some(gain)
    }

    /// What both have.
    fn and(self, other: Stretch) -> Stretch {
        let (start, end) = (self.run.start.max(other.run.start), self.run.end.min(other.run.end));
        Stretch {
            whole: self.whole.max(other.whole),
            shared: self.shared.min(other.shared),
            run: start..end.max(start),
        }
    }

    /// Whether it has all of the other.
    fn has(&self, other: &Stretch) -> bool {
        self.whole <= other.whole
            && self.shared >= other.shared
            && (other.run.is_empty() || self.run.start <= other.run.start && other.run.end <= self.run.end)
    }
}

/// Where the prompts part, if both go on, in fields that have a name of a reasonable length.
fn points(first: &Newcomer<'_>, other: &Newcomer<'_>, model: &str) -> Option<(Point, Point)> {
    let divergence = Divergence::between((&first.request, model), (&other.request, model))?;
    let points = divergence.left.zip(divergence.right)?;
    (is_readable(&points.0.path) && is_readable(&points.1.path)).then_some(points)
}

fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}

fn is_readable(path: &FieldPath) -> bool {
    let bytes = |step: &Step| match step {
        Step::Key(key) => key.len(),
        Step::Index(_) => 1,
    };
    path.0.iter().map(bytes).sum::<usize>() <= PATH_BYTES_MAX
}
