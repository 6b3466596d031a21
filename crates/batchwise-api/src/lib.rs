//! Speaks to the Anthropic API. The only crate that calls over HTTP.
//!
//! A [`Client`] asks one question at a time: it keeps to a [`Pace`], asks again where that is safe, within a
//! [`Patience`], and tells what went wrong as an [`ApiError`] that says whether the next request has a chance. Making a
//! batch is not safe to repeat: it is tried once, and a [`CreateError`] tells a no from what nobody knows.
//!
//! Below it a [`Transport`] carries one request to a server and one answer back, and decides nothing;
//! [`UreqTransport`] is the one for the network, and tests bring their own. Time comes from a [`Clock`].
//!
//! The [`ApiKey`] goes into one header of requests to one [`BaseUrl`] and nowhere else: redirects are errors,
//! and neither the key nor a text that holds it is ever shown.

mod batches;
mod client;
mod count_tokens;
mod question;

mod create_error;
mod message_batch;
mod model_info;
mod told;
mod upload;

mod answer;
mod error;
mod patience;

mod api_key;
mod base_url;
mod clock;
mod pace;

mod early_answer;
mod transport;
mod ureq_transport;

pub use answer::Answer;
pub use api_key::{ApiKey, BadKey};
pub use base_url::{BadBaseUrl, BaseUrl};
pub use batchwise_records::ApiVersion;
pub use client::{Client, Speaker};
pub use clock::{Clock, SystemClock};
pub use count_tokens::{COUNT_TOKENS_BODY_BYTES_MAX, COUNT_TOKENS_MAX, COUNT_TOKENS_PATH, count_tokens_body};
pub use create_error::CreateError;
pub use error::ApiError;
pub use message_batch::{BatchId, BatchPage, MessageBatch, ProcessingStatus, RequestCounts};
pub use model_info::ModelInfo;
pub use pace::Pace;
pub use patience::Patience;
pub use told::Told;
pub use transport::{
    AnswerLength, HttpBody, HttpRequest, HttpResponse, Transport, TransportError, TransportFault,
};
pub use upload::Upload;
pub use ureq_transport::{BadCertificates, Timeouts, UreqTransport};
