use batchwise_findings::{Excerpt, Reference};

/// Where a value stands in the policy file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Line number, counted from 1.
    pub line: u64,
    /// Column in characters, counted from 1.
    pub column: u64,
    /// The line, with the value marked.
    pub excerpt: Excerpt,
}

/// A value that the policy file states, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting<T> {
    /// What it states.
    pub value: T,
    /// Where.
    pub origin: Origin,
}

impl Origin {
    /// The place as the second one of a finding.
    pub(crate) fn reference(&self, file: &str, label: &str) -> Reference {
        Reference {
            file: file.to_owned(),
            line: self.line,
            column: Some(self.column),
            label: label.to_owned(),
            excerpt: Some(self.excerpt.clone()),
        }
    }
}

impl<T> Setting<T> {
    /// Makes something else of the value.
    pub(crate) fn map<U>(self, make: impl FnOnce(T) -> U) -> Setting<U> {
        Setting { value: make(self.value), origin: self.origin }
    }
}
