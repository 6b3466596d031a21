use crate::{Grain, SharedError};

/// Errors in one direction, added up: as many as one likes in the memory of two numbers.
///
/// The error `d` of a request is one part that all share and one of its own. The shared parts add up in
/// full, the others as independent errors do, so together they reach `sqrt(s^2 (sum d)^2 + (1 - s^2) sum d^2)`
/// where `s` is the [`SharedError`].
///
/// It is computed in steps of `STEP` grains.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Spread<T, const STEP: u64> {
    sum: T,
    /// The sum of the squares, in steps, each error rounded up. Stays at the largest number once it is
    /// reached.
    squares: u128,
}

impl<T: Grain, const STEP: u64> Spread<T, STEP> {
    pub(crate) fn add(&mut self, error: T) {
        let steps = steps_up::<T, STEP>(error);
        self.merge(Spread { sum: error, squares: steps.saturating_mul(steps) });
    }

    pub(crate) fn merge(&mut self, other: Spread<T, STEP>) {
        self.sum = self.sum + other.sum;
        self.squares = self.squares.saturating_add(other.squares);
    }

    /// How far the errors reach together. Less than what cancels is never given away: the result is rounded
    /// up to whole steps, at most two of them more than the exact root, but is at most the plain sum; of one
    /// error it is that error.
    ///
    /// Beyond 2^64 steps (18 billion dollars, 18 quintillion tokens) nothing is taken to cancel.
    pub(crate) fn reach(&self, shared: SharedError) -> T {
        match self.steps(shared) {
            Some(steps) if steps < steps_up::<T, STEP>(self.sum) => T::from_grains(steps * u128::from(STEP)),
            _ => self.sum,
        }
    }

    /// What cancels.
    pub(crate) fn cancelled(&self, shared: SharedError) -> T {
        self.sum - self.reach(shared)
    }

    fn steps(&self, shared: SharedError) -> Option<u128> {
        if self.squares == u128::MAX {
            return None;
        }
        let per_mille = u128::from(shared.per_mille());
        let common = part_up(steps_up::<T, STEP>(self.sum), per_mille, 1_000);
        let own = part_up(self.squares, 1_000_000 - per_mille * per_mille, 1_000_000);
        let square = common.checked_mul(common)?.checked_add(own)?;
        Some(root_up(square))
    }
}

/// Rounding up twice is the same as once, as steps are whole grains.
fn steps_up<T: Grain, const STEP: u64>(error: T) -> u128 {
    error.grains_up().div_ceil(u128::from(STEP))
}

/// `part / whole` of `value`, rounded up, for `part <= whole`.
fn part_up(value: u128, part: u128, whole: u128) -> u128 {
    value / whole * part + (value % whole * part).div_ceil(whole)
}

/// The square root, rounded up.
fn root_up(square: u128) -> u128 {
    let root = square.isqrt();
    root + u128::from(root * root < square)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Tokens, Usd};
    use proptest::prelude::*;

    fn spread(errors: &[u64]) -> Spread<Tokens, 1> {
        let mut spread = Spread::default();
        errors.iter().for_each(|&error| spread.add(Tokens(error)));
        spread
    }

    #[track_caller]
    fn check(errors: &[u64], per_mille: u16, expected: u64) {
        assert_eq!(spread(errors).reach(SharedError::from_per_mille(per_mille)), Tokens(expected));
    }

    #[test]
    fn own_errors_cancel_and_shared_ones_do_not() {
        check(&[], 500, 0);
        check(&[17], 500, 17);
        check(&[30, 40], 0, 50);
        check(&[30, 40], 1_000, 70);
        check(&[30, 40], 500, 56); //          sqrt(0.25 * 4900 + 0.75 * 2500) = 55.7
        check(&[100; 100], 0, 1_000);
        check(&[100; 100], 500, 5_075); //     sqrt(0.25 * 10^8 + 0.75 * 10^6) = 5074.4
        check(&[0; 100], 500, 0);
    }

    #[test]
    fn what_is_too_large_to_square_adds_up_in_full() {
        check(&[u64::MAX / 2, u64::MAX / 2], 0, 13_043_817_825_332_782_211);
        let billion = Usd::parse("12345678901.25").unwrap();
        let mut spread = Spread::<Usd, 1>::default();
        spread.add(billion);
        assert_eq!(spread.reach(SharedError::from_per_mille(0)), billion);
        (0..99).for_each(|_| spread.add(billion));
        assert_eq!(spread.reach(SharedError::from_per_mille(0)).to_string(), "1234567890125");
        assert_eq!(spread.reach(SharedError::ALL).to_string(), "1234567890125");
    }

    /// The slow, obvious answer.
    fn oracle(errors: &[u64], per_mille: u16) -> f64 {
        let errors = || errors.iter().map(|&error| error as f64);
        let (shared, sum) = (f64::from(per_mille) / 1_000.0, errors().sum::<f64>());
        let squares = errors().map(|error| error * error).sum::<f64>();
        (shared * shared * sum * sum + (1.0 - shared * shared) * squares).sqrt()
    }

    proptest! {
        #[test]
        fn agrees_with_the_formula(
            errors in proptest::collection::vec(prop_oneof![0u64..20, 0u64..1_000_000], 0..60), per_mille in 0u16..=1_000,
        ) {
            let reach = spread(&errors).reach(SharedError::from_per_mille(per_mille)).0 as f64;
            let exact = oracle(&errors, per_mille);
            prop_assert!(exact <= reach * (1.0 + 1e-9) && reach < exact + 2.0 + exact * 1e-9, "{reach} for {exact}");
        }

        #[test]
        fn lies_between_the_shared_part_and_the_whole(
            errors in proptest::collection::vec(any::<u64>().prop_map(|error| error >> 8), 0..40), per_mille in 0u16..=1_000,
        ) {
            let spread = spread(&errors);
            let reach = spread.reach(SharedError::from_per_mille(per_mille));
            prop_assert!(reach <= spread.sum);
            prop_assert!(u128::from(reach.0) * 1_000 >= u128::from(spread.sum.0) * u128::from(per_mille));
        }

        #[test]
        fn one_error_is_itself(error in any::<u64>(), decimals in 0u32..20, per_mille in 0u16..=1_000) {
            let shared = SharedError::from_per_mille(per_mille);
            prop_assert_eq!(spread(&[error]).reach(shared), Tokens(error));
            let amount = Usd::from_decimal(rust_decimal::Decimal::from_i128_with_scale(error.into(), decimals));
            let mut one = Spread::<Usd, 1>::default();
            one.add(amount);
            prop_assert_eq!(one.reach(shared), amount);
        }

        #[test]
        fn twice_the_errors_in_twice_the_step_reach_twice_as_far(
            errors in proptest::collection::vec(0u64..1_000_000, 0..40), decimals in 0u32..13, per_mille in 0u16..=1_000,
        ) {
            let (mut once, mut twice) = (Spread::<Usd, 1>::default(), Spread::<Usd, 2>::default());
            for error in errors {
                let error = Usd::from_decimal(rust_decimal::Decimal::from_i128_with_scale(error.into(), decimals));
                once.add(error);
                twice.add(error + error);
            }
            let shared = SharedError::from_per_mille(per_mille);
            prop_assert_eq!(twice.reach(shared), once.reach(shared) + once.reach(shared));
        }

        #[test]
        fn another_error_never_makes_it_less(
            errors in proptest::collection::vec(0u64..1_000, 0..40), more in 0u64..1_000, per_mille in 0u16..=1_000,
        ) {
            let shared = SharedError::from_per_mille(per_mille);
            let before = spread(&errors);
            let mut after = before;
            after.add(Tokens(more));
            prop_assert!(before.reach(shared) <= after.reach(shared));
        }
    }
}
