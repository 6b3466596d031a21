use batchwise_units::Usd;
use serde::Serialize;

/// One number of two plans.
///
/// Invariant: there is a change exactly where both sides are known and alike, and it is exact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Compared<Q> {
    /// In the plan before; null where it is unknown.
    pub base: Option<Q>,
    /// In the plan after; null where it is unknown.
    pub head: Option<Q>,
    /// `head` less `base`.
    pub change: Option<Q>,
    /// The change as a percentage of `base`, rounded once, half away from zero, to one decimal; null without a
    /// change, and where `base` is nothing or less.
    pub percent: Option<String>,
    /// Why there is no change, where one side or both are known.
    pub unlike: Option<Unlike>,
}

/// Why two values are not subtracted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unlike {
    /// Only one of them is known.
    OneUnknown,
    /// The costs leave out other requests, because those have no price.
    Unpriced,
    /// Their tokens were counted by different methods.
    Tokenizer,
    /// The ends of their ranges rest on different assumptions about the cache.
    Cache,
    /// An exact difference has more than 28 digits.
    Digits,
}

/// What can be compared: whole numbers, and dollars.
pub trait Quantity: Copy + Ord + Default {
    /// The exact difference, where there is one.
    fn minus(self, other: Self) -> Option<Self>;

    /// As a percentage of `whole` with one decimal; `None` when `whole` is nothing.
    fn percent_of(self, whole: Self) -> Option<String>;
}

impl Quantity for i128 {
    fn minus(self, other: i128) -> Option<i128> {
        self.checked_sub(other)
    }

    fn percent_of(self, whole: i128) -> Option<String> {
        let (part, divisor) = (self.checked_abs()?.checked_mul(2_000)?, whole.checked_abs()?);
        let tenths = part.checked_add(divisor)?.checked_div(divisor.checked_mul(2)?)?;
        let minus = if (self < 0) != (whole < 0) && self != 0 { "-" } else { "" };
        Some(format!("{minus}{}.{}", tenths / 10, tenths % 10))
    }
}

impl Quantity for Usd {
    fn minus(self, other: Usd) -> Option<Usd> {
        self.checked_sub(other)
    }

    fn percent_of(self, whole: Usd) -> Option<String> {
        Usd::percent_of(self, whole)
    }
}

impl<Q: Quantity> Compared<Q> {
    /// Compares two values, unless there is an obstacle.
    pub fn new(base: Option<Q>, head: Option<Q>, obstacle: Option<Unlike>) -> Compared<Q> {
        let (before, after) = match (base, head) {
            (Some(before), Some(after)) => (before, after),
            (None, None) => return Compared { base, head, change: None, percent: None, unlike: None },
            _ => return Compared::unlike(base, head, Unlike::OneUnknown),
        };
        if let Some(obstacle) = obstacle {
            return Compared::unlike(base, head, obstacle);
        }
        let Some(change) = after.minus(before) else { return Compared::unlike(base, head, Unlike::Digits) };
        let percent = change.percent_of(before).filter(|_| before > Q::default());
        Compared { base, head, change: Some(change), percent, unlike: None }
    }

    /// Whether the sides are not the same.
    pub fn differs(&self) -> bool {
        self.base != self.head
    }

    fn unlike(base: Option<Q>, head: Option<Q>, reason: Unlike) -> Compared<Q> {
        Compared { base, head, change: None, percent: None, unlike: Some(reason) }
    }
}

impl Compared<i128> {
    /// Compares two counts.
    pub fn counts(base: u64, head: u64) -> Compared<i128> {
        Compared::new(Some(base.into()), Some(head.into()), None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(base: Option<i128>, head: Option<i128>, expected: (Option<i128>, Option<&str>, Option<Unlike>)) {
        let compared = Compared::new(base, head, None);
        assert_eq!((compared.change, compared.percent.as_deref(), compared.unlike), expected);
    }

    #[test]
    fn only_what_is_known_on_both_sides_is_subtracted() {
        check(Some(200), Some(220), (Some(20), Some("10.0"), None));
        check(Some(220), Some(200), (Some(-20), Some("-9.1"), None));
        check(Some(2_000), Some(2_001), (Some(1), Some("0.1"), None)); // half, away from zero
        check(Some(3_000), Some(2_999), (Some(-1), Some("-0.0"), None));
        check(Some(0), Some(5), (Some(5), None, None));
        check(Some(0), Some(0), (Some(0), None, None));
        check(Some(-4), Some(4), (Some(8), None, None));
        check(None, None, (None, None, None));
        check(None, Some(5), (None, None, Some(Unlike::OneUnknown)));
        check(Some(0), None, (None, None, Some(Unlike::OneUnknown)));
    }

    #[test]
    fn what_is_unlike_or_inexact_has_no_change() {
        let unlike = Compared::new(Some(1), Some(2), Some(Unlike::Cache));
        assert_eq!((unlike.change, unlike.unlike), (None, Some(Unlike::Cache)));
        let usd = |text| Some(Usd::read(text).unwrap());
        let digits = Compared::new(usd("0.0000000000000000000000000001"), usd("99999999999999999999"), None);
        assert_eq!((digits.change, digits.unlike), (None, Some(Unlike::Digits)));
        let exact = Compared::new(usd("0.3"), usd("0.1"), None);
        assert_eq!((exact.change, exact.percent.as_deref()), (usd("-0.2"), Some("-66.7")));
    }

    #[test]
    fn the_largest_counts_are_exact() {
        let change = Compared::counts(u64::MAX, 0);
        assert_eq!((change.change, change.percent.as_deref()), (Some(-i128::from(u64::MAX)), Some("-100.0")));
    }
}
