use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Sub};

use serde::{Deserialize, Serialize};

/// A number of tokens. At most 10^15, which no workload approaches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tokens(pub u64);

impl Tokens {
    /// No tokens.
    pub const ZERO: Tokens = Tokens(0);
}

impl Add for Tokens {
    type Output = Tokens;
    #[track_caller]
    fn add(self, other: Tokens) -> Tokens {
        Tokens(self.0.checked_add(other.0).expect("token counts stay below 10^15"))
    }
}

impl AddAssign for Tokens {
    #[track_caller]
    fn add_assign(&mut self, other: Tokens) {
        *self = *self + other;
    }
}

impl Sub for Tokens {
    type Output = Tokens;
    #[track_caller]
    fn sub(self, other: Tokens) -> Tokens {
        Tokens(self.0.checked_sub(other.0).expect("a part is not larger than its whole"))
    }
}

impl Sum for Tokens {
    fn sum<I: Iterator<Item = Tokens>>(counts: I) -> Tokens {
        counts.fold(Tokens::ZERO, Add::add)
    }
}

impl fmt::Display for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
