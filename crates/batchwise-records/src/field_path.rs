use std::fmt;
use std::ops::Range;

use memchr::memchr2;

/// The way from a line's outermost object to a field: `params.messages[0].content`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldPath(pub Vec<Step>);

/// One step of a [`FieldPath`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Into the member of that name.
    Key(String),
    /// Into the element of that index, counted from 0.
    Index(usize),
}

/// Where a field stands in its line, as byte ranges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// The key with its quotes, when the last step is a key.
    pub key: Option<Range<usize>>,
    /// The value.
    pub value: Range<usize>,
}

impl FieldPath {
    /// The path of a chain of keys.
    pub fn keys(keys: &[&str]) -> FieldPath {
        FieldPath(keys.iter().map(|&key| Step::Key(key.to_owned())).collect())
    }

    /// This path and one key more.
    pub fn key(&self, key: &str) -> FieldPath {
        let mut path = self.clone();
        path.0.push(Step::Key(key.to_owned()));
        path
    }

    /// This path and one index more.
    pub fn index(&self, index: usize) -> FieldPath {
        let mut path = self.clone();
        path.0.push(Step::Index(index));
        path
    }

    /// Finds the field in `line`, which must be valid JSON. Of a key that occurs twice, the last counts.
    /// `None` when the line has no such field.
    pub fn find_in(&self, line: &str) -> Option<Spot> {
        let mut scanner = Scanner { text: line.as_bytes(), at: 0 };
        scanner.skip_space();
        let end = line.trim_end_matches([' ', '\t', '\r', '\n']).len();
        let mut spot = Spot { key: None, value: scanner.at.min(end)..end };
        for step in &self.0 {
            let mut inside = Scanner { text: &line.as_bytes()[..spot.value.end], at: spot.value.start };
            spot = match step {
                Step::Key(name) => inside.member(name)?,
                Step::Index(index) => Spot { key: None, value: inside.element(*index)? },
            };
        }
        Some(spot)
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (depth, step) in self.0.iter().enumerate() {
            let dot = if depth == 0 { "" } else { "." };
            match step {
                Step::Key(key) => match key.char_indices().nth(KEY_CHARACTERS_MAX) {
                    None => write!(f, "{dot}{key}")?,
                    Some((end, _)) => write!(f, "{dot}{}…", &key[..end])?,
                },
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// A key is shown up to this length: a file may hold keys of megabytes.
const KEY_CHARACTERS_MAX: usize = 100;

/// Walks over JSON that is known to be valid, without recursion.
struct Scanner<'a> {
    text: &'a [u8],
    at: usize,
}

impl Scanner<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    /// Skips white space and one `byte`, when it is next.
    fn take(&mut self, byte: u8) -> bool {
        self.skip_space();
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn skip_string(&mut self) -> Option<Range<usize>> {
        let start = self.at;
        self.at += 1;
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

    fn skip_value(&mut self) -> Option<Range<usize>> {
        self.skip_space();
        let start = self.at;
        let mut depth = 0usize;
        loop {
            match self.peek()? {
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
                b',' | b':' | b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
                _ => self.skip_scalar(),
            }
            if depth == 0 {
                return Some(start..self.at);
            }
        }
    }

    fn skip_scalar(&mut self) {
        while matches!(self.peek(), Some(b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'+' | b'-' | b'.')) {
            self.at += 1;
        }
    }

    fn member(&mut self, name: &str) -> Option<Spot> {
        if !self.take(b'{') {
            return None;
        }
        let mut found = None;
        while !self.take(b'}') {
            self.skip_space();
            let key = self.skip_string()?;
            let written: String = serde_json::from_slice(&self.text[key.clone()]).ok()?;
            self.take(b':');
            let value = self.skip_value()?;
            if written == name {
                found = Some(Spot { key: Some(key), value });
            }
            self.take(b',');
        }
        found
    }

    fn element(&mut self, index: usize) -> Option<Range<usize>> {
        if !self.take(b'[') {
            return None;
        }
        for _ in 0..index {
            self.skip_value()?;
            if !self.take(b',') {
                return None;
            }
        }
        self.skip_space();
        if self.peek()? == b']' {
            return None;
        }
        self.skip_value()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#" {"custom_id" : "a\"b", "params":{"messages":[{"role":"user"},{"content":[1, {"x":-2.5e3}]}],"é\u0041":true,"n":null,"n":[]}}"#;

    #[track_caller]
    fn check(path: FieldPath, expected: Option<&str>) {
        assert_eq!(path.find_in(LINE).map(|spot| &LINE[spot.value]), expected, "{path}");
    }

    #[test]
    fn paths_lead_to_bytes() {
        let params = FieldPath::keys(&["params"]);
        let messages = params.key("messages");
        check(FieldPath::keys(&["custom_id"]), Some(r#""a\"b""#));
        check(messages.index(0).key("role"), Some(r#""user""#));
        check(messages.index(1).key("content").index(1).key("x"), Some("-2.5e3"));
        check(params.key("éA"), Some("true"));
        check(params.key("n"), Some("[]"));
        check(messages.index(2), None);
        check(params.key("n").index(0), None);
        check(params.key("absent"), None);
        check(FieldPath::keys(&["custom_id", "deeper"]), None);
        assert_eq!(messages.index(1).key("content").to_string(), "params.messages[1].content");
    }

    #[test]
    fn a_key_has_a_spot_of_its_own() {
        let spot = FieldPath::keys(&["params", "messages"]).find_in(LINE).unwrap();
        assert_eq!(&LINE[spot.key.unwrap()], "\"messages\"");
    }
}
