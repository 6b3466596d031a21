use std::iter::Sum;
use std::ops::{Add, AddAssign};

use batchwise_units::{Estimate, Tokens};

/// A thousandth of a token.
///
/// Fitted costs are fractions of a token. Whole thousandths keep the sums exact and equal on every
/// machine, which floating point would not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MilliTokens(pub u64);

impl MilliTokens {
    /// So many whole tokens.
    pub const fn tokens(count: u64) -> MilliTokens {
        MilliTokens(count.saturating_mul(1_000))
    }

    /// This times `per_mille` / 1000, rounded half up.
    pub fn per_mille(self, per_mille: u64) -> MilliTokens {
        let product = u128::from(self.0) * u128::from(per_mille);
        MilliTokens(u64::try_from((product + 500) / 1_000).unwrap_or(u64::MAX))
    }

    /// This so many times.
    pub fn times(self, count: u64) -> MilliTokens {
        MilliTokens(self.0.saturating_mul(count))
    }
}

impl Add for MilliTokens {
    type Output = MilliTokens;
    fn add(self, other: MilliTokens) -> MilliTokens {
        MilliTokens(self.0.saturating_add(other.0))
    }
}

impl AddAssign for MilliTokens {
    fn add_assign(&mut self, other: MilliTokens) {
        *self = *self + other;
    }
}

impl Sum for MilliTokens {
    fn sum<I: Iterator<Item = MilliTokens>>(parts: I) -> MilliTokens {
        parts.fold(MilliTokens(0), Add::add)
    }
}

/// A cost with its margin as it stands in a table of constants, in thousandths of a token.
/// Invariant: `low <= likely <= high`, checked when the table is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    low: u64,
    likely: u64,
    high: u64,
}

impl Cost {
    /// Nothing.
    pub const NONE: Cost = Cost::milli(0, 0, 0);

    /// A cost in thousandths of a token.
    ///
    /// # Panics
    /// When the three are not in order.
    pub const fn milli(low: u64, likely: u64, high: u64) -> Cost {
        assert!(low <= likely && likely <= high, "a cost is low <= likely <= high");
        Cost { low, likely, high }
    }

    /// A cost in whole tokens.
    ///
    /// # Panics
    /// When the three are not in order.
    pub const fn tokens(low: u64, likely: u64, high: u64) -> Cost {
        Cost::milli(low * 1_000, likely * 1_000, high * 1_000)
    }

    /// A cost that is known to the token.
    pub const fn exactly(tokens: u64) -> Cost {
        Cost::tokens(tokens, tokens, tokens)
    }

    /// This so many times.
    pub fn times(self, count: u64) -> Estimate<MilliTokens> {
        self.estimate().map(|each| each.times(count))
    }

    /// The cost once.
    pub fn estimate(self) -> Estimate<MilliTokens> {
        Estimate::new(MilliTokens(self.low), MilliTokens(self.likely), MilliTokens(self.high))
    }

    /// `amount` times each of the three, read as thousandths: `Cost::milli(900, 1000, 1100)` is ±10 %.
    pub fn as_factor_of(self, amount: MilliTokens) -> Estimate<MilliTokens> {
        let scaled = |per_mille| amount.per_mille(per_mille);
        Estimate::new(scaled(self.low), scaled(self.likely), scaled(self.high))
    }
}

/// Rounds outwards: `low` down, `likely` half up, `high` up.
pub(crate) fn to_tokens(estimate: Estimate<MilliTokens>) -> Estimate<Tokens> {
    let low = Tokens(estimate.low().0 / 1_000);
    let high = Tokens(estimate.high().0.div_ceil(1_000));
    match estimate.likely() {
        Some(likely) => Estimate::new(low, Tokens(likely.0.saturating_add(500) / 1_000), high),
        None => Estimate::between(low, high),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_keeps_the_order() {
        for (low, likely, high) in
            [(0, 0, 0), (1, 1, 1), (499, 500, 501), (999, 1_000, 1_001), (1_499, 1_500, 1_500)]
        {
            let rounded = to_tokens(Cost::milli(low, likely, high).estimate());
            assert_eq!(rounded.low().0, low / 1_000);
            assert_eq!(rounded.high().0, high.div_ceil(1_000));
        }
    }

    #[test]
    fn nothing_overflows() {
        assert_eq!(MilliTokens(u64::MAX).per_mille(2_000), MilliTokens(u64::MAX));
        assert_eq!(MilliTokens::tokens(u64::MAX) + MilliTokens(1), MilliTokens(u64::MAX));
        assert_eq!(MilliTokens(3).per_mille(500), MilliTokens(2));
    }
}
