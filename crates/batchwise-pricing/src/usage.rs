use std::iter::Sum;
use std::ops::{Add, AddAssign};

use batchwise_units::Tokens;

use crate::TokenKind;

/// How many tokens of each kind one or more requests use. No token is counted twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Usage {
    /// Prompt tokens that are neither written to nor read from a cache.
    pub input: Tokens,
    /// Prompt tokens written to a five-minute cache.
    pub cache_write_5m: Tokens,
    /// Prompt tokens written to a one-hour cache.
    pub cache_write_1h: Tokens,
    /// Prompt tokens read from a cache.
    pub cache_read: Tokens,
    /// Tokens of the reply, thinking included.
    pub output: Tokens,
}

impl Usage {
    /// The length of the prompt: everything but the output. Of one request, this selects the price tier;
    /// of a sum of requests, it does not.
    pub fn prompt(&self) -> Tokens {
        self.input + self.cache_write_5m + self.cache_write_1h + self.cache_read
    }

    /// The tokens of one kind.
    pub fn of(&self, kind: TokenKind) -> Tokens {
        match kind {
            TokenKind::Input => self.input,
            TokenKind::CacheWrite5m => self.cache_write_5m,
            TokenKind::CacheWrite1h => self.cache_write_1h,
            TokenKind::CacheRead => self.cache_read,
            TokenKind::Output => self.output,
        }
    }
}

impl Add for Usage {
    type Output = Usage;
    #[track_caller]
    fn add(self, other: Usage) -> Usage {
        Usage {
            input: self.input + other.input,
            cache_write_5m: self.cache_write_5m + other.cache_write_5m,
            cache_write_1h: self.cache_write_1h + other.cache_write_1h,
            cache_read: self.cache_read + other.cache_read,
            output: self.output + other.output,
        }
    }
}

impl AddAssign for Usage {
    #[track_caller]
    fn add_assign(&mut self, other: Usage) {
        *self = *self + other;
    }
}

impl Sum for Usage {
    fn sum<I: Iterator<Item = Usage>>(usages: I) -> Usage {
        usages.fold(Usage::default(), Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prompt_is_everything_but_the_output() {
        let usage = Usage {
            input: Tokens(1),
            cache_write_5m: Tokens(20),
            cache_write_1h: Tokens(300),
            cache_read: Tokens(4_000),
            output: Tokens(50_000),
        };
        assert_eq!(usage.prompt(), Tokens(4_321));
        let all = TokenKind::ALL.iter().map(|&kind| usage.of(kind)).sum::<Tokens>();
        assert_eq!(all, usage.prompt() + usage.output);
        assert_eq!([usage, usage].into_iter().sum::<Usage>().prompt(), Tokens(8_642));
    }
}
