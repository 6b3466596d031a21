use std::io::{self, Read};

use memchr::{memchr, memchr_iter, memrchr};

use crate::Line;

/// The longest line that is kept whole: the largest reading of "256 MB" (256 MiB), which no request in a
/// batch can exceed. Of a longer line only the beginning is kept, so that memory stays bounded.
pub const LINE_BYTES_MAX: usize = 268_435_456;

/// The byte order mark that some editors write at the start of UTF-8 files.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// How much is read from the input at once.
const READ_BYTES: usize = 128 * 1024;

/// Some whole, consecutive lines of one input.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Chunk {
    /// Number of the first line, counted from 1.
    first_line: u64,
    /// Where the chunk starts in the input.
    start: u64,
    bytes: Vec<u8>,
    /// Bytes that were dropped in front of the terminator of the only line, when it was too long.
    dropped: u64,
}

/// Cuts an input into [`Chunk`]s.
///
/// Holds one chunk's worth of bytes: `target` of them, or one line where that is longer.
#[derive(Debug)]
pub struct ChunkReader<R> {
    input: R,
    target: usize,
    line_max: usize,
    next_line: u64,
    offset: u64,
    /// Bytes read but not yet handed out: the beginning of a line.
    rest: Vec<u8>,
    ended: bool,
}

impl<R: Read> ChunkReader<R> {
    /// Reads `input` in chunks of about `target` bytes.
    pub fn new(input: R, target: usize) -> ChunkReader<R> {
        ChunkReader::with_line_max(input, target, LINE_BYTES_MAX)
    }

    fn with_line_max(input: R, target: usize, line_max: usize) -> ChunkReader<R> {
        ChunkReader {
            input,
            target: target.max(1),
            line_max,
            next_line: 1,
            offset: 0,
            rest: Vec::new(),
            ended: false,
        }
    }

    /// The next lines, or `None` at the end of the input.
    ///
    /// # Errors
    /// What reading the input returned; the lines before it were handed out already or are lost.
    pub fn next_chunk(&mut self) -> io::Result<Option<Chunk>> {
        let mut bytes = std::mem::take(&mut self.rest);
        let mut searched = 0;
        let mut dropped = 0;
        loop {
            let enough = bytes.len() >= self.target || self.ended;
            let newline =
                if enough { memrchr(b'\n', &bytes[searched..]).map(|at| at + searched) } else { None };
            if let Some(at) = newline {
                self.rest = bytes.split_off(at + 1);
                break;
            }
            if self.ended {
                break;
            }
            if enough {
                searched = bytes.len();
            }
            if bytes.len() > self.line_max {
                dropped = self.skip_to_newline(&mut bytes)?;
                break;
            }
            self.read_more(&mut bytes)?;
        }
        if bytes.is_empty() {
            return Ok(None);
        }
        Ok(Some(self.hand_out(bytes, dropped)))
    }

    fn hand_out(&mut self, bytes: Vec<u8>, dropped: u64) -> Chunk {
        let chunk = Chunk { first_line: self.next_line, start: self.offset, bytes, dropped };
        self.next_line += memchr_iter(b'\n', &chunk.bytes).count() as u64;
        self.offset += chunk.bytes.len() as u64 + dropped;
        chunk
    }

    fn read_more(&mut self, bytes: &mut Vec<u8>) -> io::Result<()> {
        let before = bytes.len();
        bytes.resize(before + READ_BYTES, 0);
        let outcome = loop {
            match self.input.read(&mut bytes[before..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => (),
                other => break other,
            }
        };
        bytes.truncate(before + *outcome.as_ref().unwrap_or(&0));
        self.ended = outcome? == 0;
        Ok(())
    }

    /// `bytes` is the beginning of a line longer than any batch: keeps that, drops the rest of the line
    /// except its terminator, and returns how much was dropped.
    fn skip_to_newline(&mut self, bytes: &mut Vec<u8>) -> io::Result<u64> {
        let mut dropped = (bytes.len() - self.line_max) as u64;
        bytes.truncate(self.line_max);
        let mut block = Vec::new();
        while !self.ended {
            block.clear();
            self.read_more(&mut block)?;
            match memchr(b'\n', &block) {
                Some(at) => {
                    self.rest = block.split_off(at + 1);
                    bytes.push(b'\n');
                    return Ok(dropped + at as u64);
                }
                None => dropped += block.len() as u64,
            }
        }
        Ok(dropped)
    }
}

impl Chunk {
    /// The chunk's lines in order.
    pub fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        let mut number = self.first_line;
        let mut at = 0;
        std::iter::from_fn(move || {
            let rest = self.bytes.get(at..).filter(|rest| !rest.is_empty())?;
            let length = memchr(b'\n', rest).map_or(rest.len(), |newline| newline + 1);
            let line = self.line(number, at, &rest[..length]);
            at += length;
            number += 1;
            Some(line)
        })
    }

    fn line<'a>(&self, number: u64, at: usize, raw: &'a [u8]) -> Line<'a> {
        let start = self.start + at as u64;
        let content = raw.strip_suffix(b"\n").unwrap_or(raw);
        let content = content.strip_suffix(b"\r").unwrap_or(content);
        let marked = start == 0 && content.starts_with(BYTE_ORDER_MARK);
        let content = if marked { &content[BYTE_ORDER_MARK.len()..] } else { content };
        Line {
            number,
            extent: start..start + raw.len() as u64 + self.dropped,
            content_start: start + if marked { BYTE_ORDER_MARK.len() as u64 } else { 0 },
            content,
            content_bytes: content.len() as u64 + self.dropped,
        }
    }

    /// The bytes of the chunk as they were read.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How much of the input the chunk covers.
    pub fn extent_bytes(&self) -> u64 {
        self.bytes.len() as u64 + self.dropped
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// An input that hands out its bytes in pieces of at most `piece`.
    struct Dripping<'a> {
        bytes: &'a [u8],
        piece: usize,
    }

    impl Read for Dripping<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let length = self.piece.min(self.bytes.len()).min(buffer.len());
            buffer[..length].copy_from_slice(&self.bytes[..length]);
            self.bytes = &self.bytes[length..];
            Ok(length)
        }
    }

    type Seen = (u64, u64, u64, Vec<u8>, u64);

    fn read(bytes: &[u8], piece: usize, target: usize, line_max: usize) -> Vec<Seen> {
        let mut reader = ChunkReader::with_line_max(Dripping { bytes, piece }, target, line_max);
        let mut seen = Vec::new();
        while let Some(chunk) = reader.next_chunk().unwrap() {
            seen.extend(chunk.lines().map(|line| {
                (line.number, line.extent.start, line.extent.end, line.content.to_vec(), line.content_bytes)
            }));
        }
        seen
    }

    /// The slow, obvious reading: the whole input in memory, one line after the other.
    fn oracle(bytes: &[u8], line_max: usize) -> Vec<Seen> {
        let mut start = 0;
        let mut seen = Vec::new();
        for (number, raw) in (1..).zip(bytes.split_inclusive(|&byte| byte == b'\n')) {
            let ended = raw.ends_with(b"\n");
            let mut content = raw[..raw.len() - usize::from(ended)].to_vec();
            let long = content.len() > line_max;
            let length =
                if long { content.len() } else { content.strip_suffix(b"\r").unwrap_or(&content).len() };
            content.truncate(length.min(line_max));
            seen.push((number, start, start + raw.len() as u64, content, length as u64));
            start += raw.len() as u64;
        }
        seen
    }

    #[test]
    fn marks_and_terminators_are_no_content() {
        let seen = read(b"\xEF\xBB\xBFa\r\n\n\xEF\xBB\xBFb", 100, 1, 100);
        assert_eq!(
            seen,
            [
                (1, 0, 6, b"a".to_vec(), 1),
                (2, 6, 7, b"".to_vec(), 0),
                (3, 7, 11, b"\xEF\xBB\xBFb".to_vec(), 4)
            ]
        );
    }

    #[test]
    fn an_empty_input_has_no_line() {
        assert_eq!(read(b"", 1, 1, 1), []);
    }

    #[test]
    fn a_failing_input_is_an_error() {
        struct Failing;
        impl Read for Failing {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("the disk is gone"))
            }
        }
        assert!(ChunkReader::new(Failing, 10).next_chunk().is_err());
    }

    proptest! {
        #[test]
        fn chunking_never_changes_what_is_read(
            bytes in proptest::collection::vec(prop_oneof![Just(b'\n'), Just(b'\r'), Just(b'a'), Just(b' ')], 0..200),
            piece in 1usize..20, target in 1usize..40,
        ) {
            prop_assert_eq!(read(&bytes, piece, target, 1000), oracle(&bytes, 1000));
        }

        /// Lines without a carriage return: where a cut line ends in one, its length may count it.
        #[test]
        fn long_lines_are_cut_and_nothing_else_is_lost(
            bytes in proptest::collection::vec(prop_oneof![1 => Just(b'\n'), 9 => Just(b'a')], 0..300),
            piece in 1usize..20, target in 1usize..40, line_max in 1usize..12,
        ) {
            let ours = read(&bytes, piece, target.min(line_max), line_max);
            let slow = oracle(&bytes, line_max);
            prop_assert_eq!(ours.len(), slow.len());
            for (mine, theirs) in ours.iter().zip(&slow) {
                prop_assert_eq!((mine.0, mine.1, mine.2, mine.4), (theirs.0, theirs.1, theirs.2, theirs.4));
                prop_assert!(mine.3 == theirs.3 || mine.4 == mine.3.len() as u64);
            }
        }
    }
}
