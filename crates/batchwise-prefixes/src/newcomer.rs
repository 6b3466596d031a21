use batchwise_records::{FieldPath, Request, Step};

use crate::flat_prompt::FlatPrompt;
use crate::{Divergence, Place, Point};

/// A request as it is compared with others.
pub(crate) struct Newcomer<'n> {
    pub(crate) line: &'n str,
    pub(crate) place: Place,
    pub(crate) request: Request<'n>,
    pub(crate) flat: FlatPrompt,
}

/// More take much memory to compare.
const PIECES_MAX: usize = 1 << 16;

/// Longer paths are no advice, but may fill the memory.
const PATH_BYTES_MAX: usize = 1_024;

impl<'n> Newcomer<'n> {
    /// `None` where the line is no request, or has too many keys and values.
    pub(crate) fn read(line: &'n str, model: &str, place: Place) -> Option<Newcomer<'n>> {
        let request = Request::parse(line.as_bytes()).ok()?;
        let flat = FlatPrompt::of(&request, model);
        (flat.pieces() <= PIECES_MAX).then_some(Newcomer { line, place, request, flat })
    }

    /// Where its prompt and another part, if both go on, in fields that have a name of a reasonable length.
    pub(crate) fn points(&self, other: &Newcomer<'_>, model: &str) -> Option<(Point, Point)> {
        let divergence = Divergence::between((&self.request, model), (&other.request, model))?;
        let points = divergence.left.zip(divergence.right)?;
        (is_readable(&points.0.path) && is_readable(&points.1.path)).then_some(points)
    }
}

fn is_readable(path: &FieldPath) -> bool {
    let bytes = |step: &Step| match step {
        Step::Key(key) => key.len(),
        Step::Index(_) => 1,
    };
    path.0.iter().map(bytes).sum::<usize>() <= PATH_BYTES_MAX
}
