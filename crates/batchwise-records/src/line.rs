use std::ops::Range;

/// One line of an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// Line number, counted from 1.
    pub number: u64,
    /// The line with its terminator, as bytes of the (decompressed) input.
    pub extent: Range<u64>,
    /// Where `content` begins in the input: after the byte order mark of a first line, else at the start.
    pub content_start: u64,
    /// The line without its terminator (`\n` or `\r\n`) and without a byte order mark.
    pub content: &'a [u8],
    /// The line's real length without terminator, which is larger than `content` when the line was longer
    /// than [`LINE_BYTES_MAX`](crate::LINE_BYTES_MAX) and was cut.
    pub content_bytes: u64,
}

impl Line<'_> {
    /// Whether the line holds nothing but white space. Such lines are allowed anywhere and mean nothing.
    pub fn is_blank(&self) -> bool {
        self.content.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r'))
    }

    /// Whether only the beginning of the line was kept, because it is too long for any batch.
    pub fn is_cut(&self) -> bool {
        self.content_bytes > self.content.len() as u64
    }
}
