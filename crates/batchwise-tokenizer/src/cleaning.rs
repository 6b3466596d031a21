use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::is_nfc;

use crate::kind::{Kind, REWRITTEN, THAI_APART, UNSURE};
use crate::rules::Rules;

/// The vowel sign that [`THAI_APART`] spells in two.
const THAI_TOGETHER: &str = "\u{E33}";

/// So much text is looked at together. Few blocks of most texts have anything to change.
const BLOCK_BYTES: usize = 512;

/// The text as it is counted. Most texts are clean already and are not copied.
pub(crate) fn clean<'t>(text: &'t str, rules: &Rules) -> Cow<'t, str> {
    let mut clean = String::new();
    let (mut kept, mut at) = (0, 0);
    while at < text.len() {
        let end = block_end(text, at);
        let change = change_of(&text[at..end], rules);
        if change != Change::None {
            clean.reserve(text.len() - kept);
            clean.push_str(&text[kept..at]);
            push_changed(&text[at..end], change, rules, &mut clean);
            kept = end;
        }
        at = end;
    }
    if kept == 0 {
        return Cow::Borrowed(text);
    }
    clean.push_str(&text[kept..]);
    Cow::Owned(clean)
}

/// Behind a space or line feed, or at the end of the text. Nothing composes with those, so a text normalized
/// block by block is the normalized text.
fn block_end(text: &str, start: usize) -> usize {
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\n');
    let rest = text.as_bytes().get(start + BLOCK_BYTES..).unwrap_or_default();
    rest.iter().position(is_blank).map_or(text.len(), |at| start + BLOCK_BYTES + at + 1)
}

/// What has to be done to a block.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Change {
    None,
    /// Characters are replaced or dropped.
    Rewrite,
    /// And it has to be normalized first.
    Normalize,
}

fn change_of(block: &str, rules: &Rules) -> Change {
    if is_plain_ascii(block) {
        return Change::None;
    }
    let seen = flags_beyond_ascii(block, rules);
    if seen & UNSURE != 0 && !is_nfc(block) {
        return Change::Normalize;
    }
    if seen & REWRITTEN != 0 || has_controls(block) { Change::Rewrite } else { Change::None }
}

fn push_changed(block: &str, change: Change, rules: &Rules, clean: &mut String) {
    let start = clean.len();
    match change {
        Change::Normalize => clean.extend(block.nfc().filter_map(|char| replacement(char, rules))),
        _ => push_rewritten(block, rules, clean),
    }
    if clean[start..].contains(THAI_APART) {
        let together = clean[start..].replace(THAI_APART, THAI_TOGETHER);
        clean.truncate(start);
        clean.push_str(&together);
    }
}

/// Looks at all bytes of a block together, which is much faster than one by one.
fn is_plain_ascii(block: &str) -> bool {
    let is_plain = |byte: u8| matches!(byte, b'\t' | b'\n' | b' '..=b'~');
    block.as_bytes().chunks(256).all(|part| part.iter().fold(true, |plain, byte| plain & is_plain(*byte)))
}

/// The ASCII characters that are not plain.
fn has_controls(block: &str) -> bool {
    let is_control = |byte: u8| byte.is_ascii_control() && !matches!(byte, b'\t' | b'\n');
    block.as_bytes().iter().fold(false, |found, byte| found | is_control(*byte))
}

fn flags_beyond_ascii(block: &str, rules: &Rules) -> u8 {
    let (mut seen, mut rest) = (0, block);
    while let Some(at) = rest.bytes().position(|byte| !byte.is_ascii()) {
        let mut chars = rest[at..].chars();
        seen |= chars.next().map_or(0, |char| flags(char, rules));
        rest = chars.as_str();
    }
    seen
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
fn push_rewritten(block: &str, rules: &Rules, clean: &mut String) {
    let mut kept = 0;
    for (at, char) in block.char_indices().filter(|(_, char)| flags(*char, rules) & REWRITTEN != 0) {
        clean.push_str(&block[kept..at]);
        clean.extend(replacement(char, rules));
        kept = at + char.len_utf8();
    }
    clean.push_str(&block[kept..]);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Version;
    use proptest::prelude::*;

    /// The slow, obvious cleaning: all of the text at once.
    fn cleaned_at_once(text: &str, rules: &Rules) -> String {
        let clean: String = text.nfc().filter_map(|char| replacement(char, rules)).collect();
        clean.replace(THAI_APART, THAI_TOGETHER)
    }

    const PARTS: &[&str] = &[
        " ",
        "\n",
        "a",
        "e",
        "é",
        "e\u{301}",
        "\u{301}",
        "\u{338}",
        "\u{327}\u{301}",
        "=",
        "“",
        "’",
        "\u{a0}",
        "\u{7}",
        "\u{e4d}",
        "\u{e32}",
        "가",
        "\u{1100}\u{1161}",
        "語",
        "🎉",
        "\u{200b}",
        "\u{1f}",
        "क\u{93c}",
    ];

    proptest! {
        #[test]
        fn blocks_are_cleaned_as_the_whole_is(
            parts in proptest::collection::vec((proptest::sample::select(PARTS), 1usize..200), 0..20),
        ) {
            let text: String = parts.iter().map(|(part, times)| part.repeat(*times)).collect();
            for version in Version::ALL {
                prop_assert_eq!(clean(&text, version.rules()), cleaned_at_once(&text, version.rules()));
            }
        }
    }

    #[test]
    fn what_is_clean_is_not_copied() {
        for text in ["", "plain\n", &"é 語 🎉 ".repeat(1_000)] {
            assert!(matches!(clean(text, Version::Claude48.rules()), Cow::Borrowed(_)), "{text}");
        }
    }
}
