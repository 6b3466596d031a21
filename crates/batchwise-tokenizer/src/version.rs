use crate::rules::{CLAUDE_3, CLAUDE_47, Rules};

/// Which models' way of counting is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// Claude 3 to 4.6, and Haiku 4.5.
    Claude3,
    /// Opus 4.7.
    Claude47,
    /// Opus 4.8 and later, Sonnet 5, Fable 5: the vocabulary of 4.7, but nothing is put before the text.
    Claude48,
}

impl Version {
    /// Every version, oldest first.
    pub const ALL: [Version; 3] = [Version::Claude3, Version::Claude47, Version::Claude48];

    pub(crate) fn rules(self) -> &'static Rules {
        match self {
            Version::Claude3 => &CLAUDE_3,
            Version::Claude47 | Version::Claude48 => &CLAUDE_47,
        }
    }

    /// Whether a text that does not begin with a space is counted as if it did.
    pub(crate) fn puts_space_first(self) -> bool {
        self != Version::Claude48
    }
}
