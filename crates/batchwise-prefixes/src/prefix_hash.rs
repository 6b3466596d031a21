use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::LazyLock;

use foldhash::SharedSeed;
use foldhash::quality::FoldHasher;

use crate::piece::Piece;

/// What tells the beginning of a prompt from others: 128 bits over all its pieces.
///
/// Among a hundred million beginnings, two share a hash by chance with a probability of one in 10^22. It is good within
/// one process only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PrefixHash(u128);

/// A hash that grows with the prompt: two hashers of 64 bits with seeds of their own, over the same pieces.
#[derive(Clone)]
pub(crate) struct RollingHash {
    hashers: [FoldHasher<'static>; 2],
    /// Small pieces that are not hashed yet: they cost less together.
    waiting: Vec<u8>,
}

/// Pieces that are longer are hashed where they are.
const SMALL: usize = 256;

/// So many bytes may wait.
const WAITING_MAX: usize = 1024;

impl RollingHash {
    pub(crate) fn new() -> RollingHash {
        let seeds: &'static [(u64, SharedSeed); 2] = &SEEDS;
        RollingHash {
            hashers: seeds.each_ref().map(|(start, secret)| FoldHasher::with_seed(*start, secret)),
            waiting: Vec::with_capacity(WAITING_MAX + SMALL + 8),
        }
    }

    /// The length stands before the bytes, so no two sequences of pieces write the same.
    pub(crate) fn take(&mut self, piece: &Piece<'_>) {
        let (tag, bytes) = piece.parts();
        self.waiting.extend_from_slice(&((bytes.len() as u64) << 8 | u64::from(tag)).to_le_bytes());
        if bytes.len() <= SMALL {
            self.waiting.extend_from_slice(bytes);
            if self.waiting.len() > WAITING_MAX {
                self.hash_waiting();
            }
        } else {
            self.hash_waiting();
            self.hashers.iter_mut().for_each(|hasher| hasher.write(bytes));
        }
    }

    /// Where the pieces are cut depends on nothing but the pieces, so the same pieces give the same hash.
    fn hash_waiting(&mut self) {
        if !self.waiting.is_empty() {
            self.hashers.iter_mut().for_each(|hasher| hasher.write(&self.waiting));
            self.waiting.clear();
        }
    }

    /// The hash of everything so far. To ask for it changes nothing: a request of which it is asked in more places still
    /// has the hashes of others.
    pub(crate) fn so_far(&self) -> PrefixHash {
        let [high, low] = self.hashers.clone().map(|mut hasher| {
            hasher.write(&self.waiting);
            u128::from(hasher.finish())
        });
        PrefixHash(high << 64 | low)
    }
}

/// For each hasher where it starts and what it multiplies with. The second is a secret of the process too: who knew it
/// could write texts that make both hashers forget what came before.
static SEEDS: LazyLock<[(u64, SharedSeed); 2]> = LazyLock::new(|| {
    let state = RandomState::new();
    [0, 1].map(|hasher| (state.hash_one((hasher, 0)), SharedSeed::from_u64(state.hash_one((hasher, 1)))))
});

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn hash(pieces: &[Piece<'_>]) -> PrefixHash {
        let mut hash = RollingHash::new();
        pieces.iter().for_each(|piece| hash.take(piece));
        hash.so_far()
    }

    #[test]
    fn to_ask_on_the_way_changes_nothing() {
        for length in [0, 1, 255, 256, 257, 1_100] {
            let text = "a".repeat(length);
            let pieces: Vec<Piece<'_>> = (0..9).flat_map(|_| [Piece::Key("k"), Piece::Text(&text)]).collect();
            let mut asked = RollingHash::new();
            for piece in &pieces {
                asked.take(piece);
                asked.so_far();
            }
            assert_eq!(asked.so_far(), hash(&pieces));
        }
    }

    #[test]
    fn where_a_piece_ends_matters() {
        use Piece::{Key, Null, Text};
        let all = [
            vec![],
            vec![Text("")],
            vec![Text(""), Text("")],
            vec![Text("ab")],
            vec![Key("ab")],
            vec![Text("a"), Text("b")],
            vec![Text("b"), Text("a")],
            vec![Text("ab"), Null],
            vec![Null, Text("ab")],
        ];
        let hashes: BTreeSet<PrefixHash> = all.iter().map(|pieces| hash(pieces)).collect();
        assert_eq!(hashes.len(), all.len());
    }

    #[test]
    fn a_byte_anywhere_in_a_long_text_matters() {
        for length in [1, 7, 8, 15, 16, 17, 100, 255, 256, 257, 1_000] {
            let text = "a".repeat(length);
            let hashes: BTreeSet<PrefixHash> = (0..length)
                .map(|at| hash(&[Piece::Text(&format!("{}b{}", &text[..at], &text[at + 1..]))]))
                .chain([hash(&[Piece::Text(&text)])])
                .collect();
            assert_eq!(hashes.len(), length + 1);
        }
    }
}
