use super::id_key::IdKey;

/// Bits for each key: one in two hundred keys that were never added is taken for one that was.
const BITS_PER_KEY: usize = 12;

/// Bits that are set for a key, all in one block.
const MARKS: u32 = 7;

/// What a processor fetches from memory at once.
type Block = [u64; 8];

/// A set of keys that may hold some that were never added, but misses none (a Bloom filter, in blocks).
pub(crate) struct IdFilter {
    blocks: Vec<Block>,
}

impl IdFilter {
    /// An empty set with room for so many keys.
    pub(crate) fn for_keys(keys: usize) -> IdFilter {
        let blocks = (keys * BITS_PER_KEY).div_ceil(size_of::<Block>() * 8).max(1);
        IdFilter { blocks: vec![[0; 8]; blocks] }
    }

    pub(crate) fn add(&mut self, key: IdKey) {
        let block = key.bucket_of(self.blocks.len());
        for (word, bit) in marks(key) {
            self.blocks[block][word] |= bit;
        }
    }

    /// `false` only for keys that were not added.
    pub(crate) fn may_hold(&self, key: IdKey) -> bool {
        let block = &self.blocks[key.bucket_of(self.blocks.len())];
        marks(key).all(|(word, bit)| block[word] & bit != 0)
    }
}

/// The words and bits of a key in its block, by its last bits: the first have chosen the block.
fn marks(key: IdKey) -> impl Iterator<Item = (usize, u64)> {
    // 2^64 divided by the golden ratio: its products spread.
    const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
    #[expect(clippy::cast_possible_truncation, reason = "the last bits are meant")]
    let bits = (key.number() as u64).wrapping_mul(SPREAD);
    (0..MARKS).map(move |mark| {
        let nine = bits >> (1 + 9 * mark) & 511;
        ((nine >> 6) as usize, 1 << (nine & 63))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_is_missed_and_few_are_mistaken() {
        let keys = |range: std::ops::Range<u32>| range.map(|number| IdKey::of(&format!("request-{number}")));
        let mut filter = IdFilter::for_keys(100_000);
        keys(0..100_000).for_each(|key| filter.add(key));
        assert!(keys(0..100_000).all(|key| filter.may_hold(key)));
        let mistaken = keys(100_000..200_000).filter(|&key| filter.may_hold(key)).count();
        assert!(mistaken < 1_000, "{mistaken} of 100,000");
    }

    #[test]
    fn an_empty_filter_holds_nothing() {
        assert!(!IdFilter::for_keys(0).may_hold(IdKey::of("a")));
    }
}
