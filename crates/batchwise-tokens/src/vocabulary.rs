//! The public vocabulary o200k_base, whole and cut short.

use std::collections::HashSet;
use std::sync::LazyLock;

use tiktoken_rs::{CoreBPE, O200K_BASE_PAT_STR, Rank};

use crate::text_pieces::pieces;

/// How many merges the cut vocabulary keeps.
///
/// The newer tokenizer of Claude has fewer English words than o200k_base, and a vocabulary cut short is
/// smaller in the same way. Between 3,000 and 8,000 the choice hardly matters; at 5,000 the fitted factor
/// is closest to one. Source: fitted to 395 recorded texts, 2026-11.
const SHORT_RANKS: Rank = 5_000;

static SHORT: LazyLock<CoreBPE> = LazyLock::new(|| {
    let whole = whole();
    let token = |rank: Rank| whole.decode_bytes(&[rank]).expect("the ranks of o200k_base have no gap");
    let ranks = (0..SHORT_RANKS).map(|rank| (token(rank), rank)).collect();
    let special = [("<|endoftext|>".to_owned(), SHORT_RANKS)].into_iter().collect();
    CoreBPE::new(ranks, special, O200K_BASE_PAT_STR).expect("the pattern of o200k_base compiles")
});

/// o200k_base. Loading takes a tenth of a second and 45 MB, once in a process.
pub(crate) fn whole() -> &'static CoreBPE {
    tiktoken_rs::o200k_base_singleton()
}

/// The first 5,000 merges of o200k_base.
pub(crate) fn short() -> &'static CoreBPE {
    &SHORT
}

/// How many tokens of `vocabulary` the text is. Names of special tokens in it are ordinary text.
pub(crate) fn count(vocabulary: &CoreBPE, text: &str) -> u64 {
    let none_special = HashSet::new();
    let tokens = |piece: &str| match vocabulary.encode(piece, &none_special) {
        Ok((tokens, _)) => tokens.len(),
        // Pieces are too short for the pattern to fail on; if it does, no text has more tokens than bytes.
        Err(_) => piece.len(),
    };
    pieces(text).map(|piece| tokens(piece) as u64).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, in_whole: u64, in_short: u64) {
        assert_eq!((count(whole(), text), count(short(), text)), (in_whole, in_short), "{text}");
    }

    #[test]
    fn known_counts() {
        check("", 0, 0);
        check("hello world", 2, 4);
        check("The quick brown fox jumps over the lazy dog.", 10, 17);
    }

    #[test]
    fn names_of_special_tokens_are_text() {
        assert!(count(whole(), "<|endoftext|>") > 3);
        assert!(count(short(), "<|endoftext|><|endofprompt|>") > 6);
    }

    #[test]
    fn the_truncated_vocabulary_knows_every_byte() {
        let text: String = ('\0'..'\u{3000}').collect();
        assert!(count(short(), &text) <= text.len() as u64);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]
        /// With spaces about, every cut is at a safe point and changes nothing.
        #[test]
        fn cutting_changes_no_count(words in proptest::collection::vec("[a-zA-Z0-9.,;éß語\n]{1,9}", 1..4_000)) {
            let text = words.join(" ");
            prop_assert_eq!(count(whole(), &text), whole().encode_ordinary(&text).len() as u64);
        }
    }
}
