use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign};

use serde::{Deserialize, Serialize};

/// A size in bytes. `MB` is 10^6 bytes and `MiB` is 2^20, always.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Bytes(pub u64);

/// Why a text is not a size.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{value}` is not a size: write bytes or a unit, like 256000000, 256MB (10^6) or 256MiB (2^20)")]
pub struct BytesError {
    /// What was written.
    pub value: String,
}

const UNITS: [(&str, u64); 8] = [
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("kB", 1_000),
    ("KB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("B", 1),
];

impl Bytes {
    /// Reads a whole number of bytes with an optional unit: `256000000`, `256MB`, `256 MiB`.
    pub fn parse(text: &str) -> Result<Bytes, BytesError> {
        let unit = UNITS.iter().find(|(name, _)| text.ends_with(name));
        let (digits, factor) = match unit {
            Some((name, factor)) => (text[..text.len() - name.len()].trim_end(), *factor),
            None => (text, 1),
        };
        let whole = digits.bytes().all(|byte| byte.is_ascii_digit());
        let size = if whole { digits.parse::<u64>().ok() } else { None };
        size.and_then(|number| number.checked_mul(factor))
            .map(Bytes)
            .ok_or_else(|| BytesError { value: text.to_owned() })
    }

    /// The size of a slice in memory.
    pub fn of(slice: &[u8]) -> Bytes {
        Bytes(slice.len() as u64)
    }
}

impl Add for Bytes {
    type Output = Bytes;
    #[track_caller]
    fn add(self, other: Bytes) -> Bytes {
        Bytes(self.0.checked_add(other.0).expect("sizes stay below 2^64"))
    }
}

impl AddAssign for Bytes {
    #[track_caller]
    fn add_assign(&mut self, other: Bytes) {
        *self = *self + other;
    }
}

impl Sum for Bytes {
    fn sum<I: Iterator<Item = Bytes>>(sizes: I) -> Bytes {
        sizes.fold(Bytes(0), Add::add)
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mb_and_mib_differ() {
        let parse = |text: &str| Bytes::parse(text).ok().map(|bytes| bytes.0);
        assert_eq!(parse("256000000"), Some(256_000_000));
        assert_eq!(parse("256MB"), Some(256_000_000));
        assert_eq!(parse("256 MB"), Some(256_000_000));
        assert_eq!(parse("256MiB"), Some(268_435_456));
        assert_eq!(parse("1kB"), Some(1_000));
        assert_eq!(parse("0B"), Some(0));
        for text in ["", "MB", "1.5MB", "-1", "256mb", "1TB", "99999999999999999999", "+1"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
