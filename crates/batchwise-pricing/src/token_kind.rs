use std::fmt;

/// A kind of token that has a price of its own. Every token of a request is of exactly one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TokenKind {
    /// Prompt tokens that are neither written to nor read from a cache.
    Input,
    /// Prompt tokens written to a cache that lives five minutes.
    CacheWrite5m,
    /// Prompt tokens written to a cache that lives one hour.
    CacheWrite1h,
    /// Prompt tokens read from a cache.
    CacheRead,
    /// Tokens of the reply, thinking included.
    Output,
}

impl TokenKind {
    /// All kinds, prompt first.
    pub const ALL: [TokenKind; 5] = [
        TokenKind::Input,
        TokenKind::CacheWrite5m,
        TokenKind::CacheWrite1h,
        TokenKind::CacheRead,
        TokenKind::Output,
    ];

    /// The stable name, as in the price files and in reports: `cache_write_5m`.
    pub fn name(self) -> &'static str {
        match self {
            TokenKind::Input => "input",
            TokenKind::CacheWrite5m => "cache_write_5m",
            TokenKind::CacheWrite1h => "cache_write_1h",
            TokenKind::CacheRead => "cache_read",
            TokenKind::Output => "output",
        }
    }
}

impl fmt::Display for TokenKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
