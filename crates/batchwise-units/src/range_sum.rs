use crate::spread::Spread;
use crate::{Estimate, Grain, Margin, SharedError};

/// Adds up estimates so that their errors cancel as far as they are independent, and nothing else does.
///
/// Each part comes with its [`Margin`], the part of its width that is an error of counting; bounds add up
/// in full. The sum is exact, the same in whatever order parts are added or sums are merged, and takes the
/// same memory for a million parts as for one.
///
/// The reach of errors is rounded up to steps of `STEP` grains. A sum of parts that are twice as large, in steps
/// twice as large, is exactly twice as large, ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RangeSum<T, const STEP: u64 = 1> {
    /// End by end, as if nothing cancelled.
    ends: Estimate<T>,
    below: Spread<T, STEP>,
    above: Spread<T, STEP>,
}

impl<T: Grain, const STEP: u64> Default for RangeSum<T, STEP> {
    /// Exactly nothing.
    fn default() -> RangeSum<T, STEP> {
        RangeSum { ends: Estimate::default(), below: Spread::default(), above: Spread::default() }
    }
}

impl<T: Grain, const STEP: u64> RangeSum<T, STEP> {
    /// Adds one part, of which `margin` is the error.
    pub fn add(&mut self, part: Estimate<T>, margin: Margin<T>) {
        debug_assert!(margin.is_of(part), "the margin is not that of the part");
        self.ends += part;
        self.below.add(margin.below());
        self.above.add(margin.above());
    }

    /// Adds all that another sum holds.
    pub fn merge(&mut self, other: &RangeSum<T, STEP>) {
        self.ends += other.ends;
        self.below.merge(other.below);
        self.above.merge(other.above);
    }

    /// The total. Of one part, it is that part. Its width is at most that of [`RangeSum::end_by_end`] and
    /// grows with every part; the share `shared` of the errors stays in it however many parts there are.
    pub fn total(&self, shared: SharedError) -> Estimate<T> {
        let low = self.ends.low() + self.below.cancelled(shared);
        let high = self.ends.high() - self.above.cancelled(shared);
        match self.ends.likely() {
            Some(likely) => Estimate::new(low, likely, high),
            None => Estimate::between(low, high),
        }
    }

    /// The total if every part were at its low end, or every one at its high end: nothing cancels.
    pub fn end_by_end(&self) -> Estimate<T> {
        self.ends
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Tokens, Usd};
    use proptest::prelude::*;
    use rust_decimal::Decimal;

    const HALF: SharedError = SharedError::from_per_mille(500);

    /// A part: its low end, what lies between its values, and whether it has a likely one. The first and
    /// last gap are error.
    type Part = ((u64, u64, u64), (u64, u64), bool);

    fn some_parts() -> impl Strategy<Value = Vec<Part>> {
        let gap = || prop_oneof![Just(0u64), 0u64..10, 0u64..100_000];
        let part = ((gap(), gap(), gap()), (gap(), gap()), any::<bool>());
        proptest::collection::vec(part, 0..30)
    }

    /// The part with each number of grains made a quantity.
    fn part<T: Grain>(part: &Part, of: impl Fn(u64) -> T) -> (Estimate<T>, Margin<T>) {
        let &((low, below, down), (up, above), known) = part;
        let inner = (low + below, low + below + down + up);
        let (likely, high) = (low + below + down, inner.1 + above);
        let estimate = match known {
            true => Estimate::new(of(low), of(likely), of(high)),
            false => Estimate::between(of(low), of(high)),
        };
        (estimate, Margin::around(estimate, of(inner.0), of(inner.1)))
    }

    fn sum<T: Grain>(parts: &[Part], of: impl Fn(u64) -> T) -> RangeSum<T> {
        let mut sum = RangeSum::default();
        parts.iter().map(|one| part(one, &of)).for_each(|(estimate, margin)| sum.add(estimate, margin));
        sum
    }

    /// Some multiple of a hundredth of a nano-dollar.
    fn usd(units: u64) -> Usd {
        Usd::from_decimal(Decimal::from_i128_with_scale(i128::from(units) * 7, 11))
    }

    /// The slow, obvious answer: low and high.
    fn oracle(parts: &[Part], shared: f64) -> (f64, f64) {
        let reach = |errors: Vec<f64>| {
            let (sum, squares) = (errors.iter().sum::<f64>(), errors.iter().map(|d| d * d).sum::<f64>());
            (shared * shared * sum * sum + (1.0 - shared * shared) * squares).sqrt()
        };
        let below = reach(parts.iter().map(|part| part.0.1 as f64).collect());
        let above = reach(parts.iter().map(|part| part.1.1 as f64).collect());
        let inner = |part: &Part| (part.0.0 + part.0.1, part.0.0 + part.0.1 + part.0.2 + part.1.0);
        let low = parts.iter().map(|part| inner(part).0 as f64).sum::<f64>() - below;
        (low, parts.iter().map(|part| inner(part).1 as f64).sum::<f64>() + above)
    }

    #[test]
    fn errors_cancel_and_bounds_do_not() {
        let known = Estimate::new(Tokens(70), Tokens(100), Tokens(140));
        let mut errors = RangeSum::<Tokens>::default();
        let mut bounds = RangeSum::<Tokens>::default();
        for _ in 0..100 {
            errors.add(known, Margin::all_of(known));
            bounds.add(known, Margin::none());
        }
        // Half of 3,000 is shared: sqrt(1500^2 + 0.75 * 300^2) = 1522.4. So with 4,000: 2029.8.
        assert_eq!(errors.total(HALF), Estimate::new(Tokens(8_477), Tokens(10_000), Tokens(12_030)));
        assert_eq!(bounds.total(HALF), Estimate::new(Tokens(7_000), Tokens(10_000), Tokens(14_000)));
        assert_eq!(errors.end_by_end(), bounds.total(HALF));
        assert_eq!(errors.total(SharedError::ALL), errors.end_by_end());
    }

    proptest! {
        #[test]
        fn agrees_with_the_formula(parts in some_parts(), per_mille in 0u16..=1_000) {
            let shared = SharedError::from_per_mille(per_mille);
            let (low, high) = oracle(&parts, f64::from(per_mille) / 1_000.0);
            let tokens = sum(&parts, Tokens).total(shared);
            let near = |found: f64, exact: f64| found > exact - 0.01 && found < exact + 2.01;
            prop_assert!(near(-(tokens.low().0 as f64), -low), "{tokens:?} for {low}");
            prop_assert!(near(tokens.high().0 as f64, high), "{tokens:?} for {high}");
            // Each error is rounded up to a nano-dollar before it is squared.
            let cents = |amount: Usd| amount.as_decimal().to_string().parse::<f64>().unwrap() * 1e11 / 7.0;
            let money = sum(&parts, usd).total(shared);
            let slack = (2.0 + parts.len() as f64) * 100.0 / 7.0 + 0.01;
            prop_assert!(cents(money.low()) <= low + 0.01 && cents(money.low()) > low - slack);
            prop_assert!(cents(money.high()) >= high - 0.01 && cents(money.high()) < high + slack);
        }

        #[test]
        fn one_part_is_itself(one in some_parts(), per_mille in 0u16..=1_000) {
            for one in one {
                let shared = SharedError::from_per_mille(per_mille);
                prop_assert_eq!(sum(&[one], Tokens).total(shared), part(&one, Tokens).0);
                prop_assert_eq!(sum(&[one], usd).total(shared), part(&one, usd).0);
            }
        }

        #[test]
        fn lies_within_the_ends_and_keeps_the_shared_part(parts in some_parts(), per_mille in 0u16..=1_000) {
            let sum = sum(&parts, usd);
            let (total, ends) = (sum.total(SharedError::from_per_mille(per_mille)), sum.end_by_end());
            prop_assert!(ends.low() <= total.low() && total.high() <= ends.high());
            prop_assert_eq!(total.likely(), ends.likely());
            let width = |range: Estimate<Usd>| (range.high() - range.low()).as_decimal();
            prop_assert!(width(total) * Decimal::from(1_000) >= width(ends) * Decimal::from(per_mille));
        }

        #[test]
        fn another_part_never_narrows_it(parts in some_parts(), per_mille in 0u16..=1_000) {
            let shared = SharedError::from_per_mille(per_mille);
            let width = |parts: &[Part]| {
                let total = sum(parts, usd).total(shared);
                total.high() - total.low()
            };
            for count in 1..=parts.len() {
                prop_assert!(width(&parts[..count - 1]) <= width(&parts[..count]));
            }
        }

        #[test]
        fn order_and_grouping_do_not_matter(parts in some_parts(), cut in any::<(prop::sample::Index, prop::sample::Index)>()) {
            let whole = sum(&parts, usd);
            let (a, b) = (cut.0.index(parts.len() + 1), cut.1.index(parts.len() + 1));
            let (a, b) = (a.min(b), a.max(b));
            let [one, two, three] = [&parts[..a], &parts[a..b], &parts[b..]].map(|some| sum(some, usd));
            let merged = |mut left: RangeSum<Usd>, right: &RangeSum<Usd>| { left.merge(right); left };
            prop_assert_eq!(merged(merged(one, &two), &three), whole);
            prop_assert_eq!(merged(merged(three, &two), &one), whole);
            prop_assert_eq!(merged(one, &merged(two, &three)), whole);
            let backwards: Vec<Part> = parts.into_iter().rev().collect();
            prop_assert_eq!(sum(&backwards, usd), whole);
        }
    }
}
