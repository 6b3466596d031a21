/// A stream of numbers that look random and follow from a seed: SplitMix64, as in
/// <https://prng.di.unimi.it/splitmix64.c>. Equal seeds give equal streams on every machine.
#[derive(Clone, Debug)]
pub(crate) struct Chance(u64);

/// The letters of ids: digits and letters without those that look alike.
const LETTERS: &[u8] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/// How many letters an id has behind its prefix.
const ID_LETTERS: usize = 22;

impl Chance {
    pub(crate) fn new(seed: u64) -> Chance {
        Chance(seed)
    }

    /// The stream of one thing among many of the same seed.
    pub(crate) fn of(seed: u64, thing: u64, part: u64) -> Chance {
        let mut chance = Chance(seed ^ thing.wrapping_mul(0xd6e8_feb8_6659_fd93));
        chance.0 = chance.next() ^ part.wrapping_mul(0xa076_1d64_78bd_642f);
        chance
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, which is not 0. Its bias is far below anything that shows.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// A number from `low` to `high`.
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high.saturating_sub(low).saturating_add(1).max(1))
    }

    /// Whether something happens that happens `percent` times in a hundred.
    pub(crate) fn happens(&mut self, percent: u8) -> bool {
        percent >= 100 || self.below(100) < u64::from(percent)
    }

    /// The numbers below `count` in some order.
    pub(crate) fn shuffled(&mut self, count: u32) -> Vec<u32> {
        let mut order: Vec<u32> = (0..count).collect();
        for last in (1..order.len()).rev() {
            let other = usize::try_from(self.below(last as u64 + 1)).expect("below a length");
            order.swap(last, other);
        }
        order
    }

    /// An id in the form of the API's, such as `msgbatch_01…`.
    pub(crate) fn id(&mut self, prefix: &str) -> String {
        let letter = |_| LETTERS[usize::try_from(self.below(LETTERS.len() as u64)).expect("58 letters")];
        let letters: Vec<u8> = (0..ID_LETTERS).map(letter).collect();
        format!("{prefix}01{}", String::from_utf8_lossy(&letters))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_seeds_give_equal_streams() {
        let ids = |seed| Chance::new(seed).id("msgbatch_");
        assert_eq!(ids(1), ids(1));
        assert_ne!(ids(1), ids(2));
        assert_eq!(ids(7).len(), "msgbatch_01HkcTjaV5uDC8jWR4ZsDV8d".len());
    }

    #[test]
    fn a_shuffle_loses_nothing() {
        let mut order = Chance::new(3).shuffled(1_000);
        assert!(!order.is_sorted());
        order.sort_unstable();
        assert_eq!(order, (0..1_000).collect::<Vec<u32>>());
        assert!(Chance::new(3).shuffled(0).is_empty());
    }

    #[test]
    fn what_happens_always_or_never_is_sure() {
        let mut chance = Chance::new(5);
        assert!((0..100).all(|_| chance.happens(100) && !chance.happens(0)));
        assert!((0..100).all(|_| (3..=5).contains(&chance.between(3, 5))));
    }
}
