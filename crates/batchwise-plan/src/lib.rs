//! The plan file.
//!
//! A [`Plan`] holds every decision: which bytes of which input form which batch, what that costs and on
//! what assumptions. An executor decides nothing; it copies byte ranges into bodies and refuses inputs
//! whose [`Fingerprint`] has changed. Equal inputs give plans that are equal byte for byte, and [`Plan::read`]
//! gives back what [`Plan::write_json`] wrote, or tells why it cannot be relied on.

mod batch;
mod body;
mod cache;
mod fingerprint;
mod plan;
mod quote;
mod reader;
mod usage;
mod what_if;

pub use batch::{Batch, Slice};
pub use body::{
    BODY_CLOSING, BODY_OPENING, BODY_SEPARATOR, BodyDigest, ENVELOPE_BYTES, SEPARATOR_BYTES, request_line,
    request_lines,
};
pub use cache::{CacheAnalysis, CacheGroup, CacheScenarioCost, Wave};
pub use fingerprint::{Fingerprint, Fingerprinting};
pub use plan::{
    Assumption, Findings, Input, LeftOut, Limits, ModelLine, Plan, PriceBookReference, RatesUsed, SCHEMA,
};
pub use quote::{Quote, Saving, Savings, TokenTotals};
pub use reader::PlanReadError;
pub use usage::{Consumption, UsageLine, cost_of};
pub use what_if::{Cap, PromptTokens, WhatIf, WhatIfLine};
