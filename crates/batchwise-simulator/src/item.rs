use batchwise_prefixes::PrefixHash;
use batchwise_tokens::CacheTtl;

/// What is kept of one request of a batch: not its text, but what its row of the results needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) custom_id: Box<str>,
    /// What is to be done, or why it will fail.
    pub(crate) task: Result<Box<Work>, Box<RowError>>,
    pub(crate) outcome: Outcome,
}

/// A request that can be processed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Work {
    /// The id that the model answers with, never an alias.
    pub(crate) model: &'static str,
    /// All input tokens, cached or not.
    pub(crate) input: u64,
    pub(crate) max_tokens: u64,
    /// Where it asks to be processed.
    pub(crate) geo: Option<Box<str>>,
    /// The beginnings of the prompt at which one of its breakpoints looks, the shortest first; none that is too short for
    /// the cache.
    pub(crate) prefixes: Box<[Prefix]>,
}

/// A beginning of a prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Prefix {
    pub(crate) hash: PrefixHash,
    pub(crate) tokens: u64,
    /// The lifetime, where a breakpoint stands at its end.
    pub(crate) mark: Option<CacheTtl>,
}

/// Why a row is errored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RowError {
    pub(crate) kind: &'static str,
    pub(crate) message: String,
    /// Whether a worker had begun, which then names its call.
    pub(crate) by_worker: bool,
}

/// Where a request is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Waiting,
    Succeeded(Usage),
    Errored,
    Canceled,
    Expired,
}

/// The tokens that a reply is billed for. Each is in one field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) input: u64,
    pub(crate) read: u64,
    pub(crate) written_5m: u64,
    pub(crate) written_1h: u64,
    pub(crate) output: u64,
}

impl Item {
    pub(crate) fn new(custom_id: &str, task: Result<Work, RowError>) -> Item {
        let task = task.map(Box::new).map_err(Box::new);
        Item { custom_id: custom_id.into(), task, outcome: Outcome::Waiting }
    }
}

impl RowError {
    /// Of the parameters, with a recorded text.
    pub(crate) fn invalid(message: impl Into<String>) -> RowError {
        RowError { kind: "invalid_request_error", message: message.into(), by_worker: false }
    }

    /// A model that is not there, or no longer. Recorded.
    pub(crate) fn no_model(name: &str) -> RowError {
        RowError { kind: "not_found_error", message: format!("model: {name}"), by_worker: false }
    }

    /// Something that went wrong while the request was processed, with a recorded text.
    pub(crate) fn in_work(message: impl Into<String>) -> RowError {
        RowError { by_worker: true, ..RowError::invalid(message) }
    }
}
