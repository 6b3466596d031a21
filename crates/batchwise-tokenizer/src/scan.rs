use std::iter;

use crate::Version;
use crate::kind::Kind;
use crate::letter_case::mark_word;
use crate::mark::{BEGIN, END};
use crate::memo::{Key, Memo, eight};
use crate::rules::Rules;
use crate::tiling::fewest_pieces;

/// What follows an apostrophe without being a word of its own.
const CONTRACTIONS: [&str; 7] = ["s", "t", "d", "m", "re", "ve", "ll"];

/// So many signs, two marks or what follows, fit into eight bytes.
const FEW_SIGNS: usize = 6;

/// Begins the key of a run of one byte; no text has that byte.
const REPEAT: u8 = 5;

/// One pass over a cleaned text, part by part.
pub(crate) struct Scan<'s> {
    text: &'s str,
    at: usize,
    before: Before,
    rules: &'s Rules,
    memo: &'s mut Memo,
    /// Where words are written that are counted for the first time.
    marked: Vec<u8>,
    tokens: u64,
}

/// What stands before a part.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    /// A word or signs: their end mark can be a space.
    Bound,
    /// A space.
    Space,
    /// Anything else.
    Loose,
}

impl<'s> Scan<'s> {
    /// `raw` is the text before it was cleaned.
    pub(crate) fn new(raw: &str, cleaned: &'s str, version: Version, memo: &'s mut Memo) -> Scan<'s> {
        let text = cleaned.trim_end_matches('\n');
        let (at, rules, marked) = (0, version.rules(), memo.take_spare());
        let mut scan = Scan { text, at, before: Before::Loose, rules, memo, marked, tokens: 0 };
        if version.puts_space_first() {
            scan.space_first(raw);
        }
        scan.line_feeds_last(cleaned.len() - text.len());
        scan
    }

    /// The text begins as if after a space. A space of its own serves, unless that was no plain one.
    fn space_first(&mut self, raw: &str) {
        let has_space = self.text.starts_with(' ');
        if has_space && !raw.starts_with(' ') {
            return;
        }
        let start = usize::from(has_space);
        let Signs { end, mixes_numbers } = self.signs_at(start);
        if mixes_numbers {
            self.at = start;
            return self.numbers(end, true);
        }
        self.before = Before::Bound;
        if !has_space {
            self.space();
        }
    }

    /// Two line feeds follow every text, one token that is no part of it. Those at the end of the text make up
    /// one run with them.
    fn line_feeds_last(&mut self, count: usize) {
        if count > 0 {
            self.repeat(b'\n', count + 2, false, false);
            self.tokens -= 1;
        }
    }

    pub(crate) fn count(mut self) -> u64 {
        while let Some(&byte) = self.text.as_bytes().get(self.at) {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' => self.word(),
                b' ' | b'\t' | b'\n' => self.blanks(),
                b'0'..=b'9' => self.digits(),
                0..=0x7F => self.signs(),
                _ => match self.kind_at(self.at) {
                    Some(kind) if kind.is_letter() => self.word(),
                    Some(Kind::Sign | Kind::Digit | Kind::Number) => self.signs(),
                    _ => self.lone(),
                },
            }
        }
        self.memo.leave_spare(self.marked);
        self.tokens
    }

    // Words

    fn word(&mut self) {
        let (key, end) = self.ascii_word().unwrap_or_else(|| {
            let end = self.word_end(self.at);
            (None, end)
        });
        let word = &self.text[self.at..end];
        let Scan { rules, marked, .. } = self;
        let cost = || {
            mark_word(word, rules, marked);
            fewest_pieces(marked, rules)
        };
        self.tokens += match key {
            Some(key) => self.memo.get(key, cost),
            None => self.memo.get_any(&self.text.as_bytes()[self.at..], word.len(), cost),
        };
        self.before = Before::Bound;
        self.at = end;
        // Most words are followed by a space and a word, whose marks make up the space.
        if let [b' ', b'a'..=b'z' | b'A'..=b'Z', ..] = self.text.as_bytes()[end..] {
            self.before = Before::Space;
            self.at = end + 1;
        }
    }

    /// The word at this place, if it is ASCII and not too long to be remembered.
    fn ascii_word(&self) -> Option<(Option<Key<2>>, usize)> {
        let bytes = self.text.as_bytes();
        let first = eight(bytes, self.at);
        let mut length = leading_letters(first);
        let key = if length < 8 {
            Key::short(first, length)
        } else {
            let second = eight(bytes, self.at + 8);
            let more = leading_letters(second);
            length += more;
            Key::long(first, second, more.min(7))
        };
        let end = self.at + length;
        (length < 16 && bytes.get(end).is_none_or(u8::is_ascii)).then_some((Some(key), end))
    }

    fn word_end(&self, start: usize) -> usize {
        let rest = &self.text[start..];
        start + rest.find(|char| !is_letter(char, self.rules)).unwrap_or(rest.len())
    }

    // Blanks

    fn blanks(&mut self) {
        let rest = &self.text.as_bytes()[self.at..];
        if let [b' ', next, ..] = rest
            && !is_blank(*next)
        {
            self.at += 1;
            return self.space();
        }
        let length = rest.iter().take_while(|byte| is_blank(**byte)).count();
        let run = &rest[..length];
        self.at += length;
        if run == b" " {
            return self.space();
        }
        for repeat in run.chunk_by(|a, b| a == b) {
            self.repeat(repeat[0], repeat.len(), false, false);
        }
        self.before = if run.ends_with(b" ") { Before::Space } else { Before::Loose };
    }

    /// A single space before what stands here: no token between two things that have marks.
    fn space(&mut self) {
        let is_mark = self.before == Before::Bound && self.takes_begin_mark();
        self.tokens += u64::from(!is_mark);
        self.before = Before::Space;
    }

    fn takes_begin_mark(&self) -> bool {
        if self.text.as_bytes().get(self.at).is_some_and(u8::is_ascii_alphabetic) {
            return true;
        }
        match self.kind_at(self.at) {
            Some(Kind::Sign | Kind::Digit | Kind::Number) => {
                let signs = self.signs_at(self.at);
                !signs.mixes_numbers && !self.is_glued(self.at, signs.end)
            }
            Some(kind) => kind.is_letter(),
            None => false,
        }
    }

    // Digits

    /// Every number of up to three digits is one piece.
    fn digits(&mut self) {
        let digits = self.text.as_bytes()[self.at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.tokens += digits.div_ceil(3) as u64;
        self.before = Before::Loose;
        self.at += digits;
    }

    // Signs

    fn signs(&mut self) {
        if !self.few_signs() {
            self.any_signs();
        }
    }

    /// A few ASCII signs, with something other than a sign after them: most are of this kind. `false` where
    /// they are not.
    fn few_signs(&mut self) -> bool {
        let bytes = self.text.as_bytes();
        let signs = eight(bytes, self.at);
        let run = signs.to_le_bytes();
        let length = run.iter().take_while(|byte| byte.is_ascii_punctuation()).count();
        if length > FEW_SIGNS
            || !run[length].is_ascii()
            || (run[0] == b'\'' && run[length].is_ascii_alphabetic())
        {
            return false;
        }
        let begins = self.before == Before::Space;
        let ends = run[length] == b' ' && run[length + 1] != b' ';
        let end_mark = if ends { u64::from(END) << (8 * length) } else { 0 };
        let marked = signs & !(u64::MAX << (8 * length)) | end_mark;
        let key = if begins { marked << 8 | u64::from(BEGIN) } else { marked };
        let run = &bytes[self.at..self.at + length];
        let Scan { rules, marked, .. } = self;
        self.tokens += self.memo.get(Key::short(key, 8), || {
            fewest_pieces(mark_signs(run.iter().copied(), begins, ends, marked), rules)
        });
        self.before = Before::Bound;
        self.at += length;
        true
    }

    fn any_signs(&mut self) {
        let Signs { end, mixes_numbers } = self.signs_at(self.at);
        if mixes_numbers {
            return self.numbers(end, false);
        }
        if self.is_glued(self.at, end) {
            return self.apostrophe();
        }
        let run = &self.text.as_bytes()[self.at..end];
        self.signs_between(run, self.before == Before::Space, self.ends_at(end));
        self.before = Before::Bound;
        self.at = end;
    }

    /// Digits and other numbers up to `end` have no marks of their own, so the signs right after them belong to
    /// the same part. Only what the text begins with stands before them.
    fn numbers(&mut self, end: usize, begins: bool) {
        let signs = self.signs_at(end).end;
        let has_signs = signs > end && !self.is_glued(end, signs);
        let (end, before) = if has_signs { (signs, Before::Bound) } else { (end, Before::Loose) };
        let run = &self.text.as_bytes()[self.at..end];
        self.signs_between(run, begins, has_signs && self.ends_at(end));
        self.before = before;
        self.at = end;
    }

    /// Whether signs up to `end` have an end mark: a single space stands there.
    fn ends_at(&self, end: usize) -> bool {
        let after = &self.text.as_bytes()[end..];
        after.first() == Some(&b' ') && after.get(1) != Some(&b' ')
    }

    /// An apostrophe right before a word takes no mark, and with an ending like `'s` it makes up one part.
    fn apostrophe(&mut self) {
        let start = self.at;
        let end = self.word_end(start + 1);
        if CONTRACTIONS.contains(&&self.text[start + 1..end]) {
            self.signs_between(&self.text.as_bytes()[start..end], false, true);
            self.at = end;
        } else {
            self.signs_between(b"'", false, false);
            self.at = start + 1;
        }
        self.before = Before::Bound;
    }

    /// Whether the signs are a single apostrophe before a word.
    fn is_glued(&self, start: usize, end: usize) -> bool {
        &self.text[start..end] == "'" && self.kind_at(end).is_some_and(Kind::is_letter)
    }

    fn signs_between(&mut self, run: &[u8], begins: bool, ends: bool) {
        if run.len() > 2 && run.iter().all(|byte| *byte == run[0]) {
            return self.repeat(run[0], run.len(), begins, ends);
        }
        let marked = mark_signs(run.iter().copied(), begins, ends, &mut self.marked);
        self.tokens += self.memo.get_any(marked, marked.len(), || fewest_pieces(marked, self.rules));
    }

    /// A run of one byte: remembered by its length, because rules and indentation are long and come again.
    fn repeat(&mut self, byte: u8, length: usize, begins: bool, ends: bool) {
        let mut name = [REPEAT, byte, u8::from(begins), u8::from(ends), 0, 0, 0, 0, 0, 0, 0, 0];
        name[4..].copy_from_slice(&(length as u64).to_le_bytes());
        let Scan { rules, marked, .. } = self;
        let run = iter::repeat_n(byte, length);
        self.tokens += self
            .memo
            .get_any(&name, name.len(), || fewest_pieces(mark_signs(run, begins, ends, marked), rules));
    }

    /// The signs that stand together from `start` on. Digits and other numbers side by side are no such run:
    /// they make up a part without marks.
    fn signs_at(&self, start: usize) -> Signs {
        let mut end = start;
        while let Some(kind) = self.kind_at(end) {
            match kind {
                Kind::Sign => end += self.char_at(end).len_utf8(),
                Kind::Digit | Kind::Number => {
                    let numbers = self.numbers_at(end);
                    if !numbers.mixes_numbers {
                        end = numbers.end;
                    } else if end == start {
                        return numbers;
                    } else {
                        break;
                    }
                }
                _ => break,
            }
        }
        Signs { end, mixes_numbers: false }
    }

    fn numbers_at(&self, start: usize) -> Signs {
        let kinds = |(at, char)| (at, char, self.rules.kind(char));
        let run = self.text[start..].char_indices().map(kinds);
        let run = run.take_while(|(_, _, kind)| matches!(kind, Kind::Digit | Kind::Number));
        let (mut end, mut seen) = (start, [false; 2]);
        for (at, char, kind) in run {
            end = start + at + char.len_utf8();
            seen[usize::from(kind == Kind::Digit)] = true;
        }
        Signs { end, mixes_numbers: seen == [true; 2] }
    }

    // Characters

    fn lone(&mut self) {
        let char = self.char_at(self.at);
        self.tokens += self.rules.lone_cost(char);
        self.before = Before::Loose;
        self.at += char.len_utf8();
    }

    fn char_at(&self, at: usize) -> char {
        self.text[at..].chars().next().unwrap_or('\0')
    }

    /// `None` at the end of the text.
    fn kind_at(&self, at: usize) -> Option<Kind> {
        self.text[at..].chars().next().map(|char| self.rules.kind(char))
    }
}

/// Where signs end, and whether they are digits and other numbers mixed.
struct Signs {
    end: usize,
    mixes_numbers: bool,
}

fn mark_signs(run: impl Iterator<Item = u8>, begins: bool, ends: bool, marked: &mut Vec<u8>) -> &[u8] {
    marked.clear();
    marked.extend(begins.then_some(BEGIN));
    marked.extend(run);
    marked.extend(ends.then_some(END));
    marked
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n')
}

fn is_letter(char: char, rules: &Rules) -> bool {
    if char.is_ascii() { char.is_ascii_alphabetic() } else { rules.kind(char).is_letter() }
}

/// How many of eight bytes, from the first on, are ASCII letters; all are looked at together.
fn leading_letters(bytes: u64) -> usize {
    const EACH: u64 = u64::from_le_bytes([1; 8]);
    let small = (bytes | (0x20 * EACH)) & (0x7F * EACH);
    let from_a = small + (0x80 - b'a' as u64) * EACH;
    let beyond_z = small + (0x7F - b'z' as u64) * EACH;
    let letters = from_a & !beyond_z & !bytes & (0x80 * EACH);
    ((letters ^ (0x80 * EACH)).trailing_zeros() / 8) as usize
}
