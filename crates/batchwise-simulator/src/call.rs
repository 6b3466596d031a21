use std::io::{self, ErrorKind, Read};

use batchwise_records::{Node, Object, Request, parameter};

use crate::Head;
use crate::desk::{BodyError, Desk, Terms, bad_json, cut};
use crate::item::{Item, RowError};
use crate::refusal::Refusal;
use crate::script::{Fault, Operation};
use crate::task::figure;

/// A call whose head was read: what it is for, and what is known about its end before its body is read.
#[derive(Debug)]
pub struct Call {
    pub(crate) target: Target,
    pub(crate) head: Head,
    pub(crate) request_id: String,
    pub(crate) terms: Option<Terms>,
    pub(crate) fault: Option<Fault>,
    pub(crate) refusal: Option<Refusal>,
    /// What the headers say about the limit of calls.
    pub(crate) limit_headers: Vec<(&'static str, String)>,
}

/// What a call is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Create,
    List,
    Retrieve(String),
    Cancel(String),
    Delete(String),
    Results(String),
    CountTokens,
    Models,
    Model(String),
    Nowhere,
}

/// What a body turned out to be.
#[derive(Debug)]
pub struct Content(pub(crate) Reading);

impl Content {
    /// That of a body that was not read.
    pub fn none() -> Content {
        Content(Reading::Skipped)
    }

    /// Whether the client went away in the middle.
    pub fn is_broken(&self) -> bool {
        matches!(self.0, Reading::Broken)
    }
}

#[derive(Debug)]
pub(crate) enum Reading {
    /// It was of no interest.
    Skipped,
    Batch(Vec<Item>),
    Count(u64),
    Refused(Refusal),
    /// It never came to its end.
    Broken,
}

impl Target {
    pub(crate) fn of(head: &Head) -> Target {
        let steps: Vec<&str> = head.path.trim_start_matches('/').split('/').collect();
        match (head.method.as_str(), steps.as_slice()) {
            ("POST", ["v1", "messages", "batches"]) => Target::Create,
            ("GET", ["v1", "messages", "batches"]) => Target::List,
            ("GET", ["v1", "messages", "batches", id]) => Target::Retrieve(cut(id)),
            ("DELETE", ["v1", "messages", "batches", id]) => Target::Delete(cut(id)),
            ("POST", ["v1", "messages", "batches", id, "cancel"]) => Target::Cancel(cut(id)),
            ("GET", ["v1", "messages", "batches", id, "results"]) => Target::Results(cut(id)),
            ("POST", ["v1", "messages", "count_tokens"]) => Target::CountTokens,
            ("GET", ["v1", "models"]) => Target::Models,
            ("GET", ["v1", "models", id]) => Target::Model(cut(id)),
            _ => Target::Nowhere,
        }
    }

    pub(crate) fn operation(&self) -> Operation {
        match self {
            Target::Create => Operation::Create,
            Target::List => Operation::List,
            Target::Retrieve(_) => Operation::Retrieve,
            Target::Cancel(_) => Operation::Cancel,
            Target::Delete(_) => Operation::Delete,
            Target::Results(_) => Operation::Results,
            Target::CountTokens => Operation::CountTokens,
            Target::Models | Target::Model(_) => Operation::Models,
            Target::Nowhere => Operation::Any,
        }
    }

    /// Whether it is one of the batch endpoints, which share a limit of calls.
    pub(crate) fn is_about_batches(&self) -> bool {
        !matches!(self, Target::CountTokens | Target::Models | Target::Model(_) | Target::Nowhere)
    }
}

impl Call {
    /// Whether the connection is to be closed at once, before the body is read.
    pub fn is_dropped(&self) -> bool {
        self.fault == Some(Fault::DropBefore)
    }

    /// Whether the answer is known already, so that a client that asked may be spared its body.
    pub fn is_refused(&self) -> bool {
        self.refusal.is_some()
    }

    /// Reads as much of the body as the call needs; needs no more memory than one request of it and what is kept of all.
    pub(crate) fn read(&self, desk: &Desk, body: &mut dyn Read) -> Content {
        let Some(terms) = self.terms.as_ref().filter(|_| self.refusal.is_none() && self.reaches_the_api())
        else {
            return Content(Reading::Skipped);
        };
        let reading = match self.target {
            Target::Create => {
                let mut body = Limited { body, left: desk.body_bytes_max() };
                desk.read_batch(&mut body, terms).map(Reading::Batch)
            }
            Target::CountTokens => {
                let mut body = Limited { body, left: COUNT_BODY_BYTES_MAX };
                desk.count(&mut body, terms).map(Reading::Count)
            }
            _ => Ok(Reading::Skipped),
        };
        Content(match reading {
            Ok(reading) => reading,
            Err(BodyError::Refused(refusal)) => Reading::Refused(*refusal),
            Err(BodyError::Broken) => Reading::Broken,
        })
    }

    /// Whether no fault answers instead.
    pub(crate) fn reaches_the_api(&self) -> bool {
        match self.fault {
            Some(Fault::DropBefore | Fault::SpendCap | Fault::NotFound) => false,
            Some(Fault::Answer { after_accepting, .. }) => after_accepting,
            _ => true,
        }
    }
}

/// The documented limit of the counting endpoint.
pub(crate) const COUNT_BODY_BYTES_MAX: u64 = 32_000_000;

/// A body that may not be longer than so many bytes.
struct Limited<'b> {
    body: &'b mut dyn Read,
    left: u64,
}

impl Read for Limited<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.body.read(buffer)?;
        self.left = self.left.checked_sub(count as u64).ok_or(ErrorKind::FileTooLarge)?;
        Ok(count)
    }
}

/// Parameters of a message that the counting endpoint refuses.
const NOT_COUNTED: [&str; 8] =
    ["max_tokens", "stream", "stop_sequences", "metadata", "temperature", "top_p", "top_k", "service_tier"];

impl Desk {
    /// How many input tokens a message would have.
    fn count(&self, body: &mut dyn Read, terms: &Terms) -> Result<u64, BodyError> {
        let mut text = Vec::new();
        body.read_to_end(&mut text)
            .map_err(|error| BodyError::from(crate::frame::FrameError::from(error)))?;
        self.count_text(&text, terms).map_err(|refusal| BodyError::Refused(Box::new(refusal)))
    }

    fn count_text(&self, text: &[u8], terms: &Terms) -> Result<u64, Refusal> {
        let node: Node<'_> = serde_json::from_slice(text).map_err(|error| bad_json(&error.to_string()))?;
        let Node::Object(params) = node else { return Err(Refusal::invalid_in_our_words("not an object")) };
        check_counted(&params)?;
        let name = params.get("model").and_then(Node::as_str).unwrap_or_default();
        let Some(model) = self.model(name, terms.day) else {
            return Err(Refusal::not_found(RowError::no_model(&cut(name)).message));
        };
        let members: String = params
            .iter()
            .map(|(key, value)| {
                format!(",{}:{}", Node::String(key.into()).to_compact_json(), value.to_compact_json())
            })
            .collect();
        let line = format!(r#"{{"custom_id":"count","params":{{"max_tokens":1{members}}}}}"#);
        let request = Request::parse(line.as_bytes())
            .map_err(|flaws| Refusal::invalid_in_our_words(&flaws[0].message))?;
        let traits = batchwise_planner::model_traits(model);
        Ok(figure(self.estimator.estimate(&request, &traits).total))
    }
}

fn check_counted(params: &Object<'_>) -> Result<(), Refusal> {
    for key in ["model", "messages"] {
        if params.get(key).is_none() {
            return Err(Refusal::invalid(format!("{key}: Field required")));
        }
    }
    if params.get("messages").and_then(Node::as_array).is_some_and(<[Node<'_>]>::is_empty) {
        return Err(Refusal::invalid("messages: at least one message is required"));
    }
    let refused = |key: &str| parameter(key).is_none() || NOT_COUNTED.contains(&key);
    match params.iter().find(|(key, _)| refused(key)) {
        Some((key, _)) => Err(Refusal::invalid(format!("{}: Extra inputs are not permitted", cut(key)))),
        None => Ok(()),
    }
}
