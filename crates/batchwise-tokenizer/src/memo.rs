use std::cell::RefCell;

use crate::Version;

/// How many words are remembered: a power of two.
const SLOTS: usize = 16_384;

/// Longer words are counted anew each time.
const KEY_BYTES_MAX: usize = 15;

/// Remembers what words cost. A word goes to one slot only and drives out what was there.
///
/// A slot holds the word, padded with zeros, in its low 15 bytes and the cost in the highest one; no two
/// different words are equal there, so an answer is never that of another word.
pub(crate) struct Memo {
    slots: Box<[u128]>,
}

/// A word as a number.
#[derive(Clone, Copy)]
pub(crate) struct Key(u128);

const COST_SHIFT: u32 = 120;

impl Key {
    /// `None` where the word is too long.
    pub(crate) fn new(word: &[u8]) -> Option<Key> {
        let mut bytes = [0; 16];
        bytes[..KEY_BYTES_MAX].get_mut(..word.len())?.copy_from_slice(word);
        Some(Key(u128::from_le_bytes(bytes)))
    }

    /// The first `length` bytes of a window of sixteen.
    pub(crate) fn of_window(window: u128, length: usize) -> Option<Key> {
        (length <= KEY_BYTES_MAX).then(|| Key(window & ((1 << (8 * length)) - 1)))
    }

    /// The first `length` bytes of a window, at most 13, between two others.
    pub(crate) fn of_signs(window: u128, length: usize, before: Option<u8>, after: Option<u8>) -> Key {
        let signs = (window & ((1 << (8 * length)) - 1)) | u128::from(after.unwrap_or(0)) << (8 * length);
        Key(before.map_or(signs, |before| signs << 8 | u128::from(before)))
    }

    #[allow(
        clippy::cast_possible_truncation,
        reason = "both halves of the number are wanted, and of the hash its top"
    )]
    fn slot(self) -> usize {
        let mixed = (self.0 as u64) ^ ((self.0 >> 64) as u64).rotate_left(29);
        (mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - SLOTS.trailing_zeros())) as usize
    }
}

impl Memo {
    fn new() -> Memo {
        Memo { slots: vec![0; SLOTS].into() }
    }

    /// What the word costs: remembered, or `cost()`.
    pub(crate) fn get(&mut self, key: Key, cost: impl FnOnce() -> u64) -> u64 {
        let slot = &mut self.slots[key.slot()];
        let known = *slot ^ key.0;
        if known >> COST_SHIFT << COST_SHIFT == known && known != 0 {
            return u64::try_from(known >> COST_SHIFT).expect("a cost is one byte");
        }
        let cost = cost();
        if let Ok(byte @ 1..) = u8::try_from(cost) {
            *slot = key.0 | u128::from(byte) << COST_SHIFT;
        }
        cost
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
