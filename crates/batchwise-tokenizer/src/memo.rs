use std::cell::RefCell;

use crate::Version;

/// How many sets of short words are remembered, and of long ones: powers of two.
const SHORT_SETS: usize = 8_192;
const LONG_SETS: usize = 1_024;

/// A larger buffer is not kept for the next text.
const SPARE_BYTES_MAX: usize = 4096;

/// Remembers what words cost. Words of more than 31 bytes are counted anew each time.
pub(crate) struct Memo {
    short: Table<2>,
    long: Table<4>,
    spare: Vec<u8>,
}

/// A word as `W` numbers of eight bytes, its first byte lowest, padded with zeros; the highest byte is free. No two
/// different words are equal here, so an answer is never that of another word.
#[derive(Clone, Copy)]
pub(crate) struct Key<const W: usize>([u64; W]);

/// Words and what they cost. A word belongs to one set, where it drives out one that was seldom asked for.
struct Table<const W: usize> {
    sets: Box<[[Slot<W>; WAYS]]>,
}

/// How many words share a set.
const WAYS: usize = 4;

/// A word and, in the highest byte, its cost. All zeros: no word yet.
#[derive(Clone, Copy)]
struct Slot<const W: usize>([u64; W]);

const COST_SHIFT: u32 = 56;

/// Keeps the lowest so many bytes.
const LOWEST: [u64; 9] = [
    0,
    0xFF,
    0xFFFF,
    0xFF_FFFF,
    0xFFFF_FFFF,
    0xFF_FFFF_FFFF,
    0xFFFF_FFFF_FFFF,
    0xFF_FFFF_FFFF_FFFF,
    u64::MAX,
];

impl Key<2> {
    /// The first `length` bytes, up to eight, of those in `bytes`.
    pub(crate) fn short(bytes: u64, length: usize) -> Key<2> {
        Key([bytes & LOWEST[length], 0])
    }

    /// Eight bytes and the first `length`, up to seven, of those in `bytes`.
    pub(crate) fn long(first: u64, bytes: u64, length: usize) -> Key<2> {
        Key([first, bytes & LOWEST[length]])
    }
}

impl<const W: usize> Key<W> {
    /// The first `length` bytes of `text`; `None` where they are too many.
    fn of(text: &[u8], length: usize) -> Option<Key<W>> {
        let number = |at: usize| match length.saturating_sub(at) {
            0 => 0,
            rest => eight(text, at) & LOWEST[rest.min(8)],
        };
        (length < 8 * W).then(|| Key(std::array::from_fn(|index| number(8 * index))))
    }

    #[allow(clippy::cast_possible_truncation, reason = "the number of a set is small")]
    fn set(self, sets: usize) -> usize {
        let mixed = self.0.iter().fold(0, |mixed: u64, number| mixed.rotate_left(29) ^ number);
        (mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - sets.trailing_zeros())) as usize
    }
}

impl<const W: usize> Slot<W> {
    fn new(Key(mut numbers): Key<W>, cost: u64) -> Slot<W> {
        numbers[W - 1] |= cost << COST_SHIFT;
        Slot(numbers)
    }

    /// What the word costs, if this is its slot.
    fn cost_of(&self, key: Key<W>) -> Option<u64> {
        let cost = self.0[W - 1] >> COST_SHIFT;
        (cost != 0 && self.0[W - 1] << 8 == key.0[W - 1] << 8 && self.0[..W - 1] == key.0[..W - 1])
            .then_some(cost)
    }
}

impl<const W: usize> Table<W> {
    fn new(sets: usize) -> Table<W> {
        Table { sets: vec![[Slot([0; W]); WAYS]; sets].into() }
    }

    /// A word that is asked for again moves forward in its set; a new one takes the last place.
    #[inline]
    fn get(&mut self, key: Key<W>, cost: impl FnOnce() -> u64) -> u64 {
        let set = &mut self.sets[key.set(self.sets.len())];
        if let Some(cost) = set[0].cost_of(key) {
            return cost;
        }
        for at in 1..WAYS {
            if let Some(cost) = set[at].cost_of(key) {
                set.swap(at, at - 1);
                return cost;
            }
        }
        let cost = cost();
        if (1..=0xFF).contains(&cost) {
            set[WAYS - 1] = Slot::new(key, cost);
        }
        cost
    }
}

impl Memo {
    fn new() -> Memo {
        Memo { short: Table::new(SHORT_SETS), long: Table::new(LONG_SETS), spare: Vec::new() }
    }

    /// A buffer that an earlier text has left, so that a text needs none of its own.
    pub(crate) fn take_spare(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.spare)
    }

    /// Leaves a buffer for the next text.
    pub(crate) fn leave_spare(&mut self, buffer: Vec<u8>) {
        if buffer.capacity() <= SPARE_BYTES_MAX {
            self.spare = buffer;
        }
    }

    /// What the word costs: remembered, or `cost()`.
    pub(crate) fn get(&mut self, key: Key<2>, cost: impl FnOnce() -> u64) -> u64 {
        self.short.get(key, cost)
    }

    /// The same for the word that is the first `length` bytes of `text`, whatever its length.
    pub(crate) fn get_any(&mut self, text: &[u8], length: usize, cost: impl FnOnce() -> u64) -> u64 {
        if let Some(key) = Key::of(text, length) {
            return self.short.get(key, cost);
        }
        match Key::of(text, length) {
            Some(key) => self.long.get(key, cost),
            None => cost(),
        }
    }
}

/// Eight bytes from `at` on as one number, the first byte lowest. Beyond the end are zeros.
pub(crate) fn eight(bytes: &[u8], at: usize) -> u64 {
    match bytes[at..].first_chunk() {
        Some(chunk) => u64::from_le_bytes(*chunk),
        None => {
            let mut chunk = [0; 8];
            chunk[..bytes.len() - at].copy_from_slice(&bytes[at..]);
            u64::from_le_bytes(chunk)
        }
    }
}

thread_local! {
    static MEMOS: RefCell<[Option<Memo>; 2]> = const { RefCell::new([None, None]) };
}

/// Lends the memo of this thread for the vocabulary of `version`.
pub(crate) fn with<R>(version: Version, work: impl FnOnce(&mut Memo) -> R) -> R {
    let index = usize::from(version != Version::Claude3);
    MEMOS.with_borrow_mut(|memos| work(memos[index].get_or_insert_with(Memo::new)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_apart_whatever_their_length() {
        let mut memo = Memo::new();
        let words: Vec<String> = (0..40).map(|length| "w".repeat(length)).collect();
        for (cost, word) in (1..).zip(&words) {
            assert_eq!(memo.get_any(word.as_bytes(), word.len(), || cost), cost);
        }
        for (cost, word) in (1..).zip(&words) {
            let expected = if word.len() < 32 { cost } else { 99 };
            assert_eq!(memo.get_any(word.as_bytes(), word.len(), || 99), expected, "{word}");
        }
    }

    #[test]
    fn a_word_that_is_asked_for_often_stays() {
        let mut memo = Memo::new();
        for number in 0..1_000_000_u32 {
            let asked = memo.get_any(b"often enough", 5, || if number == 0 { 7 } else { 8 });
            assert_eq!(asked, 7);
            let seldom = format!("seldom{number}");
            memo.get_any(seldom.as_bytes(), seldom.len(), || 1);
        }
    }
}
