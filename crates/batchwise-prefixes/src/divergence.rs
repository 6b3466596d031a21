use batchwise_records::{FieldPath, Node, Request, Trail};

use crate::piece::Piece;
use crate::prompt_walk::{Visitor, walk};
use crate::raw_text::raw_offset;
use crate::{BlockPlace, Obstacle, PrefixChain};

/// Where the prompts of two requests part, in the order and by the rules of a [`PrefixChain`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Divergence {
    /// How many blocks they have in common: see [`PrefixChain::shared_blocks`].
    pub shared_blocks: usize,
    /// The first difference in the one request; `None` where it ends before the other.
    pub left: Option<Point>,
    /// The first difference in the other.
    pub right: Option<Point>,
}

/// A byte of a field of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// The field. A parameter that the request does not have, where only the other has it.
    pub path: FieldPath,
    /// What of the field.
    pub aim: Aim,
    /// Which byte of the key or of the text as it is meant, without escapes: the first of the character that differs.
    /// 0 where it is neither.
    pub offset: usize,
}

/// What of a field differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aim {
    /// Its name, or that it is there at all: the order of keys counts.
    Key,
    /// Its value, which is a text.
    Text,
    /// Its value.
    Value,
    /// That it ends.
    End,
    /// That it is missing.
    Absence,
}

impl Divergence {
    /// Compares two requests, each with the id by which its model is known. `None` when all is equal that the cache is
    /// known to look at, or may be.
    pub fn between(left: (&Request<'_>, &str), right: (&Request<'_>, &str)) -> Option<Divergence> {
        let [ours, theirs] = [left, right].map(pieces);
        let pairs = ours.iter().zip(&theirs);
        let index = pairs.take_while(|(mine, other)| mine == other).count();
        if index == ours.len().max(theirs.len()) {
            return None;
        }
        let offset = match (ours.get(index), theirs.get(index)) {
            (Some(Piece::Text(mine)), Some(Piece::Text(other))) => first_difference(mine, other),
            (Some(Piece::Key(mine)), Some(Piece::Key(other))) => first_difference(mine, other),
            _ => 0,
        };
        let [our_chain, their_chain] = [left, right].map(|(request, model)| PrefixChain::of(request, model));
        let [left, right] = [left, right].map(|side| point(side, index, offset));
        Some(Divergence { shared_blocks: our_chain.shared_blocks(&their_chain), left, right })
    }
}

impl Point {
    /// The byte of `line`, the request's line, counted from 0. A text that ends differs at its closing quote. `None`
    /// where the line has no such field.
    pub fn byte_in(&self, line: &str) -> Option<usize> {
        let spot = self.path.find_in(line)?;
        let inside = |quoted: std::ops::Range<usize>| {
            let start = quoted.start + 1;
            start + raw_offset(&line[start..quoted.end - 1], self.offset)
        };
        match self.aim {
            Aim::Key => spot.key.map(inside),
            Aim::Text => Some(inside(spot.value)),
            Aim::End => Some(spot.value.end - 1),
            Aim::Value => Some(spot.value.start),
            Aim::Absence => None,
        }
    }
}

/// Where two different texts part: the first byte of a character.
fn first_difference(left: &str, right: &str) -> usize {
    let same = left.bytes().zip(right.bytes()).take_while(|(left, right)| left == right).count();
    let starts = |at: &usize| left.is_char_boundary(*at) && right.is_char_boundary(*at);
    (0..=same).rev().find(starts).unwrap_or_default()
}

fn pieces<'n>((request, model): (&'n Request<'n>, &'n str)) -> Vec<Piece<'n>> {
    struct Pieces<'n>(Vec<Piece<'n>>);
    impl<'n> Visitor<'n> for Pieces<'n> {
        fn piece(&mut self, piece: Piece<'n>, _: &Trail<'_>) {
            self.0.push(piece);
        }

        fn block(&mut self, _: BlockPlace, _: Option<&'n Node<'n>>, _: Option<Obstacle>) {}
    }
    let mut pieces = Pieces(Vec::new());
    walk(request, model, &mut pieces);
    pieces.0
}

/// The piece of that index.
fn point((request, model): (&Request<'_>, &str), index: usize, offset: usize) -> Option<Point> {
    let mut search = Search { left: index, offset, found: None };
    walk(request, model, &mut search);
    search.found
}

struct Search {
    left: usize,
    offset: usize,
    found: Option<Point>,
}

impl<'n> Visitor<'n> for Search {
    fn piece(&mut self, piece: Piece<'n>, at: &Trail<'_>) {
        if self.found.is_some() {
            return;
        }
        match self.left.checked_sub(1) {
            Some(left) => self.left = left,
            None => self.found = Some(Point { path: at.path(), aim: aim(&piece), offset: self.offset }),
        }
    }

    fn block(&mut self, _: BlockPlace, _: Option<&'n Node<'n>>, _: Option<Obstacle>) {}
}

fn aim(piece: &Piece<'_>) -> Aim {
    match piece {
        Piece::Key(_) => Aim::Key,
        Piece::Text(_) => Aim::Text,
        Piece::End => Aim::End,
        Piece::Absent => Aim::Absence,
        _ => Aim::Value,
    }
}

#[cfg(test)]
mod tests;
