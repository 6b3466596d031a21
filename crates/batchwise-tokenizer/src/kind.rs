//! What a character is to the tokenizer. Used by the build script as well.

/// What a character is to the tokenizer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Kind {
    /// Part of a word.
    Letter = 0,
    /// Part of a word, and the capital of one other letter.
    Upper = 1,
    /// Part of a word; becomes small after a capital.
    Title = 2,
    /// Part of a word; a capital that is never written as a small letter.
    Unpaired = 3,
    /// Part of a word; neither a capital nor in the way of one.
    Neutral = 4,
    /// A punctuation mark or symbol: runs of them have boundaries where a space stands.
    Sign = 5,
    /// A sign that is a decimal digit other than 0 to 9.
    Digit = 6,
    /// A sign that is another number, like ½.
    Number = 7,
    /// Stands for itself, whatever is around it: ideographs, emoji.
    Lone = 8,
    /// 0 to 9, a space, a tab or a line feed.
    Ascii = 9,
    /// Counts as a space.
    Space = 10,
    /// Counts as nothing.
    Dropped = 11,
}

impl Kind {
    const ALL: [(Kind, &'static str); 12] = [
        (Kind::Letter, "letter"),
        (Kind::Upper, "upper"),
        (Kind::Title, "title"),
        (Kind::Unpaired, "unpaired"),
        (Kind::Neutral, "neutral"),
        (Kind::Sign, "sign"),
        (Kind::Digit, "digit"),
        (Kind::Number, "number"),
        (Kind::Lone, "lone"),
        (Kind::Ascii, "ascii"),
        (Kind::Space, "space"),
        (Kind::Dropped, "dropped"),
    ];

    /// The kind that goes by `name` in `vocabulary/characters.txt`.
    #[allow(dead_code, reason = "only the build script reads that file")]
    pub(crate) fn named(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|(_, known)| *known == name).map(|(kind, _)| kind)
    }

    /// The kind with that number.
    #[allow(dead_code, reason = "the build script only writes numbers")]
    pub(crate) fn numbered(number: u8) -> Kind {
        Kind::ALL[usize::from(number)].0
    }

    /// Whether it is part of a word.
    #[allow(dead_code, reason = "the build script does not ask")]
    pub(crate) fn is_letter(self) -> bool {
        matches!(self, Kind::Letter | Kind::Upper | Kind::Title | Kind::Unpaired | Kind::Neutral)
    }
}

/// The kind is in the low four bits of a character's byte.
#[allow(dead_code, reason = "the build script only writes")]
pub(crate) const KIND_BITS: u8 = 0b1111;
/// The tokens of a lone character, less one, are in the next two.
pub(crate) const COST_SHIFT: u8 = 4;
/// It is replaced or dropped before anything else.
pub(crate) const REWRITTEN: u8 = 1 << 6;
/// Normalization may change it or its surroundings.
pub(crate) const UNSURE: u8 = 1 << 7;
/// Two signs that count as the one they look like, which normalization leaves as they are. Only the first is
/// rare, so only the first is marked as [`REWRITTEN`].
pub(crate) const THAI_APART: &str = "\u{E4D}\u{E32}";
