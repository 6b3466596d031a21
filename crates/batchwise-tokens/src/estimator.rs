use std::sync::Arc;

use batchwise_records::Request;
use batchwise_units::{Estimate, Tokens};

use crate::memo::Memo;
use crate::pdf::Pdf;
use crate::request_walk::Walk;
use crate::{Assumption, Family, ModelTraits, RequestKind, Structure, TextCounter};

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
    /// What was taken for granted, each once, in the order of [`Assumption`].
    pub assumptions: Vec<Assumption>,
    /// `false` when server tools, MCP servers or the like can add input that no one can know: then
    /// `total.high()` is no bound.
    pub bounded: bool,
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
    structure: fn(Family) -> Structure,
    pdfs: Memo<Option<Arc<Pdf>>>,
}

impl<C: TextCounter> StructureEstimator<C> {
    /// An estimator that counts texts with `counter` and everything else by the constants that were
    /// fitted together with it.
    pub fn new(counter: C, structure: fn(Family) -> Structure) -> StructureEstimator<C> {
        StructureEstimator { counter, structure, pdfs: Memo::new(PDF_MEMO_BYTES_MAX) }
    }
}

impl<C: TextCounter> Estimator for StructureEstimator<C> {
    fn method(&self) -> &str {
        self.counter.method()
    }

    fn estimate(&self, request: &Request<'_>, model: &ModelTraits) -> InputEstimate {
        let structure = (self.structure)(model.family);
        Walk::new(&self.counter, &structure, model, &self.pdfs).walk(&request.params)
    }
}
