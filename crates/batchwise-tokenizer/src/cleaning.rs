use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::is_nfc;

use crate::kind::{Kind, REWRITTEN, THAI_APART, UNSURE};
use crate::rules::Rules;

/// The vowel sign that [`THAI_APART`] spells in two.
const THAI_TOGETHER: &str = "\u{E33}";

/// The text as it is counted. Most texts are clean already and are not copied.
pub(crate) fn clean<'t>(text: &'t str, rules: &Rules) -> Cow<'t, str> {
    if is_plain_ascii(text) {
        return Cow::Borrowed(text);
    }
    let seen = text.chars().fold(0, |seen, char| seen | flags(char, rules));
    if seen & UNSURE != 0 && !is_nfc(text) {
        return Cow::Owned(rewritten(&text.nfc().collect::<String>(), rules));
    }
    if seen & REWRITTEN != 0 { Cow::Owned(rewritten(text, rules)) } else { Cow::Borrowed(text) }
}

/// Looks at all bytes of a block together, which is much faster than one by one.
fn is_plain_ascii(text: &str) -> bool {
    let is_plain = |byte: u8| matches!(byte, b'\t' | b'\n' | b' '..=b'~');
    text.as_bytes().chunks(256).all(|block| block.iter().fold(true, |plain, byte| plain & is_plain(*byte)))
}

fn flags(char: char, rules: &Rules) -> u8 {
    match rules.byte_of(char) {
        Some(byte) => byte & (REWRITTEN | UNSURE),
        // Emoji and most ideographs beyond the basic plane are never changed.
        None if matches!(u32::from(char), 0x1_F000..=0x2_F7FF) => 0,
        None => UNSURE,
    }
}

/// Copies what stays as it is in one go.
fn rewritten(text: &str, rules: &Rules) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut kept = 0;
    for (at, char) in text.char_indices().filter(|(_, char)| flags(*char, rules) & REWRITTEN != 0) {
        clean.push_str(&text[kept..at]);
        clean.extend(replacement(char, rules));
        kept = at + char.len_utf8();
    }
    clean.push_str(&text[kept..]);
    if clean.contains(THAI_APART) { clean.replace(THAI_APART, THAI_TOGETHER) } else { clean }
}

fn replacement(char: char, rules: &Rules) -> Option<char> {
    match char {
        '‘' | '’' if rules.straightens_quotes => Some('\''),
        '“' | '”' if rules.straightens_quotes => Some('"'),
        _ => match rules.kind(char) {
            Kind::Space => Some(' '),
            Kind::Dropped => None,
            _ => Some(char),
        },
    }
}
