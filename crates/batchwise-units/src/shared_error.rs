use std::fmt;

/// How much of the error of one request's estimate every request of the workload has with it: the standard
/// deviation of the shared part over that of the whole error, in thousandths.
///
/// Its square is the share of the variance, which is the correlation between the errors of two requests
/// (the intraclass correlation): 500 per mille are a correlation of 0.25. Shared error does not cancel,
/// however many requests there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SharedError {
    per_mille: u16,
}

impl SharedError {
    /// All of the error is shared: nothing cancels.
    pub const ALL: SharedError = SharedError::from_per_mille(1_000);

    /// So many thousandths.
    ///
    /// # Panics
    /// Above 1000.
    pub const fn from_per_mille(per_mille: u16) -> SharedError {
        assert!(per_mille <= 1_000, "a part is not larger than its whole");
        SharedError { per_mille }
    }

    /// The square root of a share of the variance, which is given in thousandths; rounded up.
    ///
    /// # Panics
    /// Above 1000.
    pub const fn of_variance(per_mille: u16) -> SharedError {
        let mut root = 0;
        while (root as u32) * (root as u32) < per_mille as u32 * 1_000 {
            root += 1;
        }
        SharedError::from_per_mille(root)
    }

    /// In thousandths.
    pub fn per_mille(self) -> u16 {
        self.per_mille
    }
}

/// As a fraction of one: `0.5`, `1`.
impl fmt::Display for SharedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fraction = format!("{}.{:03}", self.per_mille / 1_000, self.per_mille % 1_000);
        f.write_str(fraction.trim_end_matches('0').trim_end_matches('.'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_the_variance_is_squared() {
        let of = |share| SharedError::of_variance(share).per_mille();
        assert_eq!([0, 1, 250, 300, 500, 1_000].map(of), [0, 32, 500, 548, 708, 1_000]);
    }

    #[test]
    fn it_is_shown_as_a_fraction() {
        let shown = |per_mille| SharedError::from_per_mille(per_mille).to_string();
        assert_eq!([0, 5, 50, 500, 1_000].map(shown), ["0", "0.005", "0.05", "0.5", "1"]);
    }
}
