use std::ops::Range;

use batchwise_findings::{Excerpt, Finding, Place, Rule};

use crate::{FieldPath, Line};

/// Something wrong with one line, before it is known where the line stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// Which rule is broken.
    pub rule: Rule,
    /// Where in the line.
    pub at: Where,
    /// What is wrong, with the value: lowercase, no full stop.
    pub message: String,
    /// The way out.
    pub help: Option<String>,
}

/// A spot in a line, as it is known when the flaw is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Where {
    /// The line as a whole.
    Line,
    /// A byte of the line, counted from 0.
    Byte(usize),
    /// The key of a field.
    Key(FieldPath),
    /// The value of a field.
    Value(FieldPath),
}

impl Flaw {
    /// The finding this flaw is, at its place in `file`.
    pub fn in_line(self, file: &str, line: &Line<'_>) -> Finding {
        let place = self.at.in_line(file, line);
        Finding { rule: self.rule, message: self.message, at: Some(place), help: self.help }
    }

    /// The finding this flaw is, at its line as a whole: for lines with so many flaws that finding each
    /// would take too long.
    pub fn unlocated(self, file: &str, line: &Line<'_>) -> Finding {
        let place = Place {
            file: file.to_owned(),
            line: line.number,
            column: 1,
            bytes: line.content_start..line.extent.end,
            field: self.at.field(),
            excerpt: None,
        };
        Finding { rule: self.rule, message: self.message, at: Some(place), help: self.help }
    }
}

impl Where {
    /// Turns the spot into a place, with an excerpt of the line around it.
    pub fn in_line(&self, file: &str, line: &Line<'_>) -> Place {
        let spot = self.bytes_of(line.content);
        let before = String::from_utf8_lossy(&line.content[..spot.start]);
        Place {
            file: file.to_owned(),
            line: line.number,
            column: before.chars().count() as u64 + 1,
            bytes: line.content_start + spot.start as u64..line.content_start + spot.end as u64,
            field: self.field(),
            excerpt: Some(Excerpt::around(line.content, spot)),
        }
    }

    /// The path of the field; empty for other spots.
    fn field(&self) -> String {
        match self {
            Where::Key(path) | Where::Value(path) => path.to_string(),
            Where::Line | Where::Byte(_) => String::new(),
        }
    }

    fn bytes_of(&self, content: &[u8]) -> Range<usize> {
        let whole = 0..content.len();
        let find = |path: &FieldPath| str::from_utf8(content).ok().and_then(|line| path.find_in(line));
        match self {
            Where::Line => whole,
            Where::Byte(at) => (*at).min(content.len())..(at + 1).min(content.len()),
            Where::Key(path) => find(path).map_or(whole, |spot| spot.key.unwrap_or(spot.value)),
            Where::Value(path) => find(path).map_or(whole, |spot| spot.value),
        }
    }
}
