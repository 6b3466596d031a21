use batchwise_units::{Margin, Tokens, Usd};

/// How much of the width of each range of one request is an error of counting its input. Such errors cancel
/// in part where requests are added up. The rest of a width is bounds, which do not: how long the reply is,
/// what the cache does, content that cannot be seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Margins {
    /// Of all prompt tokens.
    pub input: Margin<Tokens>,
    /// Of those before the last effective cache breakpoint.
    pub cache_marked: Margin<Tokens>,
    /// Of what the request costs; none where it has no price.
    pub cost: CostMargins,
}

/// How much of the width of the ranges of one request's quote is an error of counting its input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CostMargins {
    /// Sent by itself.
    pub standard: Margin<Usd>,
    /// Sent in a batch, without caching.
    pub batch: Margin<Usd>,
    /// Sent in a batch, with caching.
    pub batch_cached: Margin<Usd>,
}
