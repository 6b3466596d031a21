use crate::student::t_975;
use crate::survey::Totals;

/// By how much estimates are to be corrected: real tokens per estimated token, with three 95 % intervals that
/// answer three questions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Factor {
    /// Real tokens per estimated token.
    pub ratio: f64,
    /// Of the whole cell as it is, its counted requests included: all tokens of the cell are the sum of its
    /// estimates times a number in here. When every request was counted, there is no width left.
    pub total: Interval,
    /// Of what stands behind the requests that were *not* counted: the part of their error that they share, and
    /// that adding many of them does not average out.
    pub systematic: Interval,
    /// Of one request that was not counted: 95 of 100 such requests are their estimate times a number in here.
    /// Includes `systematic`; what goes beyond it is each request's own.
    pub single: Interval,
}

/// A range of ratios. Invariant: `0 <= low <= ratio <= high`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The low end.
    pub low: f64,
    /// The high end.
    pub high: f64,
}

/// One counted request: estimated and real tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) estimated: u64,
    pub(crate) real: u64,
}

/// When `n` requests of a random sample agree, at most this divided by `n` of the others differ, at 95 %
/// confidence.
const RULE_OF_THREE: f64 = 3.0;

/// The ratio estimator of a simple random sample without replacement from a cell with these `totals`.
///
/// Ratio R = Σ real / Σ estimated. Standard error: that of the jackknife, √((1 - f) (n - 1) / n · Σ (R - Rᵢ)²)
/// with Rᵢ the ratio without request i and f = n / N the share that was counted. For requests of equal size it is
/// the textbook's √((1 - f) / n) · s / x̄; where one huge request decides the ratio, it shows that, which the
/// textbook's does not. The interval is Student's, with as many degrees of freedom as equally large requests
/// would give, (Σx)² / Σx² - 1. (Cochran, Sampling Techniques, 3rd edition, chapter 6.)
///
/// A sample that shows no spread proves little about what it did not see: up to 3/n of the other requests may be
/// of a sort that it missed (the rule of three), and for those nothing is known but the range that the estimates
/// had before. So no side of an interval is shorter than that share of the range on this side.
///
/// `None` when fewer than two counts stand for a larger cell: then nothing is known about the spread.
pub(crate) fn factor(pairs: &[Pair], totals: Totals) -> Option<Factor> {
    let n = pairs.len() as f64;
    let complete = pairs.len() as u64 >= totals.requests;
    if pairs.is_empty() || (pairs.len() < 2 && !complete) {
        return None;
    }
    let estimated: f64 = pairs.iter().map(|pair| at_least_one(pair.estimated)).sum();
    let real: f64 = pairs.iter().map(|pair| pair.real as f64).sum();
    let ratio = real / estimated;
    if complete {
        let point = Interval { low: ratio, high: ratio };
        return Some(Factor { ratio, total: point, systematic: point, single: point });
    }

    let squares = |of: &dyn Fn(&Pair) -> f64| pairs.iter().map(|pair| of(pair) * of(pair)).sum::<f64>();
    let size = |pair: &Pair| at_least_one(pair.estimated);
    let residual = |pair: &Pair| pair.real as f64 - ratio * size(pair);
    // R - Rᵢ, worked out.
    let without = |pair: &Pair| residual(pair) / (estimated - size(pair));
    let standard_error = ((n - 1.0) / n * squares(&without)).sqrt();
    let freedom = estimated * estimated / squares(&size) - 1.0;
    let shared = t_975(freedom) * standard_error;

    let own_variance = squares(&|pair| residual(pair) / size(pair)) / (n - 1.0);
    let one = t_975(n - 1.0) * (own_variance + standard_error * standard_error).sqrt();

    let uncounted = 1.0 - n / totals.requests as f64;
    let around = |half: f64, share_of_floor: f64| {
        let floor = floor(ratio, n, totals).map(|side| side * share_of_floor);
        Interval { low: (ratio - half.max(floor[0])).max(0.0), high: ratio + half.max(floor[1]) }
    };
    let systematic = around(shared, 1.0);
    let single = around(one, 1.0);
    Some(Factor {
        ratio,
        total: around(shared * uncounted.sqrt(), uncounted),
        systematic,
        single: Interval { low: single.low.min(systematic.low), high: single.high.max(systematic.high) },
    })
}

/// What the rule of three leaves of the range of the estimates, below and above.
fn floor(ratio: f64, n: f64, totals: Totals) -> [f64; 2] {
    let share = (RULE_OF_THREE / n).min(1.0);
    let likely = at_least_one(totals.likely);
    let below = (totals.likely - totals.low) as f64 / likely;
    let above = (totals.high - totals.likely) as f64 / likely;
    [share * ratio * below, share * ratio * above]
}

/// Estimates are never nothing, but a ratio must not depend on that.
fn at_least_one(tokens: u64) -> f64 {
    tokens.max(1) as f64
}

#[cfg(test)]
mod tests;
