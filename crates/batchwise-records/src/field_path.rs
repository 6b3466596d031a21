use std::fmt;
use std::ops::Range;

use crate::Scanner;

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
        let end = line.trim_end_matches([' ', '\t', '\r', '\n']).len();
        let start = line.len() - line.trim_start_matches([' ', '\t', '\r', '\n']).len();
        let mut spot = Spot { key: None, value: start.min(end)..end };
        for step in &self.0 {
            spot = match step {
                Step::Key(name) => member(line, spot.value, name)?,
                Step::Index(index) => Spot { key: None, value: element(line, spot.value, *index)? },
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

/// The last member of that name.
fn member(line: &str, object: Range<usize>, name: &str) -> Option<Spot> {
    let mut inside = Scanner::within(line, object);
    if !inside.take(b'{') {
        return None;
    }
    let mut found = None;
    while !inside.take(b'}') {
        let key = inside.skip_string()?;
        let written: String = serde_json::from_str(&line[key.clone()]).ok()?;
        inside.take(b':');
        let value = inside.skip_value()?;
        if written == name {
            found = Some(Spot { key: Some(key), value });
        }
        inside.take(b',');
    }
    found
}

fn element(line: &str, array: Range<usize>, index: usize) -> Option<Range<usize>> {
    let mut inside = Scanner::within(line, array);
    if !inside.take(b'[') {
        return None;
    }
    for _ in 0..index {
        inside.skip_value()?;
        if !inside.take(b',') {
            return None;
        }
    }
    if inside.upcoming()? == b']' {
        return None;
    }
    inside.skip_value()
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
