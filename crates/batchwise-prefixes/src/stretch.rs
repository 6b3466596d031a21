use std::ops::Range;

use crate::common_run::{CommonRun, Measure};
use crate::flat_prompt::FlatPrompt;

/// What two prompts have in common, in bytes of the flat prompt of the one.
#[derive(Clone)]
pub(crate) struct Stretch {
    /// Blocks that are the same end there.
    pub(crate) whole: usize,
    /// The difference begins there.
    pub(crate) shared: usize,
    /// What repeats behind it; may be empty.
    pub(crate) run: Range<usize>,
}

impl Stretch {
    /// What two prompts have in common; and of `theirs` what is before the run, or where nothing repeats, all up to the
    /// end of the block in which they differ.
    pub(crate) fn between<'t>(
        ours: &FlatPrompt,
        theirs: &'t FlatPrompt,
        measure: Measure,
    ) -> (Stretch, &'t [u8]) {
        let shared = ours.shared_with(theirs);
        let whole = ours.whole_blocks(theirs, shared);
        let Some(common) = CommonRun::longest(&ours.bytes()[shared..], &theirs.bytes()[shared..], measure)
        else {
            return (Stretch { whole, shared, run: shared..shared }, theirs.up_to_block_end(shared));
        };
        let start = shared + common.left;
        let run = ours.whole_characters(start..start + common.length);
        (Stretch { whole, shared, run }, &theirs.bytes()[..shared + common.right])
    }

    /// What could be shared beside whole blocks, in bytes of keys and values: if it is long, and more than those.
    pub(crate) fn gain(&self, ours: &FlatPrompt, measure: Measure) -> Option<u64> {
        let gain = ours.content_bytes(self.whole..self.shared) + ours.content_bytes(self.run.clone());
        (gain >= measure.shortest as u64 && gain > ours.content_bytes(0..self.whole)).then_some(gain)
    }

    /// What both have.
    pub(crate) fn and(self, other: Stretch) -> Stretch {
        let (start, end) = (self.run.start.max(other.run.start), self.run.end.min(other.run.end));
        Stretch {
            whole: self.whole.max(other.whole),
            shared: self.shared.min(other.shared),
            run: start..end.max(start),
        }
    }

    /// Whether it has all of the other.
    pub(crate) fn has(&self, other: &Stretch) -> bool {
        self.whole <= other.whole
            && self.shared >= other.shared
            && (other.run.is_empty() || self.run.start <= other.run.start && other.run.end <= self.run.end)
    }
}
