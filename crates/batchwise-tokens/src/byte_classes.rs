/// How many bytes of a text are of each class, and how often some classes begin: all that can be seen at the speed of
/// memory, and enough to tell the tokens of most texts within a few percent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ByteClasses(pub(crate) [u64; ByteClasses::COUNT]);

/// So many bytes are counted at once, in counters of one byte.
const BLOCK: usize = 240;

impl ByteClasses {
    pub(crate) const COUNT: usize = 14;

    /// ASCII letters.
    pub(crate) const LETTERS: usize = 0;
    /// ASCII letters that follow none.
    pub(crate) const WORDS: usize = 1;
    /// Capital ASCII letters.
    pub(crate) const CAPITALS: usize = 2;
    /// ASCII digits.
    pub(crate) const DIGITS: usize = 3;
    /// All other ASCII but blanks and line breaks.
    pub(crate) const MARKS: usize = 4;
    /// Such marks that follow none.
    pub(crate) const MARK_RUNS: usize = 5;
    /// Spaces and tabs that follow one, or a line break.
    pub(crate) const FURTHER_BLANKS: usize = 6;
    /// Line breaks.
    pub(crate) const LINE_BREAKS: usize = 7;
    /// Characters of two bytes that are mostly Latin or Greek.
    pub(crate) const LATIN: usize = 8;
    /// Those of two bytes that are mostly Cyrillic, Hebrew or Arabic.
    pub(crate) const CYRILLIC: usize = 9;
    /// Those of three bytes below Hiragana: Indic scripts, Thai, typographic signs.
    pub(crate) const INDIC: usize = 10;
    /// Kana and ideographs.
    pub(crate) const IDEOGRAPHS: usize = 11;
    /// Hangul and what follows it.
    pub(crate) const HANGUL: usize = 12;
    /// Those of four bytes: mostly emoji.
    pub(crate) const EMOJI: usize = 13;

    pub(crate) fn of(text: &str) -> ByteClasses {
        let mut classes = [0; ByteClasses::COUNT];
        let bytes = text.as_bytes();
        let Some(first) = bytes.first() else { return ByteClasses(classes) };
        classes[ByteClasses::WORDS] += u64::from(first.is_ascii_alphabetic());
        classes[ByteClasses::MARK_RUNS] += u64::from(is_mark(*first));
        for block in bytes.chunks(BLOCK) {
            ascii(block, &mut classes);
            if !block.is_ascii() {
                leads(block, &mut classes);
            }
        }
        for (before, block) in bytes.chunks(BLOCK).zip(bytes[1..].chunks(BLOCK)) {
            beginnings(before, block, &mut classes);
        }
        ByteClasses(classes)
    }

    /// All characters that are not ASCII.
    pub(crate) fn foreign(&self) -> u64 {
        self.0[ByteClasses::LATIN..].iter().sum()
    }
}

fn ascii(block: &[u8], classes: &mut [u64]) {
    classes[ByteClasses::LETTERS] += count(block, |byte| byte.is_ascii_alphabetic());
    classes[ByteClasses::CAPITALS] += count(block, |byte| byte.is_ascii_uppercase());
    classes[ByteClasses::DIGITS] += count(block, |byte| byte.is_ascii_digit());
    classes[ByteClasses::MARKS] += count(block, is_mark);
    classes[ByteClasses::LINE_BREAKS] += count(block, |byte| byte == b'\n');
}

/// The first bytes of characters that have several.
fn leads(block: &[u8], classes: &mut [u64]) {
    classes[ByteClasses::LATIN] += count(block, |byte| matches!(byte, 0xC0..=0xCF));
    classes[ByteClasses::CYRILLIC] += count(block, |byte| matches!(byte, 0xD0..=0xDF));
    classes[ByteClasses::INDIC] += count(block, |byte| matches!(byte, 0xE0..=0xE2));
    classes[ByteClasses::IDEOGRAPHS] += count(block, |byte| matches!(byte, 0xE3..=0xE9));
    classes[ByteClasses::HANGUL] += count(block, |byte| matches!(byte, 0xEA..=0xEF));
    classes[ByteClasses::EMOJI] += count(block, |byte| byte >= 0xF0);
}

/// What begins in `block`; `before` are the bytes one place earlier.
fn beginnings(before: &[u8], block: &[u8], classes: &mut [u64]) {
    let further =
        |before: u8, byte: u8| matches!(byte, b' ' | b'\t') & matches!(before, b' ' | b'\t' | b'\n');
    let word = |before: u8, byte: u8| byte.is_ascii_alphabetic() & !before.is_ascii_alphabetic();
    classes[ByteClasses::WORDS] += pairs(before, block, word);
    classes[ByteClasses::MARK_RUNS] += pairs(before, block, |before, byte| is_mark(byte) & !is_mark(before));
    classes[ByteClasses::FURTHER_BLANKS] += pairs(before, block, further);
}

fn is_mark(byte: u8) -> bool {
    matches!(byte, b'!'..=b'/' | b':'..=b'@' | b'['..=b'`' | b'{'..=0x7F)
}

fn count(block: &[u8], is: impl Fn(u8) -> bool) -> u64 {
    u64::from(block.iter().map(|&byte| u8::from(is(byte))).sum::<u8>())
}

fn pairs(before: &[u8], block: &[u8], are: impl Fn(u8, u8) -> bool) -> u64 {
    let pairs = before.iter().zip(block);
    u64::from(pairs.map(|(&before, &byte)| u8::from(are(before, byte))).sum::<u8>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The slow, obvious answer.
    fn oracle(text: &str) -> ByteClasses {
        let mut classes = ByteClasses::default();
        let mut before = '\n';
        for char in text.chars() {
            let is_mark =
                |char: char| char.is_ascii_punctuation() || char.is_ascii_control() && char == '\x7F';
            let classes = &mut classes.0;
            let mut add = |class: usize, holds: bool| classes[class] += u64::from(holds);
            add(ByteClasses::LETTERS, char.is_ascii_alphabetic());
            add(ByteClasses::WORDS, char.is_ascii_alphabetic() && !before.is_ascii_alphabetic());
            add(ByteClasses::CAPITALS, char.is_ascii_uppercase());
            add(ByteClasses::DIGITS, char.is_ascii_digit());
            add(ByteClasses::MARKS, is_mark(char));
            add(ByteClasses::MARK_RUNS, is_mark(char) && !is_mark(before));
            let blank = |char| matches!(char, ' ' | '\t');
            add(ByteClasses::FURTHER_BLANKS, blank(char) && (blank(before) || before == '\n'));
            add(ByteClasses::LINE_BREAKS, char == '\n');
            add(ByteClasses::LATIN, ('\u{80}'..'\u{400}').contains(&char));
            add(ByteClasses::CYRILLIC, ('\u{400}'..'\u{800}').contains(&char));
            add(ByteClasses::INDIC, ('\u{800}'..'\u{3000}').contains(&char));
            add(ByteClasses::IDEOGRAPHS, ('\u{3000}'..'\u{A000}').contains(&char));
            add(ByteClasses::HANGUL, ('\u{A000}'..='\u{FFFF}').contains(&char));
            add(ByteClasses::EMOJI, char > '\u{FFFF}');
            before = char;
        }
        classes
    }

    proptest! {
        #[test]
        fn agrees_with_the_oracle(text in "([a-zA-Z0-9 \t\n.,]|é|я|ก|語|한|🎉|.){0,700}") {
            let first_blank = u64::from(text.starts_with([' ', '\t']));
            let mut expected = oracle(&text);
            expected.0[ByteClasses::FURTHER_BLANKS] -= first_blank;
            prop_assert_eq!(ByteClasses::of(&text), expected);
        }
    }
}
