//! Decimal arithmetic that never rounds.
//!
//! `rust_decimal` holds 28 digits and rounds silently beyond them. These two functions refuse instead.
//! The inputs of batchwise are limited (prices have at most 12 decimals and stay under a million dollars,
//! token counts under 10^15), which keeps every product and every sum far inside the 28 digits; running
//! over is a bug of ours, so it stops the program rather than bend a number.

use rust_decimal::Decimal;

#[track_caller]
pub(crate) fn add(a: Decimal, b: Decimal) -> Decimal {
    if a.is_zero() {
        return b;
    }
    if b.is_zero() {
        return a;
    }
    let sum = a.checked_add(b).filter(|sum| sum.scale() == a.scale().max(b.scale()));
    sum.unwrap_or_else(|| panic!("{a} + {b} needs more than 28 digits"))
}

#[track_caller]
pub(crate) fn multiply(a: Decimal, b: Decimal) -> Decimal {
    if a.is_zero() || b.is_zero() {
        return Decimal::ZERO;
    }
    let product = a.checked_mul(b).filter(|product| product.scale() == a.scale() + b.scale());
    product.unwrap_or_else(|| panic!("{a} * {b} needs more than 28 digits"))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_digit_survives() {
        let big = Decimal::from_str_exact("99999999999999.99999999999999").unwrap();
        let tiny = Decimal::from_str_exact("0.00000000000001").unwrap();
        assert_eq!(add(big, tiny).to_string(), "100000000000000.00000000000000");
        assert_eq!(multiply(tiny, tiny).to_string(), "0.0000000000000000000000000001");
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
