use memchr::memmem;

/// What counts as a long run and as a small difference, in bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measure {
    /// The shortest run that counts; at least 2.
    pub(crate) shortest: usize,
    /// A difference of so many bytes is small, however long the run behind it is.
    pub(crate) small: usize,
}

/// A run of bytes that two texts have in common, each behind a part in which they differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CommonRun {
    /// Where it begins in the one text: the length of the part that differs.
    pub(crate) left: usize,
    /// Where it begins in the other.
    pub(crate) right: usize,
    /// How long it is.
    pub(crate) length: usize,
}

/// So many appearances of an anchor are looked at: beyond that the text repeats itself.
const APPEARANCES: usize = 4;

/// So many times the bytes of both texts are compared, whatever they are.
const WORK: usize = 4;

impl CommonRun {
    /// The longest run of `left` and `right`, two texts that part at their first byte, behind a difference that is
    /// small, or at most a quarter of the run.
    ///
    /// Anchors, each half as long as the shortest run, are taken from `left` so densely that each such run holds one.
    /// They are looked for in `right`, first as far from the beginning and from the end as in `left`, and extended in
    /// both directions. The run is the longest unless the anchors in it appear more than four times: of a text that
    /// repeats itself a shorter one may be found, and time stays linear.
    pub(crate) fn longest(left: &[u8], right: &[u8], measure: Measure) -> Option<CommonRun> {
        let anchor_bytes = measure.shortest / 2;
        let mut work = WORK * (left.len() + right.len());
        let mut runs: Vec<CommonRun> = Vec::new();
        for at in anchors(measure) {
            let Some(anchor) = left.get(at..at + anchor_bytes) else { break };
            let from_end = (at + right.len()).checked_sub(left.len());
            let aligned = [Some(at), from_end].into_iter().flatten();
            let aligned =
                aligned.filter(|there| right.get(*there..).is_some_and(|rest| rest.starts_with(anchor)));
            for there in aligned.chain(appearances(anchor, right).take(APPEARANCES)) {
                if runs.iter().any(|run| run.covers(at, there)) {
                    continue;
                }
                let run = CommonRun::around(left, right, at, there);
                let Some(rest) = work.checked_sub(run.length) else { return best(&runs, measure) };
                work = rest;
                runs.push(run);
            }
        }
        best(&runs, measure)
    }

    /// The run to which a byte of each text belongs, which are the same.
    fn around(left: &[u8], right: &[u8], at: usize, there: usize) -> CommonRun {
        let before = same_end(&left[..at], &right[..there]);
        let after = same_start(&left[at..], &right[there..]);
        CommonRun { left: at - before, right: there - before, length: before + after }
    }

    fn covers(&self, at: usize, there: usize) -> bool {
        (self.left..self.left + self.length).contains(&at) && at - self.left + self.right == there
    }

    fn counts(&self, measure: Measure) -> bool {
        let difference = self.left.max(self.right);
        self.length >= measure.shortest && difference <= measure.small.max(self.length / 4)
    }
}

/// The first of the longest.
fn best(runs: &[CommonRun], measure: Measure) -> Option<CommonRun> {
    runs.iter().rev().filter(|run| run.counts(measure)).max_by_key(|run| run.length).copied()
}

/// Where anchors begin: half of the shortest run apart while a small difference may be before them, and from there on
/// each twice as far as the last, because what differs is at most a quarter of the run then.
fn anchors(measure: Measure) -> impl Iterator<Item = usize> {
    let step = measure.shortest / 2;
    let next = move |at: &usize| if *at <= measure.small { Some(at + step) } else { at.checked_mul(2) };
    std::iter::successors(Some(0), next)
}

/// Where `anchor` appears in `text`; appearances may overlap.
fn appearances(anchor: &[u8], text: &[u8]) -> impl Iterator<Item = usize> {
    let finder = memmem::Finder::new(anchor).into_owned();
    let mut from = 0;
    std::iter::from_fn(move || {
        let at = from + finder.find(text.get(from..)?)?;
        from = at + 1;
        Some(at)
    })
}

/// How many bytes are compared at once.
const STRIDE: usize = 64;

/// How many bytes two texts begin with alike.
pub(crate) fn same_start(left: &[u8], right: &[u8]) -> usize {
    let strides = left.chunks_exact(STRIDE).zip(right.chunks_exact(STRIDE));
    let far = STRIDE * strides.take_while(|(left, right)| left == right).count();
    far + left[far..].iter().zip(&right[far..]).take_while(|(left, right)| left == right).count()
}

/// How many bytes two texts end with alike.
fn same_end(left: &[u8], right: &[u8]) -> usize {
    let strides = left.rchunks_exact(STRIDE).zip(right.rchunks_exact(STRIDE));
    let far = STRIDE * strides.take_while(|(left, right)| left == right).count();
    let (left, right) = (&left[..left.len() - far], &right[..right.len() - far]);
    far + left.iter().rev().zip(right.iter().rev()).take_while(|(left, right)| left == right).count()
}

#[cfg(test)]
mod tests;
