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
    /// More behind a difference than before it.
    Near(Box<Pair>),
}

/// A request that repeats the first of a family but for a small part.
pub(crate) struct Pair {
    pub(crate) other: Place,
    pub(crate) left: Point,
    pub(crate) right: Point,
    pub(crate) byte: Option<usize>,
    pub(crate) shared_bytes: u64,
    pub(crate) repeated_bytes: u64,
    /// What repeats, in the flat prompt of the first.
    run: Range<usize>,
    /// A hash of all that the other has before that.
    beginning: u64,
}

/// What most pairs of a family repeat.
pub(crate) struct Verdict<'f> {
    /// The first pair that is alike.
    pub(crate) pair: &'f Pair,
    pub(crate) alike: u64,
    /// The different beginnings that they have.
    pub(crate) beginnings: u64,
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
        let shared_bytes = ours.content_bytes(0..shared);
        if let Some(common) = CommonRun::longest(&ours.bytes()[shared..], &theirs.bytes()[shared..], measure)
        {
            let start = shared + common.left;
            let run = ours.whole_characters(start..start + common.length);
            let repeated_bytes = ours.content_bytes(run.clone());
            if repeated_bytes > shared_bytes && repeated_bytes >= measure.shortest as u64 {
                return match points(&first, newcomer, model) {
                    Some((left, right)) => Kinship::Near(Box::new(Pair {
                        other: newcomer.place,
                        byte: right.byte_in(newcomer.line),
                        left,
                        right,
                        shared_bytes,
                        repeated_bytes,
                        run,
                        beginning: hash(&theirs.bytes()[..shared + common.right]),
                    })),
                    None => Kinship::Beginning,
                };
            }
        }
        match shared_bytes >= measure.shortest as u64 {
            true => Kinship::Beginning,
            false => Kinship::None,
        }
    }

    /// What at least three of four of the pairs repeat, behind a difference in the same field.
    pub(crate) fn verdict(&self, model: &str, measure: Measure) -> Option<Verdict<'_>> {
        let quorum = usize::try_from((3 * self.compared).div_ceil(4)).ok()?.max(1);
        let mut pairs = self.most_frequent();
        pairs.sort_by_key(|pair| std::cmp::Reverse(pair.run.len()));
        let longest = pairs.get(..quorum)?;
        let start = longest.iter().map(|pair| pair.run.start).max()?;
        let end = longest.iter().map(|pair| pair.run.end).min()?;
        let alike: Vec<&Pair> =
            pairs.into_iter().filter(|pair| pair.run.start <= start && end <= pair.run.end).collect();
        let beginnings: BTreeSet<u64> = alike.iter().map(|pair| pair.beginning).collect();
        let pair = alike.iter().min_by_key(|pair| pair.other)?;
        let first = Newcomer::read(&self.line, model, self.first)?;
        let repeated_bytes = first.flat.content_bytes(start..end);
        (repeated_bytes >= measure.shortest as u64 && repeated_bytes > pair.shared_bytes).then(|| Verdict {
            pair,
            alike: alike.len() as u64,
            beginnings: beginnings.len() as u64,
            repeated: words(&first.request, model, start..end),
            repeated_bytes,
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
