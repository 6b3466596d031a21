//! Numbers that carry their unit.
//!
//! A bare number is the bug this program is most likely to write, so money is a [`Usd`], a price a
//! [`Rate`], a count of tokens [`Tokens`] and a size [`Bytes`]; `rate * tokens` is `Usd`, and
//! `usd * usd` does not compile. Whatever is not known exactly is an [`Estimate`] with its bounds.

mod bytes;
mod estimate;
mod exact;
mod percent;
mod rate;
mod tokens;
mod usd;

pub use bytes::{Bytes, BytesError};
pub use estimate::Estimate;
pub use percent::{Percent, PercentError};
pub use rate::{Rate, RateError};
pub use tokens::Tokens;
pub use usd::{Usd, UsdError};
