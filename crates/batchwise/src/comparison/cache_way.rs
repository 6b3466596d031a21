/// What a plan has to do so that the cache does something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CacheWay {
    /// One request of each group goes ahead.
    Primed,
    /// The same, and the requests have other breakpoints.
    Remarked,
    /// The same, and texts become blocks, as only those have breakpoints.
    Wrapped,
}

impl CacheWay {
    /// What a scenario of a plan takes; `None` where it takes nothing. `wraps` tells whether the advised breakpoints need
    /// texts to become blocks.
    pub(crate) fn to(scenario: &str, wraps: bool) -> Option<CacheWay> {
        match scenario {
            "primed" => Some(CacheWay::Primed),
            "advised" if wraps => Some(CacheWay::Wrapped),
            "advised" => Some(CacheWay::Remarked),
            _ => None,
        }
    }

    /// What is said behind the name of the scenario.
    pub(super) fn hint(self) -> &'static str {
        match self {
            CacheWay::Primed => "",
            CacheWay::Remarked => " (--fix, primed)",
            CacheWay::Wrapped => " (--fix --wrap-texts, primed)",
        }
    }

    pub(super) fn in_words(self) -> &'static str {
        match self {
            CacheWay::Primed => "plan with --cache primed: one request of each group goes ahead",
            CacheWay::Remarked => {
                "write a copy with other breakpoints (plan --fix FILE) and plan that with --cache primed"
            }
            CacheWay::Wrapped => {
                "write a copy with other breakpoints, where texts become blocks (plan --fix FILE --wrap-texts), and plan that \
                 with --cache primed"
            }
        }
    }
}
