use rust_decimal::{Decimal, RoundingStrategy};

use crate::Usd;

/// `amounts` rounded to `places` decimals so that they add up to their rounded total: the policy of every report.
///
/// The exact total is rounded once, half away from zero, as [`Usd::rounded`] does. Each amount is then its floor or one
/// unit of the last place more; those with the largest remainders get the unit, of equal ones the first. So no amount
/// is off by a unit, what is exact already stays as it is, one amount alone is its own rounding, and of all ways to make
/// lines foot none is closer to the exact amounts.
///
/// # Panics
/// When the exact total needs more than 28 digits.
pub fn apportion(amounts: &[Usd], places: u32) -> Vec<Usd> {
    let unit = Decimal::new(1, places);
    let total: Usd = amounts.iter().copied().sum();
    let floors: Vec<Usd> =
        amounts.iter().map(|usd| round(*usd, places, RoundingStrategy::ToNegativeInfinity)).collect();
    let missing = total.rounded_to(places) - floors.iter().copied().sum();
    let mut units = (missing.as_decimal() / unit).round();

    let mut by_remainder: Vec<usize> = (0..amounts.len()).collect();
    by_remainder.sort_by_key(|&index| std::cmp::Reverse(amounts[index] - floors[index]));
    let mut apportioned = floors;
    for index in by_remainder {
        if units <= Decimal::ZERO {
            break;
        }
        apportioned[index] += Usd::from_decimal(unit);
        units -= Decimal::ONE;
    }
    apportioned
}

impl Usd {
    /// The amount rounded half away from zero to `places` decimals.
    pub fn rounded_to(self, places: u32) -> Usd {
        round(self, places, RoundingStrategy::MidpointAwayFromZero)
    }
}

fn round(usd: Usd, places: u32, strategy: RoundingStrategy) -> Usd {
    Usd::from_decimal(usd.as_decimal().round_dp_with_strategy(places, strategy))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn usd(text: &str) -> Usd {
        Usd::read(text).unwrap()
    }

    #[track_caller]
    fn check(amounts: &[&str], expected: &[&str]) {
        let amounts: Vec<Usd> = amounts.iter().map(|text| usd(text)).collect();
        let rounded: Vec<String> = apportion(&amounts, 2).iter().map(|usd| usd.rounded(2)).collect();
        assert_eq!(rounded, expected);
    }

    #[test]
    fn lines_foot_to_the_rounded_total() {
        check(&[], &[]);
        check(&["0.005"], &["0.01"]); //                       alone: its own rounding
        check(&["-0.005"], &["-0.01"]);
        check(&["0.003", "0.003", "0.003"], &["0.01", "0.00", "0.00"]); // 0.009 is a cent, and the first has it
        check(&["0.333", "0.333", "0.334"], &["0.33", "0.33", "0.34"]);
        check(&["1.005", "1.005"], &["1.01", "1.00"]); //      2.01, not 2.02
        check(&["0.004", "12.00", "0.004"], &["0.01", "12.00", "0.00"]); // what is exact stays
        check(&["-0.002", "0.006"], &["0.00", "0.00"]); //    negative ones have their floor below
        check(&["0", "0"], &["0.00", "0.00"]);
    }

    /// Every way to take each amount as its floor or a unit more, so that they add up to `total`; in units.
    fn all_apportionments(floors: &[i128], total: i128) -> Vec<Vec<i128>> {
        let ways = 1u32 << floors.len();
        let way = |way: u32| -> Vec<i128> {
            floors.iter().enumerate().map(|(index, floor)| floor + i128::from(way >> index & 1)).collect()
        };
        (0..ways).map(way).filter(|way| way.iter().sum::<i128>() == total).collect()
    }

    proptest! {
        /// The oracle works in whole tenths of a cent, and looks at all apportionments there are.
        #[test]
        fn none_is_closer(tenths in proptest::collection::vec(-60i64..60, 0..8)) {
            let amounts: Vec<Usd> = tenths.iter().map(|tenth| Usd::from_decimal(Decimal::new(*tenth, 3))).collect();
            let rounded = apportion(&amounts, 2);
            let cents: Vec<i128> =
                rounded.iter().map(|usd| (usd.as_decimal() * Decimal::ONE_HUNDRED).try_into().unwrap()).collect();

            let sum: i64 = tenths.iter().sum();
            let total = i128::from(sum.signum() * ((sum.abs() + 5) / 10));
            let floors: Vec<i128> = tenths.iter().map(|tenth| i128::from(tenth.div_euclid(10))).collect();
            let error = |way: &Vec<i128>| -> i128 {
                way.iter().zip(&tenths).map(|(cent, tenth)| (cent * 10 - i128::from(*tenth)).pow(2)).sum()
            };
            let all = all_apportionments(&floors, total);
            prop_assert!(all.contains(&cents), "{cents:?} is no apportionment");
            prop_assert_eq!(Some(error(&cents)), all.iter().map(error).min());
            for (cent, tenth) in cents.iter().zip(&tenths) {
                prop_assert!(tenth % 10 != 0 || *cent == i128::from(tenth / 10), "what is exact stays");
            }
        }

        #[test]
        fn amounts_of_any_size_foot(units in proptest::collection::vec((0u64..1_000_000_000_000, 0u32..9), 0..40), places in 2u32..7) {
            let amounts: Vec<Usd> =
                units.iter().map(|(units, scale)| Usd::from_decimal(Decimal::new(units.cast_signed(), *scale))).collect();
            let rounded = apportion(&amounts, places);
            let (exact, foot): (Usd, Usd) = (amounts.iter().copied().sum(), rounded.iter().copied().sum());
            prop_assert_eq!(foot, exact.rounded_to(places));
            prop_assert_eq!(foot.rounded(places), exact.rounded(places));
            for (line, amount) in rounded.iter().zip(&amounts) {
                prop_assert!((*line - *amount).as_decimal().abs() < Decimal::new(1, places));
            }
        }
    }
}
