use serde::Serialize;

/// In what a stated cost is not the likely one, because no likely one is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// Every reply counts as long as its `max_tokens`.
    LongestReplies,
    /// Input of which only bounds are known counts with the most it can be.
    LargestInputs,
    /// Every marked prefix counts as written, none as read.
    PrefixesWritten,
    /// It is the high end of the range: an older plan tells no more.
    HighEnd,
}

impl Basis {
    /// What it says, so that it can follow "costs are stated with".
    pub fn sentence(self) -> &'static str {
        match self {
            Basis::LongestReplies => "every reply as long as its `max_tokens`",
            Basis::LargestInputs => "the most that input can be, where only its bounds are known",
            Basis::PrefixesWritten => "every marked prefix written to the cache and none read",
            Basis::HighEnd => "the high end of the range, as an older plan tells no more",
        }
    }
}
