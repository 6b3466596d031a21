use std::fmt;

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The book cannot be used.
    Error,
    /// Probably a slip; the book can be used.
    Warning,
}

/// One thing that is wrong with a price file.
///
/// `Display` is one line: place, key, value, what is wrong and the way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Whether the book can be used nevertheless.
    pub severity: Severity,
    /// The path of the file, as it was given.
    pub file: String,
    /// The line, counted from 1.
    pub line: u32,
    /// The key with its tables, like `era.batch.input`; empty where the file itself is meant.
    pub key: String,
    /// What the file says there, as TOML; long values are cut.
    pub value: Option<String>,
    /// What is wrong and what to do, worded so that it follows the value.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", printable(&self.file), self.line)?;
        if !self.key.is_empty() {
            write!(f, "{} ", printable(&self.key))?;
        }
        if let Some(value) = &self.value {
            write!(f, "= {} ", printable(value))?;
        }
        f.write_str(&printable(&self.message))
    }
}

/// Everything that is wrong with the files of a price book. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookErrors {
    /// The problems, by file and line. All of them are errors.
    pub problems: Vec<Problem>,
}

impl fmt::Display for BookErrors {
    /// One problem on the same line; several each on a line of their own.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.problems.as_slice() {
            [only] => only.fmt(f),
            several => {
                write!(f, "{} problems", several.len())?;
                several.iter().try_for_each(|problem| write!(f, "\n  {problem}"))
            }
        }
    }
}

impl std::error::Error for BookErrors {}

impl BookErrors {
    /// The errors among `problems`, in the order of the files, if there are any.
    pub(crate) fn among(mut problems: Vec<Problem>) -> Result<(), BookErrors> {
        problems.retain(|problem| problem.severity == Severity::Error);
        in_order(&mut problems);
        if problems.is_empty() { Ok(()) } else { Err(BookErrors { problems }) }
    }
}

/// Sorts by place.
pub(crate) fn in_order(problems: &mut [Problem]) {
    problems.sort_by(|a, b| (&a.file, a.line, &a.key).cmp(&(&b.file, b.line, &b.key)));
}

/// Text of a file made harmless for a terminal.
fn printable(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { '\u{fffd}' } else { character }).collect()
}
