use std::iter::Sum;
use std::ops::{Add, AddAssign};

use serde::Serialize;

/// A value that is known only within bounds.
///
/// Invariant: `low <= likely <= high`. `likely` is `None` where nothing but the bounds is known; a sum
/// that includes such a part has no likely value either, because a guess must not hide in a total.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Estimate<T> {
    low: T,
    likely: Option<T>,
    high: T,
}

impl<T: Copy + Ord> Estimate<T> {
    /// A value between `low` and `high`, most probably `likely`.
    ///
    /// # Panics
    /// When the three are not in order: estimators must keep them so.
    #[track_caller]
    pub fn new(low: T, likely: T, high: T) -> Estimate<T> {
        assert!(low <= likely && likely <= high, "an estimate is low <= likely <= high");
        Estimate { low, likely: Some(likely), high }
    }

    /// A value of which only the bounds are known.
    #[track_caller]
    pub fn between(low: T, high: T) -> Estimate<T> {
        assert!(low <= high, "an estimate is low <= high");
        Estimate { low, likely: None, high }
    }

    /// A value known exactly.
    pub fn exactly(value: T) -> Estimate<T> {
        Estimate { low: value, likely: Some(value), high: value }
    }

    /// The least it can be.
    pub fn low(&self) -> T {
        self.low
    }

    /// The most probable value, where there is one.
    pub fn likely(&self) -> Option<T> {
        self.likely
    }

    /// The most it can be.
    pub fn high(&self) -> T {
        self.high
    }

    /// The most probable value, or where there is none, the most it can be.
    pub fn likely_or_high(&self) -> T {
        self.likely.unwrap_or(self.high)
    }

    /// Applies a function that keeps order to each of the three values.
    #[track_caller]
    pub fn map<U: Copy + Ord>(self, f: impl Fn(T) -> U) -> Estimate<U> {
        self.zip(Estimate::exactly(()), |value, ()| f(value))
    }

    /// Combines two estimates, low with low and high with high, by a function that keeps order in both.
    #[track_caller]
    pub fn zip<U: Copy + Ord, V: Copy + Ord>(self, other: Estimate<U>, f: impl Fn(T, U) -> V) -> Estimate<V> {
        let (low, high) = (f(self.low, other.low), f(self.high, other.high));
        match self.likely.zip(other.likely) {
            Some((mine, theirs)) => Estimate::new(low, f(mine, theirs), high),
            None => Estimate::between(low, high),
        }
    }
}

impl<T: Copy + Ord + Default> Default for Estimate<T> {
    /// Exactly nothing.
    fn default() -> Estimate<T> {
        Estimate::exactly(T::default())
    }
}

/// End by end: nothing cancels. A [`RangeSum`](crate::RangeSum) adds up what is partly error.
impl<T: Copy + Ord + Add<Output = T>> Add for Estimate<T> {
    type Output = Estimate<T>;
    #[track_caller]
    fn add(self, other: Estimate<T>) -> Estimate<T> {
        self.zip(other, Add::add)
    }
}

impl<T: Copy + Ord + Add<Output = T>> AddAssign for Estimate<T> {
    #[track_caller]
    fn add_assign(&mut self, other: Estimate<T>) {
        *self = *self + other;
    }
}

impl<T: Copy + Ord + Default + Add<Output = T>> Sum for Estimate<T> {
    fn sum<I: Iterator<Item = Estimate<T>>>(parts: I) -> Estimate<T> {
        parts.fold(Estimate::default(), Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Tokens;

    fn estimate(low: u64, likely: impl Into<Option<u64>>, high: u64) -> Estimate<Tokens> {
        match likely.into() {
            Some(likely) => Estimate::new(Tokens(low), Tokens(likely), Tokens(high)),
            None => Estimate::between(Tokens(low), Tokens(high)),
        }
    }

    #[test]
    fn sums_add_end_by_end() {
        assert_eq!(estimate(1, 2, 3) + estimate(10, 20, 30), estimate(11, 22, 33));
    }

    #[test]
    fn an_unknown_part_leaves_the_sum_without_a_likely_value() {
        let parts = [estimate(1, 2, 3), estimate(10, None, 30), estimate(5, 5, 5)];
        assert_eq!(parts.into_iter().sum::<Estimate<Tokens>>(), estimate(16, None, 38));
    }

    #[test]
    #[should_panic(expected = "low <= likely <= high")]
    fn disorder_is_refused() {
        estimate(3, 2, 4);
    }
}
