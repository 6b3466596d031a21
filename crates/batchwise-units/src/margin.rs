use std::ops::{Add, Sub};

use crate::Estimate;

/// The part of an estimate's width that is an error of counting: how much further down and up its ends
/// reach because of it. Errors of many requests cancel in part; whatever else the width holds is bounds,
/// which do not.
///
/// Invariant: both are zero or more, and the estimate they belong to is in order without them, too
/// (`low + below <= likely <= high - above`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Margin<T> {
    below: T,
    above: T,
}

impl<T: Copy + Ord + Default + Sub<Output = T>> Margin<T> {
    /// No error of counting: the whole width is bounds.
    pub fn none() -> Margin<T> {
        Margin::default()
    }

    /// The whole width of `estimate` is an error around its likely value. Where there is no likely value,
    /// there are only bounds.
    pub fn all_of(estimate: Estimate<T>) -> Margin<T> {
        match estimate.likely() {
            Some(likely) => Margin::around(estimate, likely, likely),
            None => Margin::none(),
        }
    }

    /// What `estimate` reaches beyond the ends `low` and `high` that it would have without the error.
    ///
    /// Those that are not in order, as where a part was rounded the other way, are moved into it: towards
    /// less error and more bounds.
    pub fn around(estimate: Estimate<T>, low: T, high: T) -> Margin<T> {
        let (least, most) = (estimate.low(), estimate.high());
        let low = low.clamp(least, estimate.likely().unwrap_or(most));
        let high = high.clamp(estimate.likely().unwrap_or(low), most);
        Margin { below: low - least, above: most - high }
    }

    /// Whether `estimate` is in order without its error, too.
    pub(crate) fn is_of(&self, estimate: Estimate<T>) -> bool
    where
        T: Add<Output = T>,
    {
        let (low, high) = (estimate.low() + self.below, estimate.high() - self.above);
        let zero = T::default();
        self.below >= zero
            && self.above >= zero
            && low <= estimate.likely().unwrap_or(high)
            && estimate.likely().unwrap_or(low) <= high
    }

    /// How much further down the low end reaches.
    pub fn below(&self) -> T {
        self.below
    }

    /// How much further up the high end reaches.
    pub fn above(&self) -> T {
        self.above
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Tokens;

    #[track_caller]
    fn check(margin: Margin<Tokens>, below: u64, above: u64) {
        assert_eq!((margin.below(), margin.above()), (Tokens(below), Tokens(above)));
    }

    #[test]
    fn a_margin_is_what_reaches_beyond_the_bounds() {
        let known = Estimate::new(Tokens(70), Tokens(100), Tokens(140));
        let bounds = Estimate::between(Tokens(70), Tokens(140));
        check(Margin::all_of(known), 30, 40);
        check(Margin::all_of(bounds), 0, 0);
        check(Margin::around(known, Tokens(90), Tokens(110)), 20, 30);
        check(Margin::around(bounds, Tokens(90), Tokens(110)), 20, 30);
    }

    #[test]
    fn ends_out_of_order_make_the_margin_smaller_or_leave_it_the_whole_width() {
        let known = Estimate::new(Tokens(70), Tokens(100), Tokens(140));
        check(Margin::around(known, Tokens(60), Tokens(150)), 0, 0);
        check(Margin::around(known, Tokens(110), Tokens(90)), 30, 40);
        check(Margin::around(Estimate::between(Tokens(70), Tokens(140)), Tokens(110), Tokens(90)), 40, 30);
    }
}
