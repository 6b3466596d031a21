use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Sub};

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Serialize, Serializer};

use crate::{Rate, exact};

/// An exact amount of US dollars.
///
/// List prices have at most six decimals per million tokens, so a quote is an exact decimal and never
/// rounds; an operation that would have to round panics. Only a report rounds, once, half away from zero,
/// with [`Usd::rounded`] or lines of it with [`apportion`](crate::apportion()), and a [`RangeSum`](crate::RangeSum) rounds the reach of errors outwards. `Display` and
/// the serialised form are the exact amount without trailing zeros, as a decimal string (`"12.345678"`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Usd(Decimal);

/// Why a text is not an amount of dollars.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{value}` is not an amount: write plain US dollars, like 250 or 12.50")]
pub struct UsdError {
    /// What was written.
    pub value: String,
}

impl Usd {
    /// No dollars at all. Not a substitute for an unknown amount.
    pub const ZERO: Usd = Usd(Decimal::ZERO);

    /// Wraps an exact decimal number of dollars.
    pub fn from_decimal(dollars: Decimal) -> Usd {
        Usd(dollars.normalize())
    }

    /// Wraps a number of dollars that has no trailing zeros.
    pub(crate) fn from_normal(dollars: Decimal) -> Usd {
        debug_assert_eq!(dollars.scale(), dollars.normalize().scale());
        Usd(dollars)
    }

    /// The amount as a decimal number of dollars.
    pub fn as_decimal(self) -> Decimal {
        self.0
    }

    /// Reads a non-negative amount such as `250`, `12.50` or `$12.50`, with at most 12 decimals.
    pub fn parse(text: &str) -> Result<Usd, UsdError> {
        let digits = text.strip_prefix('$').unwrap_or(text);
        let plain = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        match Decimal::from_str_exact(digits) {
            Ok(value) if plain && value.scale() <= 12 && value < Decimal::from(1_000_000_000_000u64) => {
                Ok(Usd::from_decimal(value))
            }
            _ => Err(UsdError { value: text.to_owned() }),
        }
    }

    /// Reads what `Display` writes: a plain decimal number, perhaps negative, of any size that is held exactly.
    pub fn read(text: &str) -> Result<Usd, UsdError> {
        exact::read(text).map(Usd).ok_or_else(|| UsdError { value: text.to_owned() })
    }

    /// What one token costs at a price per million; exact, as the decimal point only moves. `None` where it would have more
    /// than 28 decimals.
    pub fn per_token(rate: Rate) -> Option<Usd> {
        exact::checked_cost(rate.usd_per_mtok(), Decimal::ONE, 6).map(Usd::from_decimal)
    }

    /// The sum, or `None` where it would have to round: for amounts that come from a file.
    pub fn checked_add(self, other: Usd) -> Option<Usd> {
        exact::checked_add(self.0, other.0).map(Usd::from_decimal)
    }

    /// The difference, or `None` where it would have to round.
    pub fn checked_sub(self, other: Usd) -> Option<Usd> {
        self.checked_add(Usd(-other.0))
    }

    /// The amount rounded half away from zero to `places` decimals, as text without a dollar sign.
    /// Here, in [`Usd::rounded_up`] and in [`apportion`](crate::apportion()) is the only place where an amount is rounded.
    pub fn rounded(self, places: u32) -> String {
        let rounded = self.0.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero);
        format!("{rounded:.*}", places as usize)
    }

    /// The smallest amount with `places` decimals that is not less, for bounds: they must hold as shown.
    pub fn rounded_up(self, places: u32) -> Usd {
        Usd::from_decimal(self.0.round_dp_with_strategy(places, RoundingStrategy::ToPositiveInfinity))
    }

    /// `self` as a percentage of `whole`, rounded once, half away from zero, to one decimal; `None` when
    /// `whole` is nothing. A ratio is for reading; never compute money from it.
    pub fn percent_of(self, whole: Usd) -> Option<String> {
        exact::percent(self.0, whole.0)
    }
}

impl fmt::Display for Usd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.normalize())
    }
}

impl Serialize for Usd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Add for Usd {
    type Output = Usd;
    #[track_caller]
    fn add(self, other: Usd) -> Usd {
        Usd(exact::add(self.0, other.0))
    }
}

impl AddAssign for Usd {
    #[track_caller]
    fn add_assign(&mut self, other: Usd) {
        *self = *self + other;
    }
}

impl Sub for Usd {
    type Output = Usd;
    #[track_caller]
    fn sub(self, other: Usd) -> Usd {
        Usd(exact::add(self.0, -other.0))
    }
}

impl Sum for Usd {
    fn sum<I: Iterator<Item = Usd>>(amounts: I) -> Usd {
        amounts.fold(Usd::ZERO, Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_rounded(exact: &str, places: u32, expected: &str) {
        assert_eq!(Usd::parse(exact).unwrap().rounded(places), expected);
    }

    #[test]
    fn rounding_is_half_away_from_zero() {
        check_rounded("0.005", 2, "0.01"); //   banker's rounding would say 0.00
        check_rounded("0.025", 2, "0.03");
        check_rounded("0.0249999", 2, "0.02");
        check_rounded("13.66875", 2, "13.67");
        check_rounded("7", 2, "7.00");
        check_rounded("0.00525", 4, "0.0053");
    }

    #[test]
    fn bounds_round_up() {
        let up = |text: &str| Usd::parse(text).unwrap().rounded_up(2).to_string();
        assert_eq!([up("0.001"), up("0.01"), up("1.234")], ["0.01", "0.01", "1.24"]);
    }

    #[track_caller]
    fn check_parse(text: &str, expected: Option<&str>) {
        assert_eq!(Usd::parse(text).ok().map(|usd| usd.to_string()).as_deref(), expected, "{text}");
    }

    #[test]
    fn amounts_are_plain_dollars() {
        check_parse("250", Some("250"));
        check_parse("$12.50", Some("12.5"));
        check_parse("0.0000001", Some("0.0000001"));
        check_parse("", None);
        check_parse("-1", None);
        check_parse("1e3", None);
        check_parse("1_000", None);
        check_parse("1,000", None);
        check_parse("0.0000000000001", None);
        check_parse("1000000000000", None);
    }

    #[test]
    fn percentages_are_for_reading() {
        let usd = |text| Usd::parse(text).unwrap();
        assert_eq!(usd("22.5").percent_of(usd("45")).as_deref(), Some("50.0"));
        assert_eq!(usd("1").percent_of(usd("3")).as_deref(), Some("33.3"));
        assert_eq!(usd("1").percent_of(Usd::ZERO), None);
    }

    #[test]
    fn amounts_of_files_are_checked() {
        let read = |text| Usd::read(text).unwrap();
        assert_eq!(read("-1.50").to_string(), "-1.5");
        assert_eq!(read("0.3").checked_sub(read("0.1")), Some(read("0.2")));
        assert_eq!(read("99999999999999999999999999").checked_add(read("0.0001")), None);
        assert!(Usd::read("$1").is_err());
    }

    #[test]
    fn differences_are_exact() {
        let saved = Usd::parse("0.039").unwrap() - Usd::parse("0.01622625").unwrap();
        assert_eq!(saved.to_string(), "0.02277375");
    }
}
