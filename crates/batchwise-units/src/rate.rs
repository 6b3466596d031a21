use std::fmt;
use std::ops::Mul;

use rust_decimal::Decimal;
use serde::{Serialize, Serializer};

use crate::{Percent, Tokens, Usd, exact};

/// What one million tokens of one kind cost, in US dollars.
///
/// Positive and, as written, below 100,000 with at most 8 decimals. A discount adds 4 decimals at most, a
/// region one, a share of requests 4, and the division by a million 6, so a workload of hundreds of thousands
/// of dollars stays exact at the very worst, and one of billions at list prices. `Display` and the serialised
/// form are dollars per million tokens (`"0.0625"`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rate {
    usd_per_mtok: Decimal,
}

/// Why a text is not a rate.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "`{value}` is not a price: write US dollars per million tokens as text, above zero and below 100000 with \
     at most eight decimals, like \"3.00\""
)]
pub struct RateError {
    /// What was written.
    pub value: String,
}

impl Rate {
    /// Reads dollars per million tokens, such as `"3.00"`. Zero is refused: an unknown price is not free.
    pub fn parse(usd_per_mtok: &str) -> Result<Rate, RateError> {
        let error = || RateError { value: usd_per_mtok.to_owned() };
        if !usd_per_mtok.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
            return Err(error());
        }
        let value = Decimal::from_str_exact(usd_per_mtok).map_err(|_| error())?.normalize();
        let possible = value > Decimal::ZERO && value < Decimal::from(100_000u64) && value.scale() <= 8;
        if possible { Ok(Rate { usd_per_mtok: value }) } else { Err(error()) }
    }

    /// Reads what `Display` writes: also the longer prices that a region or a discount makes.
    pub fn read(usd_per_mtok: &str) -> Result<Rate, RateError> {
        let value = exact::read(usd_per_mtok).filter(|value| *value > Decimal::ZERO);
        let rate = value.map(|usd_per_mtok| Rate { usd_per_mtok });
        rate.ok_or_else(|| RateError { value: usd_per_mtok.to_owned() })
    }

    /// Dollars per million tokens.
    pub fn usd_per_mtok(self) -> Decimal {
        self.usd_per_mtok
    }

    /// This rate times an exact factor, such as `1.1` for a region.
    #[track_caller]
    pub fn times(self, factor: Decimal) -> Rate {
        assert!(factor > Decimal::ZERO, "a rate times {factor} is not a price");
        Rate { usd_per_mtok: exact::multiply(self.usd_per_mtok, factor).normalize() }
    }

    /// What tokens cost together, each at the rate beside them. Exact; the same as adding up each rate times its tokens.
    #[track_caller]
    pub fn cost<const N: usize>(parts: [(Rate, Tokens); N]) -> Usd {
        let counted = parts.map(|(rate, tokens)| (rate.usd_per_mtok, tokens.0));
        match exact::sum_of_products(counted, 6) {
            Some(sum) => Usd::from_normal(sum),
            None => parts.into_iter().map(|(rate, tokens)| rate * tokens).sum(),
        }
    }

    /// Half of this rate, exactly.
    pub fn half(self) -> Rate {
        self.times(Decimal::new(5, 1))
    }

    /// This rate less a discount.
    pub fn less(self, discount: Percent) -> Rate {
        self.times(discount.complement().as_fraction())
    }
}

impl Mul<Tokens> for Rate {
    type Output = Usd;

    /// Exact: dividing by 10^6 only moves the decimal point.
    #[track_caller]
    fn mul(self, tokens: Tokens) -> Usd {
        let micros = exact::multiply(self.usd_per_mtok, Decimal::from(tokens.0));
        Usd::from_decimal(exact::shift_right(micros, 6))
    }
}

impl Mul<Percent> for Usd {
    type Output = Usd;

    /// The exact share of an amount.
    #[track_caller]
    fn mul(self, share: Percent) -> Usd {
        Usd::from_decimal(exact::multiply(self.as_decimal(), share.as_fraction()))
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.usd_per_mtok)
    }
}

impl Serialize for Rate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(rate: &str, tokens: u64, expected: &str) {
        assert_eq!((Rate::parse(rate).unwrap() * Tokens(tokens)).to_string(), expected);
    }

    #[test]
    fn a_rate_times_tokens_is_exact() {
        check("3.00", 1, "0.000003");
        check("0.0625", 1, "0.0000000625");
        check("3", 1_000_000, "3");
        check("0.0625", 999_999_999_999_999, "62499999.9999999375");
        check("99999.999999", 999_999_999_999_999, "99999999998999.900000000001");
    }

    #[test]
    fn free_negative_and_sloppy_prices_are_refused() {
        for text in ["0", "0.00", "", ".", "-1", "3,00", "1e-3", "three", "100000", "0.000000001"] {
            assert_eq!(Rate::parse(text), Err(RateError { value: text.to_owned() }));
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let surcharged = Rate::parse("99999.99999999").unwrap().times(Decimal::new(11, 1)).half();
        assert_eq!(Rate::read(&surcharged.to_string()), Ok(surcharged));
        assert!(Rate::read("0").is_err() && Rate::read("-1").is_err());
    }

    proptest! {
        /// The oracle computes in whole pico-dollars.
        #[test]
        fn agrees_with_integer_arithmetic(micro_per_mtok in 1u64..1_000_000_000, tokens in 0u64..1_000_000_000_000) {
            let rate = Rate { usd_per_mtok: Decimal::new(micro_per_mtok.cast_signed(), 6).normalize() };
            let pico = u128::from(micro_per_mtok) * u128::from(tokens);
            let expected = Decimal::from_i128_with_scale(pico.cast_signed(), 12);
            prop_assert_eq!((rate * Tokens(tokens)).as_decimal(), expected);
        }
    }
}
