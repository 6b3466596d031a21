//! Cuts long texts into pieces that can be counted one by one.

/// How long a piece should be, in bytes. Tokenizers look for words with regular expressions that fail or
/// slow down on very long runs of one kind (tiktoken panics on a megabyte of spaces).
const PIECE_BYTES: usize = 8 * 1024;

/// How far back from there a safe point is looked for.
const SEARCH_BYTES: usize = 2 * 1024;

/// The pieces of `text`, in order. Together they are the text; none is longer than 8 KiB.
///
/// A cut falls before a space that follows anything but white space, or before a line break that follows a
/// letter or digit: there no word of the tokenizer crosses it, and the counts of the pieces add up to the
/// count of the whole. Where no such point is near, the cut falls between any two characters.
pub(crate) fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (piece, after) = rest.split_at(cut(rest));
        rest = after;
        Some(piece)
    })
}

fn cut(text: &str) -> usize {
    if text.len() <= PIECE_BYTES {
        return text.len();
    }
    let bytes = text.as_bytes();
    let safe = (PIECE_BYTES - SEARCH_BYTES..=PIECE_BYTES).rev().find(|&at| is_safe(bytes[at - 1], bytes[at]));
    let whole_character = |at: &usize| text.is_char_boundary(*at);
    safe.or_else(|| (0..=PIECE_BYTES).rev().find(whole_character)).expect("a text starts at a character")
}

fn is_safe(before: u8, after: u8) -> bool {
    match after {
        b' ' => before.is_ascii_graphic(),
        b'\n' => before.is_ascii_alphanumeric(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str) {
        let all: Vec<&str> = pieces(text).collect();
        assert_eq!(all.concat(), text);
        assert!(all.iter().all(|piece| (1..=PIECE_BYTES).contains(&piece.len())));
        assert!(all.len() <= text.len() / (PIECE_BYTES - SEARCH_BYTES) + 1);
    }

    #[test]
    fn pieces_are_short_and_complete() {
        for unit in ["", " ", "a", "7", "\n", "🎉", "語", "word ", "line\n", "a;\n", "\u{85}é\t"] {
            for length in [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 100_000] {
                check(&unit.repeat(length / unit.len().max(1)));
            }
        }
    }
}
