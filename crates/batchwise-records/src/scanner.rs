use std::ops::Range;

use memchr::memchr2;

/// Goes over a text that is known to be valid JSON, from one value to the next and without recursion.
///
/// It says where things are and not what they are. Ranges are bytes of the whole text. What is asked to skip something
/// answers `None` where the text does not go on like that; where it then stands means nothing.
#[derive(Clone, Debug)]
pub struct Scanner<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Scanner<'a> {
    /// At the beginning of `text`.
    pub fn new(text: &'a str) -> Scanner<'a> {
        Scanner::within(text, 0..text.len())
    }

    /// At the beginning of a range of `text`, at the end of which it ends.
    pub fn within(text: &'a str, range: Range<usize>) -> Scanner<'a> {
        Scanner { text: &text.as_bytes()[..range.end], at: range.start }
    }

    /// The first byte that it has not gone over.
    pub fn at(&self) -> usize {
        self.at
    }

    /// Skips white space. The byte that comes then, at which it stops.
    pub fn upcoming(&mut self) -> Option<u8> {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
        self.peek()
    }

    /// Skips white space, and one `byte` when it is next.
    pub fn take(&mut self, byte: u8) -> bool {
        let found = self.upcoming() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// Skips white space and a string. The range is that of the string with its quotes.
    pub fn skip_string(&mut self) -> Option<Range<usize>> {
        if !self.take(b'"') {
            return None;
        }
        let start = self.at - 1;
        loop {
            self.at += memchr2(b'"', b'\\', self.text.get(self.at..)?)?;
            match self.text[self.at] {
                b'"' => break,
                _ => self.at += 2,
            }
        }
        self.at += 1;
        Some(start..self.at)
    }

    /// Skips white space and a value. The range is that of the value.
    pub fn skip_value(&mut self) -> Option<Range<usize>> {
        self.upcoming();
        let start = self.at;
        let mut depth = 0usize;
        loop {
            match self.upcoming()? {
                b'"' => {
                    self.skip_string()?;
                }
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' => {
                    depth = depth.checked_sub(1)?;
                    self.at += 1;
                }
                b',' | b':' => self.at += 1,
                _ => self.skip_scalar()?,
            }
            if depth == 0 {
                return Some(start..self.at);
            }
        }
    }

    fn skip_scalar(&mut self) -> Option<()> {
        let start = self.at;
        while matches!(self.peek(), Some(b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'+' | b'-' | b'.')) {
            self.at += 1;
        }
        (start < self.at).then_some(())
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_follow_one_another() {
        let text = " { \"a\" : [1, {\"}\":\"\\\"\"}] ,\t\"é\":-2.5e3}";
        let mut scanner = Scanner::new(text);
        assert!(scanner.take(b'{') && !scanner.take(b'}'));
        assert_eq!(scanner.skip_string().map(|key| &text[key]), Some("\"a\""));
        assert!(scanner.take(b':'));
        assert_eq!(scanner.skip_value().map(|value| &text[value]), Some("[1, {\"}\":\"\\\"\"}]"));
        assert!(scanner.take(b','));
        assert_eq!(scanner.skip_string().map(|key| &text[key]), Some("\"é\""));
        assert!(scanner.take(b':'));
        assert_eq!(scanner.skip_value().map(|value| &text[value]), Some("-2.5e3"));
        assert!(scanner.take(b'}'));
        assert_eq!((scanner.upcoming(), scanner.at()), (None, text.len()));
    }

    #[test]
    fn what_is_no_json_is_not_skipped() {
        for text in ["", " ", "\"", "\"\\", "{", "[1", "]", "'", "{'", "[\u{e9}]", "\"\\\""] {
            assert_eq!(Scanner::new(text).skip_value(), None, "{text}");
        }
        assert_eq!(Scanner::new("7").skip_string(), None);
    }
}
