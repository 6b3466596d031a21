use batchwise_units::{Estimate, SharedError};

use crate::{Cost, Family, MilliTokens, Structure, StructureEstimator, TextCounter, TextRole};

/// Counts characters by class and multiplies: no vocabulary, and wide margins.
#[derive(Clone, Copy, Debug, Default)]
pub struct ByteRatio;

/// Nobody measured it: that of all errors together, since a text of another script is off as a whole.
const SHARED_ERROR: SharedError = SharedError::ALL;

/// The estimator that needs no vocabulary.
pub fn bytes() -> StructureEstimator<ByteRatio> {
    StructureEstimator::new(ByteRatio, Structure::for_byte_ratio, SHARED_ERROR)
}

/// Thousandths of a token per ASCII letter or space.
/// Source: fitted to 1,818 recorded texts, 2026-11.
const OLD_LETTER: Cost = Cost::milli(130, 215, 330);
const NEW_LETTER: Cost = Cost::milli(225, 345, 480);

/// Thousandths of a token per digit. Three digits share a token at best, and between separators a token
/// is often a single one.
const DIGIT: Cost = Cost::milli(250, 420, 1_000);

/// Thousandths of a token per punctuation mark or line break, which is a token of its own at worst.
const MARK: Cost = Cost::milli(200, 550, 1_000);

/// Thousandths of a token per other character, where scripts differ most: half a token for a Cyrillic
/// letter, 0.9 to 1.1 for Japanese and Chinese, up to 3 for an emoji.
/// Source: public figures collected in 2026-11; no recorded truth exists.
const OTHER: Cost = Cost::milli(400, 1_000, 3_000);

impl TextCounter for ByteRatio {
    fn method(&self) -> &'static str {
        "bytes"
    }

    fn count(&self, text: &str, _: TextRole, family: Family) -> Estimate<MilliTokens> {
        let letter = match family {
            Family::PreClaude47 => OLD_LETTER,
            Family::Claude47 => NEW_LETTER,
        };
        let (mut letters, mut digits, mut marks, mut others) = (0_u64, 0_u64, 0_u64, 0_u64);
        for byte in text.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b' ' => letters += 1,
                b'0'..=b'9' => digits += 1,
                0x00..0x80 => marks += 1,
                0xC0.. => others += 1,
                _ => (),
            }
        }
        letter.times(letters) + DIGIT.times(digits) + MARK.times(marks) + OTHER.times(others)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_counted_not_bytes() {
        let count = |text| ByteRatio.count(text, TextRole::Prose, Family::PreClaude47).likely();
        assert_eq!(count(""), Some(MilliTokens(0)));
        assert_eq!(count("abcd"), Some(MilliTokens(860)));
        assert_eq!(count("a1,"), Some(MilliTokens(1_185)));
        assert_eq!(count("aé語🎉"), Some(MilliTokens(3_215)));
    }
}
