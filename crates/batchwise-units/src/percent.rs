use std::fmt;

use rust_decimal::Decimal;
use serde::{Serialize, Serializer};

use crate::exact;

/// A share between 0 % and 100 %, exact, with at most two decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Percent(Decimal);

/// Why a text is not a percentage.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "`{value}` is not a percentage: write a number from 0% to 100% with at most two decimals, like 85% or 12.5%"
)]
pub struct PercentError {
    /// What was written.
    pub value: String,
}

impl Percent {
    /// Nothing of it.
    pub const ZERO: Percent = Percent(Decimal::ZERO);
    /// All of it.
    pub const HUNDRED: Percent = Percent(Decimal::ONE_HUNDRED);

    /// Reads `85%`, `85` or `12.5%`.
    pub fn parse(text: &str) -> Result<Percent, PercentError> {
        let digits = text.strip_suffix('%').unwrap_or(text);
        let plain = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        match Decimal::from_str_exact(digits) {
            Ok(value) if plain && value <= Decimal::ONE_HUNDRED && value.normalize().scale() <= 2 => {
                Ok(Percent(value.normalize()))
            }
            _ => Err(PercentError { value: text.to_owned() }),
        }
    }

    /// The share as a fraction of one: 85 % is 0.85.
    pub fn as_fraction(self) -> Decimal {
        exact::shift_right(self.0, 2).normalize()
    }

    /// What is missing to 100 %.
    pub fn complement(self) -> Percent {
        Percent(exact::add(Decimal::ONE_HUNDRED, -self.0).normalize())
    }

    /// The share of a whole number, rounded up to a whole number.
    pub fn of_rounded_up(self, whole: u64) -> u64 {
        let exact = exact::multiply(self.as_fraction(), Decimal::from(whole));
        u64::try_from(exact.ceil()).expect("a share of a u64 fits a u64")
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", self.0.normalize())
    }
}

impl Serialize for Percent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_read_exactly() {
        let fraction =
            |text: &str| Percent::parse(text).ok().map(|percent| percent.as_fraction().to_string());
        assert_eq!(fraction("85%").as_deref(), Some("0.85"));
        assert_eq!(fraction("0").as_deref(), Some("0"));
        assert_eq!(fraction("100%").as_deref(), Some("1"));
        assert_eq!(fraction("33.33%").as_deref(), Some("0.3333"));
        for text in ["", "%", "101%", "-1%", "33.333%", "half", "1e1%"] {
            assert_eq!(fraction(text), None, "{text}");
        }
    }

    #[test]
    fn shares_of_whole_numbers_round_up() {
        let percent = |text| Percent::parse(text).unwrap();
        assert_eq!(percent("25%").of_rounded_up(1000), 250);
        assert_eq!(percent("25%").of_rounded_up(1001), 251);
        assert_eq!(percent("0%").of_rounded_up(1001), 0);
        assert_eq!(percent("85%").complement(), percent("15%"));
    }
}
