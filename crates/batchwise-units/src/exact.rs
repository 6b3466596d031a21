//! Decimal arithmetic that never rounds.
//!
//! `rust_decimal` holds 28 digits and rounds silently beyond them. These functions refuse instead.
//! The inputs of batchwise are limited (prices have at most 12 decimals and stay under a million dollars,
//! token counts under 10^15), which keeps every product and every sum far inside the 28 digits; running
//! over is a bug of ours, so it stops the program rather than bend a number.

use rust_decimal::Decimal;

#[track_caller]
pub(crate) fn add(a: Decimal, b: Decimal) -> Decimal {
    checked_add(a, b).unwrap_or_else(|| panic!("{a} + {b} needs more than 28 digits"))
}

/// The sum, unless it needs more than 28 digits: for numbers that come from files.
pub(crate) fn checked_add(a: Decimal, b: Decimal) -> Option<Decimal> {
    if a.is_zero() {
        return Some(b);
    }
    if b.is_zero() {
        return Some(a);
    }
    a.checked_add(b).filter(|sum| sum.scale() == a.scale().max(b.scale()))
}

/// Reads a plain decimal number, perhaps negative, as it is: no exponent, and no digit that would be lost.
pub(crate) fn read(text: &str) -> Option<Decimal> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !plain(whole) || !plain(decimals) {
        return None;
    }
    Decimal::from_str_exact(text).ok().map(|value| value.normalize())
}

/// `part` as a percentage of `whole` with one decimal, rounded once, half away from zero; `None` when `whole` is
/// nothing or the percentage has no end of digits.
pub(crate) fn percent(part: Decimal, whole: Decimal) -> Option<String> {
    let tenths = rounded_quotient(part.mantissa().unsigned_abs(), whole.mantissa().unsigned_abs(), {
        i64::from(whole.scale()) - i64::from(part.scale()) + 3
    })?;
    let minus = if part.is_sign_negative() != whole.is_sign_negative() && !part.is_zero() { "-" } else { "" };
    Some(format!("{minus}{}.{}", tenths / 10, tenths % 10))
}

/// `part` times 10^`places` over `whole`, rounded half up. Both are below 2^96.
fn rounded_quotient(part: u128, whole: u128, places: i64) -> Option<u128> {
    let mut twice = 2 * part;
    for _ in places..0 {
        twice /= 10;
    }
    let (mut quotient, mut rest) = (twice.checked_div(whole)?, twice % whole);
    for _ in 0..places {
        quotient = quotient.checked_mul(10)?.checked_add(rest * 10 / whole)?;
        rest = rest * 10 % whole;
    }
    Some(quotient.checked_add(1)? / 2)
}

#[track_caller]
pub(crate) fn multiply(a: Decimal, b: Decimal) -> Decimal {
    if a.is_zero() || b.is_zero() {
        return Decimal::ZERO;
    }
    let product = a.checked_mul(b).filter(|product| product.scale() == a.scale() + b.scale());
    product.unwrap_or_else(|| panic!("{a} * {b} needs more than 28 digits"))
}

/// `rate` times `count`, divided by 10^`places`; `None` where that needs more than 28 digits: for numbers that come from
/// files.
pub(crate) fn checked_cost(rate: Decimal, count: Decimal, places: u32) -> Option<Decimal> {
    if rate.is_zero() || count.is_zero() {
        return Some(Decimal::ZERO);
    }
    let mut product =
        rate.checked_mul(count).filter(|product| product.scale() == rate.scale() + count.scale())?;
    product.set_scale(product.scale() + places).ok()?;
    Some(product)
}

/// Divides by 10^`places` by moving the decimal point.
#[track_caller]
pub(crate) fn shift_right(value: Decimal, places: u32) -> Decimal {
    let mut shifted = value;
    shifted
        .set_scale(value.scale() + places)
        .unwrap_or_else(|_| panic!("{value} / 10^{places} needs more than 28 decimals"));
    shifted
}

const POWERS_OF_TEN: [u64; 13] = [
    1,
    10,
    100,
    1_000,
    10_000,
    100_000,
    1_000_000,
    10_000_000,
    100_000_000,
    1_000_000_000,
    10_000_000_000,
    100_000_000_000,
    1_000_000_000_000,
];

/// The sum of the products, divided by 10^`places`: in whole numbers, and without trailing zeros. `None` where these do
/// not suffice.
pub(crate) fn sum_of_products<const N: usize>(parts: [(Decimal, u64); N], places: u32) -> Option<Decimal> {
    let scale = parts.iter().map(|(factor, _)| factor.scale()).max().unwrap_or(0);
    let mut sum: u64 = 0;
    for (factor, count) in parts.into_iter().filter(|(_, count)| *count > 0) {
        let units = u64::try_from(factor.mantissa()).ok()?;
        let units = units.checked_mul(*POWERS_OF_TEN.get((scale - factor.scale()) as usize)?)?;
        sum = sum.checked_add(units.checked_mul(count)?)?;
    }
    let (mut units, mut scale) = (sum, scale + places);
    while scale > 0 && units.is_multiple_of(10) {
        (units, scale) = (units / 10, scale - 1);
    }
    (scale <= Decimal::MAX_SCALE).then(|| Decimal::from_i128_with_scale(i128::from(units), scale))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn common_sums_of_products_are_quick_ones() {
        let rate = |text| read(text).unwrap();
        let parts = [(rate("2.5"), 1_000_000), (rate("0.05"), 123_456_789), (rate("12.345678"), 7)];
        assert_eq!(sum_of_products(parts, 6).unwrap().to_string(), "8.672925869746");
        assert_eq!(sum_of_products([(rate("2.5"), 0)], 6), Some(Decimal::ZERO));
        assert_eq!(sum_of_products([(rate("999999"), u64::MAX)], 6), None);
    }

    #[test]
    fn the_last_digit_survives() {
        let big = Decimal::from_str_exact("99999999999999.99999999999999").unwrap();
        let tiny = Decimal::from_str_exact("0.00000000000001").unwrap();
        assert_eq!(add(big, tiny).to_string(), "100000000000000.00000000000000");
        assert_eq!(multiply(tiny, tiny).to_string(), "0.0000000000000000000000000001");
    }

    #[track_caller]
    fn check_percent(part: &str, whole: &str, expected: Option<&str>) {
        assert_eq!(percent(read(part).unwrap(), read(whole).unwrap()).as_deref(), expected, "{part}/{whole}");
    }

    #[test]
    fn percentages_are_rounded_once() {
        check_percent("1", "3", Some("33.3"));
        check_percent("2", "3", Some("66.7"));
        check_percent("-1", "2000", Some("-0.1")); //     half, away from zero
        check_percent("1", "-2000", Some("-0.1"));
        check_percent("0.0004999999999999999999999999", "1", Some("0.0"));
        check_percent("0.4999999999999999999999999999", "1000", Some("0.0")); // a quotient of 28 digits would be half
        check_percent("-0.0001", "1", Some("-0.0"));
        check_percent("0", "7", Some("0.0"));
        check_percent("1", "0", None);
        check_percent("79228162514264337593543950335", "0.01", Some("792281625142643375935439503350000.0"));
        check_percent("79228162514264337593543950335", "0.0000000000000000000000000001", None);
        check_percent("0.0000000000000000000000000001", "79228162514264337593543950335", Some("0.0"));
    }

    proptest! {
        /// The oracle multiplies and adds.
        #[test]
        fn sums_of_products_are_exact(parts in prop::array::uniform5((0u64..2_000_000, 0u32..13, 0u64..100_000_000))) {
            let parts = parts.map(|(units, scale, count)| (Decimal::new(units.try_into().unwrap(), scale), count));
            let slow = parts.iter().fold(Decimal::ZERO, |sum, (factor, count)| {
                add(sum, shift_right(multiply(*factor, Decimal::from(*count)), 6))
            });
            if let Some(sum) = sum_of_products(parts, 6) {
                prop_assert_eq!(sum.to_string(), slow.normalize().to_string());
            }
        }

        /// The oracle is a fraction of whole numbers.
        #[test]
        fn percentages_agree_with_fractions(part in -1_000_000_000i64..1_000_000_000, whole in 1i64..1_000_000_000, a in 0u32..6, b in 0u32..6) {
            let (top, bottom) = (i128::from(part) * 1000 * 10i128.pow(b), i128::from(whole) * 10i128.pow(a));
            let tenths = (2 * top.abs() + bottom) / (2 * bottom);
            let minus = if part < 0 { "-" } else { "" };
            let expected = format!("{minus}{}.{}", tenths / 10, tenths % 10);
            prop_assert_eq!(percent(Decimal::new(part, a), Decimal::new(whole, b)), Some(expected));
        }
    }

    #[test]
    fn only_plain_decimals_are_read() {
        let read = |text| read(text).map(|value| value.to_string());
        assert_eq!(read("-12.50").as_deref(), Some("-12.5"));
        assert_eq!(read("-0.0").as_deref(), Some("0"));
        assert_eq!(read("0.0000000000000000000000000001").as_deref(), Some("0.0000000000000000000000000001"));
        let long = "0.00000000000000000000000000001";
        for bad in ["", "-", ".", "1.", ".5", "+1", "1e3", "1_000", "--1", "1.2.3", " 1", "\u{661}", long] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    #[should_panic(expected = "needs more than 28 digits")]
    fn a_sum_that_would_round_stops() {
        add(Decimal::MAX, Decimal::from_str_exact("0.1").unwrap());
    }

    #[test]
    #[should_panic(expected = "needs more than 28 digits")]
    fn a_product_that_would_round_stops() {
        let third = Decimal::from_str_exact("0.3333333333333333333333333333").unwrap();
        multiply(third, third);
    }

    #[test]
    #[should_panic(expected = "needs more than 28 decimals")]
    fn a_shift_that_would_lose_digits_stops() {
        shift_right(Decimal::from_str_exact("0.3333333333333333333333333333").unwrap(), 6);
    }
}
