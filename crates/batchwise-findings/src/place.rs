use std::ops::Range;

use crate::Excerpt;

/// A spot in one of the inputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The input's name as the user wrote it, `-` for standard input.
    pub file: String,
    /// Line number, counted from 1.
    pub line: u64,
    /// Column in characters, counted from 1.
    pub column: u64,
    /// The marked bytes of the (decompressed) input, counted from 0.
    pub bytes: Range<u64>,
    /// The path of the field, such as `params.messages[0].content`; empty for the whole line.
    pub field: String,
    /// The text around the spot, where it is at hand.
    pub excerpt: Option<Excerpt>,
}
