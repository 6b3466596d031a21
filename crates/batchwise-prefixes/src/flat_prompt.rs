use std::ops::Range;

use batchwise_records::{Node, Request, Trail};

use crate::Part;
use crate::common_run::same_start;
use crate::piece::Piece;
use crate::prompt_walk::{Visitor, walk};

/// What begins a piece, together with its tag; no text holds it, because it never occurs in UTF-8.
const PIECE: u8 = 0xff;

/// How many bytes stand before the text of a piece.
pub(crate) const BEFORE_TEXT: usize = 2;

/// A prompt written out as one text: its pieces in the order of a [`PrefixChain`](crate::PrefixChain), each behind a
/// mark. Prompts have equal texts exactly if they have equal pieces.
pub(crate) struct FlatPrompt(Vec<u8>);

impl FlatPrompt {
    /// The prompt of a request for the model known as `model`.
    pub(crate) fn of(request: &Request<'_>, model: &str) -> FlatPrompt {
        let mut writer = Writer(Vec::new());
        walk(request, model, &mut writer);
        FlatPrompt(writer.0)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// How many bytes both prompts begin with: whole characters. All, where they are equal.
    pub(crate) fn shared_with(&self, other: &FlatPrompt) -> usize {
        let mut shared = same_start(&self.0, &other.0);
        while self.is_inside_character(shared) || other.is_inside_character(shared) {
            shared -= 1;
        }
        shared
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
        let is_mark = |at: usize| self.0[at] == PIECE || at > 0 && self.0[at - 1] == PIECE;
        range.filter(|at| !is_mark(*at)).count() as u64
    }

    fn is_inside_character(&self, at: usize) -> bool {
        matches!(self.0.get(at), Some(0x80..0xc0))
    }
}

struct Writer(Vec<u8>);

impl<'n> Visitor<'n> for Writer {
    fn piece(&mut self, piece: Piece<'n>, _: &Trail<'_>) {
        let (tag, text) = piece.parts();
        self.0.extend([PIECE, tag]);
        self.0.extend_from_slice(text);
    }

    fn block(&mut self, _: Part, _: Option<&'n Node<'n>>) {}
}
