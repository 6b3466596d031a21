use std::borrow::Cow;
use std::ops::Range;

use batchwise_records::Request;
use batchwise_tokens::CacheTtl;

use crate::BREAKPOINTS_MAX;
use crate::seating::{Control, Form, Seat, Seating};

/// Gives requests other breakpoints: those that are wanted and no more.
///
/// Of a line nothing is changed but `cache_control` members of tools, of blocks and at the top, and the commas that
/// separate them from what is beside them. Order, white space, escapes and numbers stay byte for byte. A breakpoint that
/// is wanted and there already stays byte for byte too; one of another lifetime gets another value; a new one becomes the
/// last member of its block. `"cache_control": null` is no breakpoint and stays where none is wanted. A member of that
/// name inside of a tool's schema or arguments is content and stays.
///
/// The automatic breakpoint at the top stays, with the lifetime that is wanted, where its place, the last block, is
/// wanted; but it goes where that block has one of its own and it would have another lifetime or be the fifth, and where
/// the block is a text that is wrapped. None is added.
///
/// A text in place of blocks can carry none, unless [`wrap_texts`](Remarking::wrap_texts). A marked block within another
/// that loses its mark is no block of the new chain, so the indices behind it are smaller there.
///
/// Whether the API takes what is wanted together (four breakpoints, longer lifetimes first) is for the caller to know.
#[derive(Clone, Copy, Debug)]
pub struct Remarking<'w> {
    /// Up to which blocks the prompt is to be cached, by their indices in the request's
    /// [`PrefixChain`](crate::PrefixChain), each at most once. They are few: each block is looked up in all of them.
    pub wanted: &'w [(usize, CacheTtl)],
    /// Whether a text in place of blocks becomes a block with the same text, so that it can carry a breakpoint:
    /// `"system":"s"` becomes `"system":[{"type":"text","text":"s","cache_control":…}]`.
    ///
    /// That the block and the text are the same to the cache is not documented, and to a chain they are two. So wrap the
    /// texts of all requests that are to share a prefix or of none.
    pub wrap_texts: bool,
}

/// What became of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remarked<'l> {
    /// The new line; borrowed when it is the old one.
    pub line: Cow<'l, str>,
    /// Which breakpoints are missing from it, in the order in which they were wanted.
    pub unplaced: Vec<Unplaced>,
}

/// A breakpoint that found no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unplaced {
    /// The index of the block.
    pub block: usize,
    /// Why it cannot carry one.
    pub obstacle: Obstacle,
}

/// Why a block can carry no breakpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// It is a text in place of blocks.
    Text,
    /// It has no text at all, which the API refuses to cache.
    Empty,
    /// It is thinking, which the API caches only with what follows.
    Thinking,
    /// It is a tool with `defer_loading`, which the API refuses to cache.
    Deferred,
    /// There is no such block.
    Absent,
}

impl Remarking<'_> {
    /// Rewrites `line`, from which `request` was read.
    ///
    /// # Panics
    /// When `request` was read from another line, as far as it is noticed.
    pub fn of<'l>(&self, line: &'l str, request: &Request<'_>) -> Remarked<'l> {
        let seating = Seating::of(line, request).expect("the request was read from this line");
        let mut edits = Edits::default();
        let carrier = self.automatic(&seating, &mut edits);
        for (index, seat) in seating.seats.iter().enumerate() {
            let wanted = self.lifetime(index).filter(|_| carrier != Some(index));
            self.seat(seat, wanted, &mut edits);
        }
        let unplaced = self.wanted.iter().filter(|(block, _)| carrier != Some(*block));
        let unplaced = unplaced.filter_map(|&(block, _)| {
            let obstacle = match seating.seats.get(block) {
                Some(seat) => self.obstacle(seat)?,
                None => Obstacle::Absent,
            };
            Some(Unplaced { block, obstacle })
        });
        Remarked { unplaced: unplaced.collect(), line: edits.apply(line) }
    }

    /// The lifetime that is wanted at the end of a block.
    fn lifetime(&self, block: usize) -> Option<CacheTtl> {
        self.wanted.iter().find(|(index, _)| *index == block).map(|(_, ttl)| *ttl)
    }

    fn obstacle(&self, seat: &Seat) -> Option<Obstacle> {
        seat.obstacle.filter(|obstacle| !(self.wrap_texts && *obstacle == Obstacle::Text))
    }

    /// The block for which the automatic breakpoint stands in.
    fn automatic(&self, seating: &Seating, edits: &mut Edits) -> Option<usize> {
        let control = seating.automatic.as_ref().filter(|control| control.is_mark)?;
        let last = seating.seats.len().checked_sub(1);
        let Some((last, ttl)) = last.and_then(|last| Some((last, self.lifetime(last)?))) else {
            edits.remove(control);
            return None;
        };
        let seat = &seating.seats[last];
        if self.wrap_texts && seat.obstacle == Some(Obstacle::Text) {
            // Other requests of its group may go on behind that text, and are wrapped.
            edits.remove(control);
            return None;
        }
        if seat.mark().is_none() || self.obstacle(seat).is_some() {
            edits.live(control, ttl);
            return Some(last);
        }
        if control.ttl != Some(ttl) || self.wanted.len() >= BREAKPOINTS_MAX {
            edits.remove(control);
        }
        None
    }

    /// Gives a block the breakpoint that is wanted, or none.
    fn seat(&self, seat: &Seat, wanted: Option<CacheTtl>, edits: &mut Edits) {
        let wanted = wanted.filter(|_| self.obstacle(seat).is_none());
        match (&seat.form, wanted) {
            (Form::Text(text), Some(ttl)) => {
                edits.push(text.start..text.start, "[{\"type\":\"text\",\"text\":");
                edits.push(text.end..text.end, format!(",{}}}]", member(ttl)));
            }
            (Form::Text(_), None) => (),
            (Form::Object(frame), Some(ttl)) => match &frame.control {
                Some(control) => edits.live(control, ttl),
                None => {
                    let comma = if frame.is_empty { "" } else { "," };
                    edits.push(frame.end..frame.end, format!("{comma}{}", member(ttl)));
                }
            },
            (Form::Object(_), None) => seat.mark().into_iter().for_each(|control| edits.remove(control)),
        }
    }
}

fn member(ttl: CacheTtl) -> String {
    format!("\"cache_control\":{}", value(ttl))
}

fn value(ttl: CacheTtl) -> &'static str {
    match ttl {
        CacheTtl::FiveMinutes => r#"{"type":"ephemeral"}"#,
        CacheTtl::OneHour => r#"{"type":"ephemeral","ttl":"1h"}"#,
    }
}

/// What takes the place of which bytes. No two places overlap.
#[derive(Default)]
struct Edits(Vec<(Range<usize>, Cow<'static, str>)>);

impl Edits {
    fn push(&mut self, place: Range<usize>, text: impl Into<Cow<'static, str>>) {
        self.0.push((place, text.into()));
    }

    /// Gives a `cache_control` a lifetime, if it has not got it.
    fn live(&mut self, control: &Control, ttl: CacheTtl) {
        if control.ttl != Some(ttl) {
            self.push(control.value.clone(), value(ttl));
        }
    }

    fn remove(&mut self, control: &Control) {
        self.push(control.member.clone(), "");
        if let Some(comma) = control.comma {
            self.push(comma..comma + 1, "");
        }
    }

    fn apply(mut self, line: &str) -> Cow<'_, str> {
        if self.0.is_empty() {
            return Cow::Borrowed(line);
        }
        // What is put before a byte comes before what takes its place.
        self.0.sort_by_key(|(place, _)| (place.start, place.end));
        let added: usize = self.0.iter().map(|(_, text)| text.len()).sum();
        let mut new = String::with_capacity(line.len() + added);
        let mut at = 0;
        for (place, text) in &self.0 {
            new.push_str(&line[at..place.start]);
            new.push_str(text);
            at = place.end;
        }
        new.push_str(&line[at..]);
        Cow::Owned(new)
    }
}

#[cfg(test)]
mod tests;
