/// The number of blocks and of bytes of what was forgotten: whether a prefix may have been among it. It knows no
/// hashes, so that its answers are the same in each run.
pub(crate) struct Forgotten(Box<[u64]>);

impl Forgotten {
    /// How many marks there are: 128 kB.
    const BITS: u64 = 1 << 20;

    pub(crate) fn new() -> Forgotten {
        let words = usize::try_from(Forgotten::BITS / 64).expect("few words");
        Forgotten(vec![0; words].into_boxed_slice())
    }

    pub(crate) fn add(&mut self, blocks: usize, bytes: u64) {
        let (word, bit) = Forgotten::bit(blocks, bytes);
        self.0[word] |= bit;
    }

    /// `false` only for what was not added.
    pub(crate) fn may_hold(&self, blocks: usize, bytes: u64) -> bool {
        let (word, bit) = Forgotten::bit(blocks, bytes);
        self.0[word] & bit != 0
    }

    fn bit(blocks: usize, bytes: u64) -> (usize, u64) {
        // 2^64 divided by the golden ratio: its products spread.
        const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
        let spot = (bytes.wrapping_mul(SPREAD) ^ blocks as u64).wrapping_mul(SPREAD) >> 44;
        (usize::try_from(spot / 64).expect("a small number"), 1 << (spot % 64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_is_missed_and_few_are_mistaken() {
        let mut forgotten = Forgotten::new();
        (0..10_000).for_each(|bytes| forgotten.add(2, bytes));
        assert!((0..10_000).all(|bytes| forgotten.may_hold(2, bytes)));
        let mistaken = (0..10_000).filter(|&bytes| forgotten.may_hold(1, bytes)).count();
        assert!(mistaken < 200, "{mistaken} of 10,000");
    }
}
