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

/// How many flaws of one line are told one by one.
const KEPT_MAX: usize = 20;

/// The flaws of one line: the first few, and how many more there are. A hopeless line may have millions.
#[derive(Debug, Default)]
pub(crate) struct Flaws {
    kept: Vec<Flaw>,
    more: u64,
}

impl Flaws {
    pub(crate) fn push(&mut self, flaw: Flaw) {
        if self.kept.len() < KEPT_MAX {
            self.kept.push(flaw);
        } else {
            self.more += 1;
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// The flaws, with one at the end that counts those not kept.
    pub(crate) fn into_vec(mut self) -> Vec<Flaw> {
        if let Some(last) = self.kept.last().filter(|_| self.more > 0) {
            let more = Flaw {
                rule: last.rule,
                at: Where::Line,
                message: format!("this line has {} more flaws", self.more),
                help: None,
            };
            self.kept.push(more);
        }
        self.kept
    }
}

impl Flaw {
    /// The finding this flaw is, at its place in `file`.
    pub fn in_line(self, file: &str, line: &Line<'_>) -> Finding {
        let place = self.at.in_line(file, line);
        Finding { help: self.help, ..Finding::new(self.rule, self.message).at(place) }
    }

    /// The same at the line as a whole: the spot in it is not looked for, which takes as long as reading the line.
    pub fn on_line(self, file: &str, line: &Line<'_>) -> Finding {
        let place = self.at.on_line(file, line);
        Finding { help: self.help, ..Finding::new(self.rule, self.message).at(place) }
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

    /// The place of the whole line, with the path of the field but without an excerpt.
    pub fn on_line(&self, file: &str, line: &Line<'_>) -> Place {
        Place {
            file: file.to_owned(),
            line: line.number,
            column: 1,
            bytes: line.content_start..line.content_start + line.content.len() as u64,
            field: self.field(),
            excerpt: None,
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
