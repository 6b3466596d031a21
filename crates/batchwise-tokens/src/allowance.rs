use batchwise_units::Estimate;

use crate::MilliTokens;

/// How far from the estimate of a request its real count may lie.
///
/// Applied once to a whole sum, so that it means what it says: of the requests it was measured on, 95 % lie within.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Allowance {
    /// Below the estimate, in thousandths of it.
    pub below_per_mille: u64,
    /// Above the estimate, in thousandths of it.
    pub above_per_mille: u64,
    /// Below the estimate in any case, in tokens.
    pub below: u64,
    /// Above the estimate in any case, in tokens.
    pub above: u64,
}

impl Allowance {
    /// So many tokens either way.
    pub const fn tokens(slack: u64) -> Allowance {
        Allowance { below_per_mille: 0, above_per_mille: 0, below: slack, above: slack }
    }

    /// `sum` with its ends moved outwards.
    pub(crate) fn widen(self, sum: Estimate<MilliTokens>) -> Estimate<MilliTokens> {
        let low = sum.low().per_mille(1_000_u64.saturating_sub(self.below_per_mille));
        let low = MilliTokens(low.0.saturating_sub(MilliTokens::tokens(self.below).0)).min(sum.low());
        let high = sum.high() + sum.high().per_mille(self.above_per_mille) + MilliTokens::tokens(self.above);
        match sum.likely() {
            Some(likely) => Estimate::new(low, likely, high),
            None => Estimate::between(low, high),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(allowance: Allowance, tokens: u64, low: u64, high: u64) {
        let wide = allowance.widen(Estimate::exactly(MilliTokens::tokens(tokens)));
        let ends = (wide.low(), wide.likely(), wide.high());
        assert_eq!(ends, (MilliTokens(low), Some(MilliTokens::tokens(tokens)), MilliTokens(high)));
    }

    #[test]
    fn an_allowance_is_a_share_and_a_slack() {
        check(Allowance::default(), 100, 100_000, 100_000);
        check(Allowance::tokens(3), 100, 97_000, 103_000);
        check(Allowance::tokens(3), 1, 0, 4_000);
        let lopsided = Allowance { below_per_mille: 20, above_per_mille: 50, below: 1, above: 2 };
        check(lopsided, 1_000, 979_000, 1_052_000);
        check(Allowance { below_per_mille: 2_000, ..lopsided }, 10, 0, 12_500);
    }

    #[test]
    fn bounds_without_a_likely_value_stay_so() {
        let bounds = Estimate::between(MilliTokens::tokens(10), MilliTokens::tokens(20));
        let wide = Allowance { below_per_mille: 100, above_per_mille: 100, below: 0, above: 0 }.widen(bounds);
        assert_eq!(wide, Estimate::between(MilliTokens::tokens(9), MilliTokens::tokens(22)));
    }
}
