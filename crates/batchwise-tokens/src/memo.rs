use std::collections::HashMap;
use std::fmt;
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{OnceLock, PoisonError, RwLock};

use foldhash::fast::FixedState;

/// Texts shorter than this are counted faster than they are looked up.
pub(crate) const TEXT_BYTES_MIN: usize = 256;

/// How many texts can be remembered as seen once.
const SEEN_SLOTS: usize = 16_384;

/// Remembers the answers for texts that come again, such as a system prompt that all requests share.
///
/// A text is kept from its second appearance on, so that texts which appear once cost no memory. An answer
/// is given only after the whole text was compared. Kept texts take `bytes_max` bytes at most: when they
/// would take more, all are dropped.
pub(crate) struct Memo<V> {
    bytes_max: usize,
    seen: OnceLock<Box<[AtomicU64]>>,
    kept: RwLock<Kept<V>>,
}

struct Kept<V> {
    answers: HashMap<u64, (Box<str>, V)>,
    bytes: usize,
}

impl<V: Clone> Memo<V> {
    pub(crate) fn new(bytes_max: usize) -> Memo<V> {
        Memo {
            bytes_max,
            seen: OnceLock::new(),
            kept: RwLock::new(Kept { answers: HashMap::new(), bytes: 0 }),
        }
    }

    /// The answer for `text`: remembered, or computed by `answer`, which must depend on `text` only.
    pub(crate) fn get(&self, text: &str, answer: impl FnOnce(&str) -> V) -> V {
        if text.len() < TEXT_BYTES_MIN || text.len() > self.bytes_max {
            return answer(text);
        }
        let hash = hash(text);
        {
            let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
            if let Some((known, value)) = kept.answers.get(&hash)
                && **known == *text
            {
                return value.clone();
            }
        }
        let value = answer(text);
        let seen = self.seen.get_or_init(|| (0..SEEN_SLOTS).map(|_| AtomicU64::new(0)).collect());
        let slot = &seen[usize::try_from(hash % SEEN_SLOTS as u64).expect("a slot is a small number")];
        if slot.swap(hash, Ordering::Relaxed) == hash {
            self.keep(hash, text, value.clone());
        }
        value
    }

    fn keep(&self, hash: u64, text: &str, value: V) {
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        if kept.bytes + text.len() > self.bytes_max {
            kept.answers.clear();
            kept.bytes = 0;
        }
        kept.bytes += text.len();
        if let Some((replaced, _)) = kept.answers.insert(hash, (text.into(), value)) {
            kept.bytes -= replaced.len();
        }
    }
}

impl<V> fmt::Debug for Memo<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memo").field("bytes_max", &self.bytes_max).finish_non_exhaustive()
    }
}

fn hash(text: &str) -> u64 {
    FixedState::default().hash_one(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    /// Asks for each text in turn and says how often the answer had to be computed.
    #[track_caller]
    fn check(bytes_max: usize, texts: &[&str], computed: u32) {
        let memo = Memo::new(bytes_max);
        let calls = Cell::new(0);
        for text in texts {
            let answer = memo.get(text, |text| {
                calls.set(calls.get() + 1);
                text.len()
            });
            assert_eq!(answer, text.len());
            assert!(memo.kept.read().unwrap().bytes <= bytes_max);
        }
        assert_eq!(calls.get(), computed);
    }

    #[test]
    fn texts_that_come_again_are_computed_twice() {
        let (a, b) = ("a".repeat(300), "b".repeat(400));
        check(10_000, &[&a, &a, &a, &a], 2);
        check(10_000, &[&a, &b, &a, &b, &a, &b], 4);
        check(10_000, &["short", "short", "short"], 3);
    }

    #[test]
    fn memory_is_bounded() {
        let (a, b) = ("a".repeat(300), "b".repeat(400));
        check(350, &[&b, &b, &b], 3); //                 too long to keep
        check(500, &[&a, &a, &a, &b, &b, &b, &a], 5); // one drops the other
    }
}
