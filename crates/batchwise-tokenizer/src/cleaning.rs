use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::is_nfc;

use crate::kind::{Kind, REWRITTEN, UNSURE};
use crate::rules::Rules;

/// The text as it is counted. Most texts are clean already and are not copied.
pub(crate) fn clean<'t>(text: &'t str, rules: &Rules) -> Cow<'t, str> {
    if text.bytes().all(|byte| matches!(byte, b'\t' | b'\n' | b' '..=b'~')) {
        return Cow::Borrowed(text);
    }
    let seen = text.chars().map(|char| flags(char, rules)).fold(0, |seen, flags| seen | flags);
    let normal = if seen & UNSURE != 0 && !is_nfc(text) {
        Cow::Owned(text.nfc().collect::<String>())
    } else {
        Cow::Borrowed(text)
    };
    // Only an unsure character can have turned into one that is to be rewritten.
    if seen & (REWRITTEN | UNSURE) == 0 || !normal.chars().any(|char| flags(char, rules) & REWRITTEN != 0) {
        return normal;
    }
    Cow::Owned(normal.chars().filter_map(|char| rewritten(char, rules)).collect())
}

fn flags(char: char, rules: &Rules) -> u8 {
    match rules.byte_of(char) {
        Some(byte) => byte & (REWRITTEN | UNSURE),
        // Emoji and most ideographs beyond the basic plane are never changed.
        None if matches!(u32::from(char), 0x1_F000..=0x2_F7FF) => 0,
        None => UNSURE,
    }
}

fn rewritten(char: char, rules: &Rules) -> Option<char> {
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
