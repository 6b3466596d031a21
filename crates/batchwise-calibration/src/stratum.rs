use std::fmt;

use batchwise_tokens::RequestKind;
use batchwise_units::Tokens;

/// Requests that are alike as far as counting them is concerned.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stratum {
    /// The model as the requests name it; empty for those beyond [`Survey::STRATA_MAX`](crate::Survey::STRATA_MAX).
    pub model: String,
    /// What they are made of.
    pub kind: RequestKind,
    /// How large they are estimated to be.
    pub size: SizeClass,
}

/// A power of ten of estimated tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SizeClass {
    /// Fewer than 100: here the frame around the text weighs as much as the text.
    Under100,
    /// Fewer than 1,000.
    Under1000,
    /// Fewer than 10,000.
    Under10000,
    /// Fewer than 100,000.
    Under100000,
    /// All others.
    Larger,
}

impl SizeClass {
    /// The class of a request of about so many tokens.
    pub fn of(likely: Tokens) -> SizeClass {
        match likely.0 {
            0..100 => SizeClass::Under100,
            100..1_000 => SizeClass::Under1000,
            1_000..10_000 => SizeClass::Under10000,
            10_000..100_000 => SizeClass::Under100000,
            _ => SizeClass::Larger,
        }
    }
}

impl fmt::Display for SizeClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SizeClass::Under100 => "under 100 tokens",
            SizeClass::Under1000 => "100 to 1,000 tokens",
            SizeClass::Under10000 => "1,000 to 10,000 tokens",
            SizeClass::Under100000 => "10,000 to 100,000 tokens",
            SizeClass::Larger => "over 100,000 tokens",
        })
    }
}

impl Stratum {
    /// Where the requests of too many models and kinds go together.
    pub(crate) fn rest() -> Stratum {
        Stratum { model: String::new(), kind: RequestKind::Text, size: SizeClass::Under100 }
    }
}
