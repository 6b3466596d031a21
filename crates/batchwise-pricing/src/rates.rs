use batchwise_units::{Percent, Rate, Usd};
use rust_decimal::Decimal;

use crate::{TokenKind, Usage};

/// The rates of the five kinds of tokens, in US dollars per million tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rates {
    /// Prompt tokens outside of any cache.
    pub input: Rate,
    /// Tokens of the reply.
    pub output: Rate,
    /// Prompt tokens written to a five-minute cache.
    pub cache_write_5m: Rate,
    /// Prompt tokens written to a one-hour cache.
    pub cache_write_1h: Rate,
    /// Prompt tokens read from a cache.
    pub cache_read: Rate,
}

impl Rates {
    /// The rate of one kind.
    pub fn of(&self, kind: TokenKind) -> Rate {
        match kind {
            TokenKind::Input => self.input,
            TokenKind::CacheWrite5m => self.cache_write_5m,
            TokenKind::CacheWrite1h => self.cache_write_1h,
            TokenKind::CacheRead => self.cache_read,
            TokenKind::Output => self.output,
        }
    }

    /// Each rate times an exact factor, such as `1.1` for a region.
    ///
    /// # Panics
    /// When the factor is not above zero.
    #[track_caller]
    pub fn times(&self, factor: Decimal) -> Rates {
        self.map(|rate| rate.times(factor))
    }

    /// Half of each rate: what a batch costs.
    pub fn half(&self) -> Rates {
        self.map(Rate::half)
    }

    /// Exactly what `usage` costs at these rates. The caller has chosen the rates by the prompt of each
    /// single request; a sum over requests may only be priced where they share their tier.
    pub fn cost(&self, usage: &Usage) -> Usd {
        Rate::cost(TokenKind::ALL.map(|kind| (self.of(kind), usage.of(kind))))
    }

    /// Each rate less a discount below 100 %.
    pub(crate) fn less(&self, discount: Percent) -> Rates {
        self.map(|rate| rate.less(discount))
    }

    fn map(&self, change: impl Fn(Rate) -> Rate) -> Rates {
        Rates {
            input: change(self.input),
            output: change(self.output),
            cache_write_5m: change(self.cache_write_5m),
            cache_write_1h: change(self.cache_write_1h),
            cache_read: change(self.cache_read),
        }
    }
}
