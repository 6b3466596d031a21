use batchwise_tokens::InputEstimate;
use batchwise_units::{Estimate, Tokens};

use crate::{Group, PrefixChain};

/// How many tokens the prefixes of one request have, as far as its estimate tells.
pub(crate) struct KnownSizes {
    /// The estimates at the ends of blocks, in the order of the blocks.
    points: Vec<(usize, Estimate<Tokens>)>,
    bounded: bool,
}

/// How many tokens a prefix has: an estimate, or bounds from the estimates around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) tokens: Estimate<Tokens>,
    pub(crate) is_estimated: bool,
    pub(crate) is_bounded: bool,
}

impl KnownSizes {
    /// Breakpoints of the estimate belong to those of the chain in their order. An estimate leaves an automatic one out
    /// where nothing of any size stands behind the one before: both have the same size then. Where they differ in any
    /// other way, only the whole is known.
    pub(crate) fn of(chain: &PrefixChain, input: &InputEstimate) -> KnownSizes {
        let (marks, found) = (chain.marks(), &input.breakpoints);
        let is_left_out = marks.len() == found.len() + 1 && marks.last().is_some_and(|mark| mark.automatic);
        let mut points: Vec<(usize, Estimate<Tokens>)> = Vec::new();
        if marks.len() == found.len() || is_left_out {
            points = marks.iter().zip(found).map(|(mark, found)| (mark.block, found.prefix)).collect();
        }
        if let Some(last) = chain.blocks().len().checked_sub(1)
            && points.last().is_none_or(|&(block, _)| block < last)
        {
            points.push((last, input.total));
        }
        KnownSizes { points, bounded: input.bounded }
    }

    /// The size of the prefix that ends at `block`.
    pub(crate) fn at(&self, block: usize) -> Size {
        let (is_estimated, is_bounded) = (true, self.bounded);
        let next = self.points.partition_point(|&(known, _)| known < block);
        let above = self.points.get(next).map(|&(_, tokens)| tokens);
        match above.filter(|_| self.points[next].0 == block) {
            Some(tokens) => Size { tokens, is_estimated, is_bounded },
            None => {
                let low = next.checked_sub(1).map_or(Tokens(0), |below| self.points[below].1.low());
                let high = above.map_or(low, |tokens| tokens.high().max(low));
                Size { tokens: Estimate::between(low, high), is_estimated: false, is_bounded }
            }
        }
    }
}

impl Size {
    pub(crate) fn of(group: &Group) -> Size {
        Size { tokens: group.tokens, is_estimated: group.is_estimated, is_bounded: group.is_bounded }
    }

    /// What two requests together say of a prefix that they share. It has one size, so bounds narrow each other, and
    /// an estimate beats them. Estimates of it may differ with the requests around it: the range spans all.
    pub(crate) fn with(self, other: Size) -> Size {
        let (mine, theirs) = (self.tokens, other.tokens);
        let tokens = match (self.is_estimated, other.is_estimated) {
            (true, false) => mine,
            (false, true) => theirs,
            (true, true) => spanning(mine, theirs),
            (false, false) => {
                let (low, high) = (mine.low().max(theirs.low()), mine.high().min(theirs.high()));
                if low <= high { Estimate::between(low, high) } else { spanning(mine, theirs) }
            }
        };
        let is_estimated = self.is_estimated || other.is_estimated;
        Size { tokens, is_estimated, is_bounded: self.is_bounded && other.is_bounded }
    }
}

/// From the lower low to the higher high, with the first likely value, where both have one.
fn spanning(mine: Estimate<Tokens>, theirs: Estimate<Tokens>) -> Estimate<Tokens> {
    let (low, high) = (mine.low().min(theirs.low()), mine.high().max(theirs.high()));
    match mine.likely().zip(theirs.likely()) {
        Some((likely, _)) => Estimate::new(low, likely, high),
        None => Estimate::between(low, high),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(is_estimated: bool, ends: [u64; 2], likely: Option<u64>) -> Size {
        let [low, high] = ends.map(Tokens);
        let tokens = match likely {
            Some(likely) => Estimate::new(low, Tokens(likely), high),
            None => Estimate::between(low, high),
        };
        Size { tokens, is_estimated, is_bounded: true }
    }

    #[test]
    fn bounds_narrow_and_estimates_widen() {
        let bounds = |low, high| size(false, [low, high], None);
        let estimate = |low, likely, high| size(true, [low, high], Some(likely));
        assert_eq!(bounds(0, 900).with(bounds(100, 950)), bounds(100, 900));
        assert_eq!(bounds(0, 900).with(estimate(500, 505, 510)), estimate(500, 505, 510));
        assert_eq!(estimate(500, 505, 510).with(bounds(0, 900)), estimate(500, 505, 510));
        assert_eq!(estimate(500, 505, 510).with(estimate(498, 503, 507)), estimate(498, 505, 510));
        assert_eq!(estimate(5, 6, 7).with(size(true, [4, 9], None)), size(true, [4, 9], None));
        assert_eq!(bounds(0, 10).with(bounds(11, 20)), bounds(0, 20), "estimates of the ends may contradict");
    }
}
