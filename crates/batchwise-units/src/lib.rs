//! Numbers that carry their unit.
//!
//! A bare number is the bug this program is most likely to write, so money is a [`Usd`], a price a
//! [`Rate`], a count of tokens [`Tokens`] and a size [`Bytes`]; `rate * tokens` is `Usd`, and
//! `usd * usd` does not compile. Whatever is not known exactly is an [`Estimate`] with its bounds, and many
//! of them are added up by a [`RangeSum`], in which errors cancel as far as they are independent.

mod apportion;
mod bytes;
mod dollars;
mod estimate;
mod exact;
mod expected_tokens;
mod grain;
mod grouped;
mod margin;
mod percent;
mod range_sum;
mod rate;
mod shared_error;
mod spread;
mod tokens;
mod usd;

pub use apportion::apportion;
pub use bytes::{Bytes, BytesError};
pub use dollars::{amount, dollars, percentage, places};
pub use estimate::Estimate;
pub use expected_tokens::ExpectedTokens;
pub use grain::Grain;
pub use grouped::{group, grouped, requests};
pub use margin::Margin;
pub use percent::{Percent, PercentError};
pub use range_sum::RangeSum;
pub use rate::{Rate, RateError};
pub use shared_error::SharedError;
pub use tokens::Tokens;
pub use usd::{Usd, UsdError};
