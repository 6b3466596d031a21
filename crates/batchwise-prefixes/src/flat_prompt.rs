use std::ops::Range;

use batchwise_records::{Node, Request, Trail};

use crate::common_run::same_start;
use crate::piece::Piece;
use crate::prompt_walk::{Visitor, walk};
use crate::{BlockPlace, Obstacle};

/// What begins a piece, together with its tag; no text holds it, because it never occurs in UTF-8.
const PIECE: u8 = 0xff;

/// How many bytes stand before the text of a piece.
pub(crate) const BEFORE_TEXT: usize = 2;

/// A prompt written out as one text: its pieces in the order of a [`PrefixChain`](crate::PrefixChain), each behind a
/// mark. Prompts have equal texts exactly if they have equal pieces.
#[derive(Default)]
pub(crate) struct FlatPrompt {
    bytes: Vec<u8>,
    pieces: usize,
    /// Where its blocks end, the first first.
    ends: Vec<usize>,
}

impl FlatPrompt {
    /// The prompt of a request for the model known as `model`.
    pub(crate) fn of(request: &Request<'_>, model: &str) -> FlatPrompt {
        let mut flat = FlatPrompt::default();
        walk(request, model, &mut flat);
        flat
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How many keys and values there are, and what is between them.
    pub(crate) fn pieces(&self) -> usize {
        self.pieces
    }

    /// How many bytes both prompts begin with: whole characters. All, where they are equal.
    pub(crate) fn shared_with(&self, other: &FlatPrompt) -> usize {
        let mut shared = same_start(&self.bytes, &other.bytes);
        while self.is_inside_character(shared) || other.is_inside_character(shared) {
            shared -= 1;
        }
        shared
    }

    /// Where the last block ends that both have, if the first `shared` bytes are the same.
    pub(crate) fn whole_blocks(&self, other: &FlatPrompt, shared: usize) -> usize {
        let before = &self.ends[..self.ends.partition_point(|end| *end <= shared)];
        let common = before.iter().rev().find(|end| other.ends.binary_search(end).is_ok());
        common.copied().unwrap_or(0)
    }

    /// The first `at` bytes, and what follows up to the end of a block.
    pub(crate) fn up_to_block_end(&self, at: usize) -> &[u8] {
        let next = self.ends.partition_point(|end| *end < at);
        &self.bytes[..self.ends.get(next).copied().unwrap_or(self.bytes.len())]
    }

    /// The range without the characters that are only in part within it.
    pub(crate) fn whole_characters(&self, mut range: Range<usize>) -> Range<usize> {
        while range.start < range.end && self.is_inside_character(range.start) {
            range.start += 1;
        }
        while range.start < range.end && self.is_inside_character(range.end) {
            range.end -= 1;
        }
        range
    }

    /// How many bytes of keys and values are in the range, as [`Block::bytes`](crate::Block::bytes) counts them.
    pub(crate) fn content_bytes(&self, range: Range<usize>) -> u64 {
        let is_mark = |at: usize| self.bytes[at] == PIECE || at > 0 && self.bytes[at - 1] == PIECE;
        range.filter(|at| !is_mark(*at)).count() as u64
    }

    fn is_inside_character(&self, at: usize) -> bool {
        matches!(self.bytes.get(at), Some(0x80..0xc0))
    }
}

impl<'n> Visitor<'n> for FlatPrompt {
    fn piece(&mut self, piece: Piece<'n>, _: &Trail<'_>) {
        self.pieces += 1;
        let (tag, text) = piece.parts();
        self.bytes.extend([PIECE, tag]);
        self.bytes.extend_from_slice(text);
    }

    fn block(&mut self, _: BlockPlace, _: Option<&'n Node<'n>>, _: Option<Obstacle>) {
        self.ends.push(self.bytes.len());
    }
}
