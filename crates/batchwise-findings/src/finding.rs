use crate::{Excerpt, Place, Rule, Severity};

/// One thing that was noticed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What kind of thing.
    pub rule: Rule,
    /// One sentence with the value in question: lowercase, no full stop.
    pub message: String,
    /// Where, unless it concerns the workload as a whole.
    pub at: Option<Place>,
    /// A second place without which the first is not understood.
    pub see: Option<Reference>,
    /// The way out: lowercase, no full stop.
    pub help: Option<String>,
    /// The request that it is about, where it is about one that could be read.
    pub request: Option<RequestName>,
    /// How many requests it is about; the place is that of the first.
    pub requests: u64,
}

/// A second place, by which a finding is explained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The file's name as the user wrote it.
    pub file: String,
    /// Line number, counted from 1.
    pub line: u64,
    /// Column in characters, counted from 1, where it is known.
    pub column: Option<u64>,
    /// A few words: what is to be seen there.
    pub label: String,
    /// The text around the spot, where it is at hand.
    pub excerpt: Option<Excerpt>,
}

/// How a request is called, and the model it asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestName {
    /// Its `custom_id`.
    pub custom_id: String,
    /// The model as written.
    pub model: String,
}

impl Finding {
    /// A finding without a place.
    pub fn new(rule: Rule, message: impl Into<String>) -> Finding {
        let message = message.into();
        Finding { rule, message, at: None, see: None, help: None, request: None, requests: 1 }
    }

    /// The same with a way out.
    pub fn with_help(self, help: impl Into<String>) -> Finding {
        Finding { help: Some(help.into()), ..self }
    }

    /// The same at a place.
    pub fn at(self, place: Place) -> Finding {
        Finding { at: Some(place), ..self }
    }

    /// The same, explained by a second place.
    pub fn see(self, reference: Reference) -> Finding {
        Finding { see: Some(reference), ..self }
    }

    /// The same about the request of that name.
    pub fn about(self, custom_id: &str, model: &str) -> Finding {
        let request = RequestName { custom_id: custom_id.to_owned(), model: model.to_owned() };
        Finding { request: Some(request), ..self }
    }

    /// How much it matters unless the user says otherwise.
    pub fn severity(&self) -> Severity {
        self.rule.severity()
    }
}
