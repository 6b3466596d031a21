use batchwise_pricing::{Model, PriceBook};
use batchwise_records::{FieldPath, Node, Object, Request, Where};
use batchwise_tokens::InputEstimate;
use jiff::civil::Date;

use crate::ApiVersion;

/// How a batch will be sent.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances<'c> {
    /// What the models can do.
    pub book: &'c PriceBook,
    /// The day on which it is sent.
    pub day: Date,
    /// The version of the API that it is created with.
    pub api_version: ApiVersion,
    /// The beta headers that it is created with.
    pub betas: &'c [String],
}

/// One request that is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'s> {
    /// The request itself.
    pub request: &'s Request<'s>,
    /// Its model, where the price book knows it. Without it, no rule about models says anything.
    pub model: Option<&'s Model>,
    /// What its input comes to.
    pub input: &'s InputEstimate,
    /// Whether it is processed in the United States, at the surcharge of the price book.
    pub is_in_us: bool,
}

/// What a rule looks at: a request and how it will be sent.
#[derive(Clone, Copy)]
pub(crate) struct Scene<'s> {
    pub(crate) subject: &'s Subject<'s>,
    pub(crate) circumstances: &'s Circumstances<'s>,
}

impl<'s> Scene<'s> {
    pub(crate) fn params(&self) -> &'s Object<'s> {
        &self.subject.request.params
    }

    /// The value of a parameter; `null` is none.
    pub(crate) fn parameter(&self, key: &str) -> Option<&'s Node<'s>> {
        self.params().get(key).filter(|value| **value != Node::Null)
    }

    /// A list under that key; empty where there is none.
    pub(crate) fn list(&self, key: &str) -> &'s [Node<'s>] {
        self.parameter(key).and_then(Node::as_array).unwrap_or_default()
    }

    /// The `type` of an object under that key.
    pub(crate) fn kind_of(&self, key: &str) -> Option<&'s str> {
        self.parameter(key)?.get("type")?.as_str()
    }

    pub(crate) fn has_beta(&self, beta: &str) -> bool {
        self.circumstances.betas.iter().any(|given| given == beta)
    }
}

/// The value of a parameter, or of a field within it.
pub(crate) fn at(keys: &[&str]) -> Where {
    let mut path = FieldPath::keys(&["params"]);
    for key in keys {
        path = path.key(key);
    }
    Where::Value(path)
}
