//! Cuts texts into pieces whose counts by [`Claude`](crate::Claude) add up to that of the whole.

use crate::{Family, MilliTokens, ModelTraits, claude_counter};

/// How long a piece is at most, in bytes.
const PIECE_BYTES: usize = 1024;

/// How far back from there a place is looked for at which words end.
const SEARCH_BYTES: usize = 512;

/// A part of a text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece<'t> {
    pub(crate) text: &'t str,
    /// Whether the text begins with it.
    pub(crate) is_first: bool,
    /// Whether the text ends with it.
    is_last: bool,
}

/// The pieces of `text`, in order. Together they are the text; none is empty or longer than 1 kB.
///
/// A cut falls, if it can, before the first line break after something visible, or else after the one space between
/// two letters, or between a word and a sign. There no part of the tokenizer crosses it. Elsewhere it falls between any
/// two characters.
pub(crate) fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let is_first = rest.len() == text.len();
        let (piece, after) = rest.split_at(cut(rest));
        rest = after;
        Some(Piece { text: piece, is_first, is_last: after.is_empty() })
            .filter(|piece| !piece.text.is_empty())
    })
}

impl<'t> Piece<'t> {
    /// The tokens of the piece, so that those of all pieces add up to those of the text.
    ///
    /// A single space between two words is no token where they are together, but would be one at the end of a text.
    /// And the older tokenizer counts a text as if a space stood before it: one token, unless a word begins there.
    pub(crate) fn count(&self, family: Family) -> MilliTokens {
        let tokens = batchwise_tokenizer::count(self.counted(), claude_counter::version(family));
        let follows_nothing = self.is_first || family != Family::PreClaude47 || !self.text.starts_with('\n');
        MilliTokens::tokens(tokens - u64::from(!follows_nothing))
    }

    /// The same for a piece of the text with which a message of the user begins.
    pub(crate) fn count_first(&self, model: &ModelTraits) -> MilliTokens {
        if !self.is_first {
            return self.count(model.family);
        }
        claude_counter::count(self.counted(), claude_counter::version_of_first(model))
    }

    /// The piece without the one space at its end, if it was cut after that.
    fn counted(&self) -> &'t str {
        let Piece { text, is_last, .. } = *self;
        let bytes = text.as_bytes();
        let cut_after_space = !is_last && bytes.ends_with(b" ") && letter_ends(bytes, bytes.len() - 1);
        if cut_after_space { &text[..text.len() - 1] } else { text }
    }
}

fn cut(text: &str) -> usize {
    if text.len() <= PIECE_BYTES {
        return text.len();
    }
    let bytes = text.as_bytes();
    let last = |is_place: fn(&[u8], usize) -> bool| {
        (PIECE_BYTES - SEARCH_BYTES + 1..=PIECE_BYTES).rev().find(|&at| is_place(bytes, at))
    };
    let whole_character = || (1..=PIECE_BYTES).rev().find(|&at| text.is_char_boundary(at));
    let place = last(line_ends).or_else(|| last(word_begins)).or_else(|| last(sign_begins));
    place.or_else(whole_character).expect("a character is shorter")
}

fn line_ends(bytes: &[u8], at: usize) -> bool {
    bytes[at] == b'\n' && bytes[at - 1] > b' '
}

fn word_begins(bytes: &[u8], at: usize) -> bool {
    bytes[at - 1] == b' '
        && letter_ends(bytes, at - 1)
        && (bytes[at].is_ascii_alphabetic() || is_lead(bytes[at]))
}

fn sign_begins(bytes: &[u8], at: usize) -> bool {
    bytes[at].is_ascii_punctuation() && bytes[at] != b'\'' && bytes[at - 1].is_ascii_alphabetic()
}

/// Whether a letter ends before this place, ASCII or of two bytes.
fn letter_ends(bytes: &[u8], at: usize) -> bool {
    bytes[at - 1].is_ascii_alphabetic() || at >= 2 && is_lead(bytes[at - 2])
}

/// Whether a character of two bytes begins with this one: from here on most are letters.
fn is_lead(byte: u8) -> bool {
    matches!(byte, 0xC3..=0xDF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_short_and_complete() {
        for unit in ["", " ", "a", "7", "\n", "🎉", "語", "word ", "line\n", "a;\n", "\u{85}é\t"] {
            for length in [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 100_000] {
                let text = unit.repeat(length / unit.len().max(1));
                let all: Vec<&str> = pieces(&text).map(|piece| piece.text).collect();
                assert_eq!(all.concat(), text);
                assert!(all.iter().all(|piece| (1..=PIECE_BYTES).contains(&piece.len())));
                assert!(all.len() <= text.len() / (PIECE_BYTES - SEARCH_BYTES) + 1);
            }
        }
    }

    /// By how many tokens the pieces of a text of `unit`s are more than the whole, for each thousand pieces.
    fn surplus(unit: &str, family: Family) -> i64 {
        let text = unit.repeat(400_000 / unit.len());
        let whole = batchwise_tokenizer::count(&text, claude_counter::version(family));
        let parts = pieces(&text).map(|piece| piece.count(family).0 / 1_000).sum::<u64>();
        let pieces = i64::try_from(pieces(&text).count()).unwrap();
        (i64::try_from(parts).unwrap() - i64::try_from(whole).unwrap()) * 1_000 / pieces
    }

    #[test]
    fn cuts_cost_nothing_where_words_or_lines_end() {
        for unit in [
            "How many legs has a spider, and why? ",
            "let x = y;\n\n",
            "    if (a == 1) {\n        b += 20;\n    }\n",
            "{\"id\": 12, \"name\": \"Zoë\"}\n",
            "Straße und Häuser, für alle. ",
            "蜘蛛有多少条腿？\n",
            "сколько ног у паука ",
            "сколько ног у паука\n",
        ] {
            for family in [Family::PreClaude47, Family::Claude47] {
                assert_eq!(surplus(unit, family), 0, "{unit:?} {family:?}");
            }
        }
    }

    #[test]
    fn cuts_anywhere_else_cost_three_tokens_at_most() {
        for unit in [
            "蜘蛛有多少条腿",
            "сколько ног у паука ",
            "0123456789abcdef",
            "{\"a\":[1,2]},",
            "a,b;",
            "🎉é",
            " ",
        ] {
            for family in [Family::PreClaude47, Family::Claude47] {
                assert!(
                    surplus(unit, family).abs() <= 3_000,
                    "{unit:?} {family:?} {}",
                    surplus(unit, family)
                );
            }
        }
    }
}
