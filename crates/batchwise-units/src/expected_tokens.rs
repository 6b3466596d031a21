use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Mul};

use rust_decimal::Decimal;
use serde::{Serialize, Serializer};

use crate::{Percent, Rate, Tokens, Usd, exact};

/// How many tokens are expected: an exact decimal, because a hit rate of 12.5 % reads an eighth of a prefix.
///
/// At most 10^15 with at most four decimals, and never negative. `Display` and the serialised form are the number without
/// trailing zeros, as a decimal string (`"850.5"`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExpectedTokens(Decimal);

impl ExpectedTokens {
    /// No tokens.
    pub const ZERO: ExpectedTokens = ExpectedTokens(Decimal::ZERO);

    /// Reads what `Display` writes; `None` where it is no such number.
    pub fn read(text: &str) -> Option<ExpectedTokens> {
        let value = exact::read(text)?;
        let possible = value >= Decimal::ZERO && value.scale() <= 4 && value <= Decimal::from(10u64.pow(15));
        possible.then_some(ExpectedTokens(value))
    }

    /// The number as a decimal.
    pub fn as_decimal(self) -> Decimal {
        self.0
    }

    /// What they cost, or `None` where that has more than 28 digits: for prices that come from a file.
    pub fn checked_cost(self, rate: Rate) -> Option<Usd> {
        exact::checked_cost(rate.usd_per_mtok(), self.0, 6).map(Usd::from_decimal)
    }
}

impl From<Tokens> for ExpectedTokens {
    fn from(tokens: Tokens) -> ExpectedTokens {
        ExpectedTokens(Decimal::from(tokens.0))
    }
}

impl Mul<Percent> for Tokens {
    type Output = ExpectedTokens;

    /// The exact share of a number of tokens.
    #[track_caller]
    fn mul(self, share: Percent) -> ExpectedTokens {
        ExpectedTokens(exact::multiply(Decimal::from(self.0), share.as_fraction()).normalize())
    }
}

impl Add for ExpectedTokens {
    type Output = ExpectedTokens;
    #[track_caller]
    fn add(self, other: ExpectedTokens) -> ExpectedTokens {
        ExpectedTokens(exact::add(self.0, other.0).normalize())
    }
}

impl Sum for ExpectedTokens {
    fn sum<I: Iterator<Item = ExpectedTokens>>(counts: I) -> ExpectedTokens {
        counts.fold(ExpectedTokens::ZERO, Add::add)
    }
}

impl fmt::Display for ExpectedTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for ExpectedTokens {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_exact_and_read_again() {
        let share = Tokens(1_001) * Percent::parse("12.55%").unwrap();
        assert_eq!(share.to_string(), "125.6255");
        assert_eq!(ExpectedTokens::read("125.6255"), Some(share));
        assert_eq!((share + Tokens(1).into()).to_string(), "126.6255");
        let cost = share.checked_cost(Rate::parse("0.05").unwrap());
        assert_eq!(cost.map(|usd| usd.to_string()).as_deref(), Some("0.000006281275"));
    }

    #[test]
    fn what_is_no_count_is_refused() {
        for text in ["", "-1", "1.00001", "1000000000000001", "1e3", " 1"] {
            assert_eq!(ExpectedTokens::read(text), None, "{text}");
        }
    }

    #[test]
    fn costs_of_too_many_digits_are_no_costs() {
        let rate = Rate::read("0.0000000000000000000000000001").unwrap();
        assert_eq!(ExpectedTokens::read("1.5").unwrap().checked_cost(rate), None);
    }
}
