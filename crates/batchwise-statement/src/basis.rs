use serde::Serialize;

/// In what a stated cost is not the likely one, because no likely one is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// A reply of which no length is expected counts as long as its `max_tokens`.
    LongestReplies,
    /// Input of which only bounds are known counts with the most it can be.
    LargestInputs,
    /// Every marked prefix counts as written, none as read.
    PrefixesWritten,
    /// It is the high end of the range: an older plan tells no more.
    HighEnd,
}

impl Basis {
    /// Its name in files.
    pub fn name(self) -> &'static str {
        match self {
            Basis::LongestReplies => "longest-replies",
            Basis::LargestInputs => "largest-inputs",
            Basis::PrefixesWritten => "prefixes-written",
            Basis::HighEnd => "high-end",
        }
    }

    /// What it says, so that it can follow "costs are stated with".
    pub fn sentence(self) -> &'static str {
        match self {
            Basis::LongestReplies => "replies of unknown length as long as their `max_tokens`",
            Basis::LargestInputs => "input of unknown size at the most that it can be",
            Basis::PrefixesWritten => "marked prefixes written to the cache and none read",
            Basis::HighEnd => "the high end of an older plan, which tells no more",
        }
    }
}
