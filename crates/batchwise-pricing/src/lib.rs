//! Which price applies.
//!
//! A [`PriceBook`] holds [`Model`]s, a model its [`Era`]s, an era its [`Prices`], and those the [`Rates`]
//! of a standard and of a batch request. [`Usage`] times `Rates` is dollars:
//!
//! ```
//! use batchwise_pricing::{PriceBook, Usage};
//! use batchwise_units::Tokens;
//! use jiff::civil::date;
//!
//! let usage = Usage { input: Tokens(100_001), output: Tokens(1_000), ..Usage::default() };
//! let model = PriceBook::bundled().find("claude-haiku-5-5")?;
//! let prices = model.on(date(2026, 11, 21))?.for_prompt(usage.prompt());
//! assert_eq!(prices.batch.cost(&usage).to_string(), "0.02625025");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The crate is pure: prices come from embedded files or from text that the caller has read, and the day
//! is always an argument.

mod diff;
mod document;
mod era;
mod invariants;
mod limits;
mod lint;
mod load;
mod lookup;
mod model;
mod modifiers;
mod nearest;
mod overlay;
mod price_book;
mod problem;
mod rates;
mod token_kind;
mod usage;

pub use diff::{Change, diff};
pub use era::{Era, Prices, Tier};
pub use limits::{Documented, Limits, QueueTier};
pub use lint::lint;
pub use lookup::LookupError;
pub use model::{ImageTier, Model, NoPrice, Status, Tokenizer};
pub use modifiers::{Geo, ServerTools};
pub use nearest::nearest;
pub use price_book::{PriceBook, SourceFile};
pub use problem::{BookErrors, Problem, Severity};
pub use rates::Rates;
pub use token_kind::TokenKind;
pub use usage::Usage;
