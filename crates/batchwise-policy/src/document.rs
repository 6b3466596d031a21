//! A policy file, and everything that is wrong with it.
//!
//! Serde stops at the first error and forgets where a value stood. So the reader walks over the parsed values itself: it
//! notes each problem, goes on, and remembers the place of what it took.

use std::cell::{Cell, RefCell};
use std::ops::Range;

use batchwise_findings::{Excerpt, Finding, Place, Rule};
use toml::de::DeTable;

use crate::{Origin, PolicyProblems};

/// How many problems of a file are told one by one.
const TOLD_MAX: usize = 100;

/// The text of a policy, and its problems so far.
pub(crate) struct Document<'t> {
    name: &'t str,
    text: &'t str,
    /// Where each line begins.
    line_starts: Vec<usize>,
    problems: RefCell<Vec<Finding>>,
    /// How many more there are.
    untold: Cell<usize>,
}

impl<'t> Document<'t> {
    /// Wraps a text that was not read yet.
    pub(crate) fn new(name: &'t str, text: &'t str) -> Document<'t> {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let line_starts = std::iter::once(0).chain(breaks.map(|(at, _)| at + 1)).collect();
        Document { name, text, line_starts, problems: RefCell::default(), untold: Cell::default() }
    }

    /// Parses the text. Mistakes of syntax are problems of this document.
    pub(crate) fn parse(&self) -> Option<DeTable<'t>> {
        let (root, errors) = DeTable::parse_recoverable(self.text);
        for error in &errors {
            let spot = error.span().unwrap_or(self.text.len()..self.text.len());
            let message = format!("this is not TOML: {}", error.message().replace('\n', ", "));
            let help = "keys stand once, texts in quotes, and names with other characters than a-z A-Z 0-9 _ - in quotes too";
            self.problem(spot, "", message, help);
        }
        errors.is_empty().then(|| root.into_inner())
    }

    /// Notes that something is wrong.
    pub(crate) fn problem(
        &self,
        spot: Range<usize>,
        key: &str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        if self.problems.borrow().len() >= TOLD_MAX {
            return self.untold.set(self.untold.get() + 1);
        }
        let Origin { line, column, excerpt } = self.origin(spot.clone());
        let bytes = spot.start as u64..spot.end as u64;
        let field = key.to_owned();
        let place = Place { file: self.name.to_owned(), line, column, bytes, field, excerpt: Some(excerpt) };
        let finding = Finding::new(Rule::PolicyInvalid, message).with_help(help).at(place);
        self.problems.borrow_mut().push(finding);
    }

    /// Where something stands.
    pub(crate) fn origin(&self, spot: Range<usize>) -> Origin {
        let line = self.line_starts.partition_point(|start| *start <= spot.start);
        let start = self.line_starts[line - 1];
        let content = self.text[start..].lines().next().unwrap_or_default();
        let before = self.text.get(start..spot.start).unwrap_or(content);
        Origin {
            line: line as u64,
            column: before.chars().count() as u64 + 1,
            excerpt: Excerpt::around(
                content.as_bytes(),
                spot.start - start..spot.end.max(spot.start) - start,
            ),
        }
    }

    /// What the file says there, cut to a few words of one line.
    pub(crate) fn quote(&self, spot: Range<usize>) -> String {
        const WIDTH: usize = 60;
        let text = self.text.get(spot).unwrap_or_default();
        let line = text.lines().next().unwrap_or_default();
        let cut = line.char_indices().nth(WIDTH).map_or(line.len(), |(end, _)| end);
        if cut < text.len() { format!("{}…", &line[..cut]) } else { line.to_owned() }
    }

    /// `value`, unless there is a problem.
    pub(crate) fn finish<T>(self, value: Option<T>) -> Result<T, PolicyProblems> {
        let mut problems = self.problems.into_inner();
        if let Some(value) = value.filter(|_| problems.is_empty()) {
            return Ok(value);
        }
        problems.sort_by_key(|problem| problem.at.as_ref().map(|place| place.bytes.start));
        let more = self.untold.get();
        if more > 0 {
            let message = format!("{} has {more} more problems", self.name);
            problems.push(Finding::new(Rule::PolicyInvalid, message).with_help("correct the ones before"));
        }
        assert!(!problems.is_empty(), "what could not be read has a problem");
        Err(PolicyProblems { problems })
    }
}
