use std::sync::LazyLock;

use yada::DoubleArray;

use crate::kind::{COST_SHIFT, KIND_BITS, Kind};

/// What sets one vocabulary apart from another.
pub(crate) struct Rules {
    /// Every piece; see `build.rs`.
    pub(crate) pieces: LazyLock<DoubleArray<&'static [u8]>>,
    /// A byte for each character of the basic plane; see `kind.rs`.
    characters: &'static [u8; 0x1_0000],
    /// Whether curly quotes are counted as straight ones.
    pub(crate) straightens_quotes: bool,
    /// Whether a word of capitals is counted as a small one with a mark.
    pub(crate) marks_capitals: bool,
}

macro_rules! table {
    ($name:literal) => {
        include_bytes!(concat!(env!("OUT_DIR"), "/", $name))
    };
}

fn checked(trie: &'static [u8]) -> DoubleArray<&'static [u8]> {
    DoubleArray::new(trie).expect("the build script wrote a whole trie")
}

pub(crate) static CLAUDE_3: Rules = Rules {
    pieces: LazyLock::new(|| checked(table!("claude-3.trie"))),
    characters: table!("claude-3.characters"),
    straightens_quotes: true,
    marks_capitals: true,
};

pub(crate) static CLAUDE_47: Rules = Rules {
    pieces: LazyLock::new(|| checked(table!("claude-4.7.trie"))),
    characters: table!("claude-4.7.characters"),
    straightens_quotes: false,
    marks_capitals: false,
};

impl Rules {
    /// All that is known about a character, or `None` beyond the basic plane, where all of them are lone.
    pub(crate) fn byte_of(&self, char: char) -> Option<u8> {
        self.characters.get(char as usize).copied()
    }

    pub(crate) fn kind(&self, char: char) -> Kind {
        self.byte_of(char).map_or(Kind::Lone, |byte| Kind::numbered(byte & KIND_BITS))
    }

    /// The tokens of a lone character.
    pub(crate) fn lone_cost(&self, char: char) -> u64 {
        match self.byte_of(char) {
            Some(byte) => 1 + u64::from((byte >> COST_SHIFT) & 0b11),
            None => {
                let mut buffer = [0; 4];
                let bytes = char.encode_utf8(&mut buffer).as_bytes();
                let longest = self.pieces.common_prefix_search(bytes).map(|(_, length)| length).last();
                (1 + bytes.len() - longest.unwrap_or(1)) as u64
            }
        }
    }
}
