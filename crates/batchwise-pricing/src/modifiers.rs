use batchwise_units::Usd;
use jiff::civil::Date;
use rust_decimal::Decimal;

/// What the region of a request does to its price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Geo {
    /// The factor of `inference_geo = "us"` on every kind of token; at least 1. `global` is 1.
    pub us: Decimal,
    /// The page that states it.
    pub source: String,
    /// The newest day on which the page was read.
    pub checked: Date,
    /// What to know about it.
    pub notes: Vec<String>,
}

/// Fees of the tools that run on Anthropic's side. A batch does not halve them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerTools {
    /// A thousand web searches.
    pub web_search_per_1000: Usd,
    /// One web fetch; nothing but its tokens.
    pub web_fetch: Usd,
    /// An hour of one code execution container, after the free hours of the month.
    pub code_execution_per_container_hour: Usd,
    /// One tool search; nothing but its tokens.
    pub tool_search: Usd,
    /// The page that states them.
    pub source: String,
    /// The newest day on which the page was read.
    pub checked: Date,
    /// What to know about them.
    pub notes: Vec<String>,
}
