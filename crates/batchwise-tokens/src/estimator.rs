use std::sync::Arc;

use batchwise_records::Request;
use batchwise_units::{Estimate, Margin, SharedError, Tokens};

use crate::counted_once::CountedOnce;
use crate::memo::Memo;
use crate::milli_tokens::to_tokens;
use crate::pdf::Pdf;
use crate::request_walk::Walk;
use crate::{Assumption, ModelTraits, RequestKind, Structure, TextCounter};

/// How much PDF is remembered, in bytes of base64.
const PDF_MEMO_BYTES_MAX: usize = 128 * 1024 * 1024;

/// Estimates the input tokens of requests. Equal requests and models give equal estimates.
pub trait Estimator: Send + Sync {
    /// What the method is called in a report: `tiktoken`, `bytes`, `tiktoken+exact`.
    fn method(&self) -> &str;

    /// What the method as a whole rests on, where there is more to say than its name. Nothing means that it
    /// estimates offline.
    fn basis(&self) -> Vec<Basis> {
        Vec::new()
    }

    /// Estimates what the API will count as input of `request`.
    fn estimate(&self, request: &Request<'_>, model: &ModelTraits) -> InputEstimate;

    /// The same for several models, in their order. What counts alike for them is counted once, as far as the estimator
    /// can tell.
    fn estimate_each(&self, request: &Request<'_>, models: &[&ModelTraits]) -> Vec<InputEstimate> {
        models.iter().map(|model| self.estimate(request, model)).collect()
    }

    /// Estimates the tokens of `text` alone, without anything that a message or a request adds.
    fn estimate_text(&self, text: &str, model: &ModelTraits) -> Estimate<Tokens>;

    /// How much of the error of one request's estimate all requests of a workload have with it: as far as
    /// they resemble each other, an error is made again in each of them, and no total averages it out.
    fn shared_error(&self) -> SharedError;

    /// The same for the total of the whole workload, where an estimator that was fitted to that very workload errs less
    /// than on any part of it.
    fn shared_error_of_whole(&self) -> SharedError {
        self.shared_error()
    }
}

/// An estimator is one wherever it lives.
impl<E: Estimator + ?Sized> Estimator for Box<E> {
    fn method(&self) -> &str {
        (**self).method()
    }

    fn basis(&self) -> Vec<Basis> {
        (**self).basis()
    }

    fn estimate(&self, request: &Request<'_>, model: &ModelTraits) -> InputEstimate {
        (**self).estimate(request, model)
    }

    fn estimate_each(&self, request: &Request<'_>, models: &[&ModelTraits]) -> Vec<InputEstimate> {
        (**self).estimate_each(request, models)
    }

    fn estimate_text(&self, text: &str, model: &ModelTraits) -> Estimate<Tokens> {
        (**self).estimate_text(text, model)
    }

    fn shared_error(&self) -> SharedError {
        (**self).shared_error()
    }

    fn shared_error_of_whole(&self) -> SharedError {
        (**self).shared_error_of_whole()
    }
}

/// One thing that a method rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Basis {
    /// A stable key: words with hyphens.
    pub key: String,
    /// One sentence without a full stop.
    pub value: String,
    /// Where it comes from.
    pub source: String,
}

/// What the API will probably count as input of one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputEstimate {
    /// What the request is made of.
    pub kind: RequestKind,
    /// All input, whether it is read from a cache, written to one, or neither.
    pub total: Estimate<Tokens>,
    /// One for each `cache_control`, in the API's order: tools, system, messages. An automatic one at the
    /// top of the request stands at the end of the last block, unless that has one of its own.
    pub breakpoints: Vec<Breakpoint>,
    /// The tokens of the prompt up to the end of each block, in the API's order: tools, then the blocks of the system
    /// prompt and of the messages. A text in place of blocks is one. A block within another is one only if it is marked.
    /// Not more than the total.
    pub blocks: Vec<Estimate<Tokens>>,
    /// What was taken for granted, each once, in the order of [`Assumption`].
    pub assumptions: Vec<Assumption>,
    /// Whether part of the width of `total` is bounds, because something in the request may cost this or that:
    /// then errors of counting cannot be told from it.
    pub has_bounds: bool,
    /// `false` when server tools, MCP servers, state on the server or parameters that are not known can add input
    /// that no one can know: then
    /// `total.high()` is no bound.
    pub bounded: bool,
}

impl InputEstimate {
    /// How much of the width of `total` is an error of counting, which cancels in part where many requests are
    /// added up: all of it or nothing.
    pub fn margin(&self) -> Margin<Tokens> {
        self.margin_of(self.total)
    }

    /// The estimates of all beginnings of the prompt.
    pub fn prefixes_mut(&mut self) -> impl Iterator<Item = &mut Estimate<Tokens>> {
        self.breakpoints.iter_mut().map(|breakpoint| &mut breakpoint.prefix).chain(&mut self.blocks)
    }

    /// The same of `part` of the input, such as the prefix of a breakpoint. Where the whole is known exactly, a
    /// part that is not has an error of another sort than the others of the workload: it is taken for bounds.
    pub fn margin_of(&self, part: Estimate<Tokens>) -> Margin<Tokens> {
        let exact = self.total.low() == self.total.high();
        if exact || self.has_bounds || !self.bounded { Margin::none() } else { Margin::all_of(part) }
    }
}

/// A point up to which the prompt may be cached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breakpoint {
    /// The tokens of the prompt up to and including the marked block. Not more than the total.
    pub prefix: Estimate<Tokens>,
    /// How long the cache lives.
    pub ttl: CacheTtl,
}

/// How long a cached prompt lives after its last use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CacheTtl {
    /// `5m`, the default.
    FiveMinutes,
    /// `1h`.
    OneHour,
}

/// Estimates by walking over the request in the API's order, adding what each text is by `C` to what its
/// place costs by [`Structure`].
#[derive(Debug)]
pub struct StructureEstimator<C> {
    counter: C,
    structure: fn(&ModelTraits) -> Structure,
    shared_error: SharedError,
    pdfs: Memo<Option<Arc<Pdf>>>,
}

impl<C: TextCounter> StructureEstimator<C> {
    /// An estimator that counts texts with `counter` and everything else by the constants that were
    /// fitted together with it. Of what error is left, the requests of a workload share `shared_error`.
    pub fn new(
        counter: C,
        structure: fn(&ModelTraits) -> Structure,
        shared_error: SharedError,
    ) -> StructureEstimator<C> {
        StructureEstimator { counter, structure, shared_error, pdfs: Memo::new(PDF_MEMO_BYTES_MAX) }
    }

    fn walk(&self, counter: &dyn TextCounter, request: &Request<'_>, model: &ModelTraits) -> InputEstimate {
        let structure = (self.structure)(model);
        Walk::new(counter, &structure, model, &self.pdfs).walk(&request.params)
    }

    pub(crate) fn into_counter(self) -> C {
        self.counter
    }
}

impl<C: TextCounter> Estimator for StructureEstimator<C> {
    fn method(&self) -> &str {
        self.counter.method()
    }

    fn estimate(&self, request: &Request<'_>, model: &ModelTraits) -> InputEstimate {
        self.walk(&self.counter, request, model)
    }

    fn estimate_each(&self, request: &Request<'_>, models: &[&ModelTraits]) -> Vec<InputEstimate> {
        match models {
            [model] => vec![self.estimate(request, model)],
            models => {
                let counter = CountedOnce::new(&self.counter);
                models.iter().map(|model| self.walk(&counter, request, model)).collect()
            }
        }
    }

    fn estimate_text(&self, text: &str, model: &ModelTraits) -> Estimate<Tokens> {
        let allowance = (self.structure)(model).allowances[RequestKind::Text as usize];
        to_tokens(allowance.widen(self.counter.count_first(text, model)))
    }

    fn shared_error(&self) -> SharedError {
        self.shared_error
    }
}
