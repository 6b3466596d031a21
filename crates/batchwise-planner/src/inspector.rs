use batchwise_pricing::Model;
use batchwise_records::{Flaw, Request};
use batchwise_tokens::InputEstimate;

use crate::Price;

/// Who looks at each request while a plan is made, beyond what a plan needs: the rules of the API, a policy.
///
/// Asked by several threads at once, in no order. What it says depends on nothing but the request, so that a plan does not
/// depend on the threads; it changes no number and no batch.
pub trait Inspector: Sync {
    /// What is to be said about one request, in the order of the request.
    fn inspect(&self, request: &Inspected<'_>) -> Vec<Flaw>;
}

/// One request as an [`Inspector`] sees it.
#[derive(Clone, Copy, Debug)]
pub struct Inspected<'i> {
    /// The request itself.
    pub request: &'i Request<'i>,
    /// The model, where the price book knows it.
    pub model: Option<&'i Model>,
    /// What its input comes to.
    pub input: &'i InputEstimate,
    /// What it costs, or why nobody can say.
    pub price: &'i Price,
}
