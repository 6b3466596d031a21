use serde::Serialize;

/// In what a stated cost is not the likely one, because no likely one is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// A reply of which no length is expected counts as long as its `max_tokens`.
    LongestReplies,
    /// Input of which only bounds are known counts with the most it can be.
    LargestInputs,
    /// Where nothing is known of the cache, marked prefixes that are likely long enough count as written, none as read.
    PrefixesWritten,
    /// Whether marked prefixes are long enough for the cache is unknown; they count as their likely size says.
    PrefixesLikelySize,
    /// It is the high end of the range: an older plan tells no more, and has not everywhere a likely cost.
    HighEnd,
}

impl Basis {
    /// Its name in files.
    pub fn name(self) -> &'static str {
        match self {
            Basis::LongestReplies => "longest-replies",
            Basis::LargestInputs => "largest-inputs",
            Basis::PrefixesWritten => "prefixes-written",
            Basis::PrefixesLikelySize => "prefixes-likely-size",
            Basis::HighEnd => "high-end",
        }
    }

    /// What it says, so that it can follow "costs are stated with".
    pub fn sentence(self) -> &'static str {
        match self {
            Basis::LongestReplies => "replies of unknown length as long as their `max_tokens`",
            Basis::LargestInputs => "input of unknown size at the most that it can be",
            Basis::PrefixesWritten => "prefixes written and none read where nothing is known of the cache",
            Basis::PrefixesLikelySize => {
                "prefixes that may be too short for the cache as their likely size says"
            }
            Basis::HighEnd => "the high ends of an older plan, which tells no more",
        }
    }
}
