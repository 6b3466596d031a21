use std::cell::RefCell;

use crate::Version;

/// How many words are remembered: a power of two.
const SLOTS: usize = 32_768;

/// Longer words are counted anew each time.
const KEY_BYTES_MAX: usize = 15;

/// A larger buffer is not kept for the next text.
const SPARE_BYTES_MAX: usize = 4096;

/// Remembers what words cost. A word goes to one slot only and drives out what was there.
pub(crate) struct Memo {
    slots: Box<[Slot]>,
    spare: Vec<u8>,
}

/// A word and, in the highest byte, its cost. No two different words are equal here, so an answer is never that
/// of another word. All zeros: no word yet.
#[derive(Clone, Copy)]
struct Slot(u64, u64);

/// A word of up to fifteen bytes as two numbers, its first byte lowest, padded with zeros.
#[derive(Clone, Copy)]
pub(crate) struct Key(u64, u64);

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

impl Key {
    /// `None` where the word is too long.
    pub(crate) fn new(word: &[u8]) -> Option<Key> {
        let mut bytes = [0; 16];
        bytes[..KEY_BYTES_MAX].get_mut(..word.len())?.copy_from_slice(word);
        let (low, high) = bytes.split_first_chunk().expect("sixteen is more than eight");
        let high = high.first_chunk().expect("another eight");
        Some(Key(u64::from_le_bytes(*low), u64::from_le_bytes(*high)))
    }

    /// The first `length` bytes, up to eight, of those in `bytes`.
    pub(crate) fn short(bytes: u64, length: usize) -> Key {
        Key(bytes & LOWEST[length], 0)
    }

    /// Eight bytes and the first `length`, up to seven, of those in `bytes`.
    pub(crate) fn long(first: u64, bytes: u64, length: usize) -> Key {
        Key(first, bytes & LOWEST[length])
    }

    #[allow(clippy::cast_possible_truncation, reason = "a slot is a small number")]
    fn slot(self) -> usize {
        let mixed = self.0 ^ self.1.rotate_left(29);
        (mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - SLOTS.trailing_zeros())) as usize
    }
}

impl Memo {
    fn new() -> Memo {
        Memo { slots: vec![Slot(0, 0); SLOTS].into(), spare: Vec::new() }
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
    pub(crate) fn get(&mut self, key: Key, cost: impl FnOnce() -> u64) -> u64 {
        let slot = &mut self.slots[key.slot()];
        if slot.0 == key.0 && slot.1 << 8 == key.1 << 8 && slot.1 >> COST_SHIFT != 0 {
            return slot.1 >> COST_SHIFT;
        }
        let cost = cost();
        if (1..=0xFF).contains(&cost) {
            *slot = Slot(key.0, key.1 | cost << COST_SHIFT);
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
