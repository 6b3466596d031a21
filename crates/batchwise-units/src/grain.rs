use std::ops::{Add, Sub};

use rust_decimal::Decimal;

use crate::{Tokens, Usd};

/// A quantity whose errors can be squared and summed as whole numbers: it has a grain, the unit that they
/// are rounded up to before. Sums of integers are exact and do not depend on their order.
pub trait Grain: Copy + Ord + Default + Add<Output = Self> + Sub<Output = Self> {
    /// The fewest grains that are not less than this. A negative quantity has none.
    fn grains_up(self) -> u128;

    /// So many grains.
    ///
    /// # Panics
    /// When they are more than the type holds.
    fn from_grains(grains: u128) -> Self;
}

/// The grain is one token.
impl Grain for Tokens {
    fn grains_up(self) -> u128 {
        u128::from(self.0)
    }

    fn from_grains(grains: u128) -> Tokens {
        Tokens(u64::try_from(grains).expect("token counts stay below 10^15"))
    }
}

/// Decimals of a dollar in a grain. One token costs a whole number of grains at most list prices.
const USD_DECIMALS: u32 = 9;

/// The grain is one nano-dollar.
impl Grain for Usd {
    fn grains_up(self) -> u128 {
        let amount = self.as_decimal();
        let digits = u128::try_from(amount.mantissa()).unwrap_or_default();
        match amount.scale().checked_sub(USD_DECIMALS) {
            Some(finer) => digits.div_ceil(10u128.pow(finer)),
            // A decimal has at most 96 bits, so this stays below 2^128.
            None => digits * 10u128.pow(USD_DECIMALS - amount.scale()),
        }
    }

    fn from_grains(grains: u128) -> Usd {
        let grains = i128::try_from(grains).expect("amounts stay far below 2^96 nano-dollars");
        Usd::from_decimal(Decimal::from_i128_with_scale(grains, USD_DECIMALS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(dollars: &str, grains: u128) {
        assert_eq!(Usd::parse(dollars).unwrap().grains_up(), grains);
    }

    #[test]
    fn dollars_are_whole_nano_dollars_or_one_more() {
        check("0", 0);
        check("0.000000001", 1);
        check("0.0000000010", 1);
        check("0.0000000011", 2);
        check("0.000000000001", 1);
        check("12.5", 12_500_000_000);
        check("999999999999", 999_999_999_999_000_000_000);
        let most = Usd::from_decimal(Decimal::MAX);
        assert_eq!(most.grains_up(), 79_228_162_514_264_337_593_543_950_335_000_000_000);
        assert_eq!((Usd::ZERO - Usd::from_grains(1)).grains_up(), 0);
        assert_eq!(Usd::from_grains(12_500_000_000).to_string(), "12.5");
        assert_eq!(Usd::from_grains(u64::MAX.into()).grains_up(), u128::from(u64::MAX));
    }
}
