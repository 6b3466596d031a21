use std::collections::HashSet;

use batchwise_records::{Node, Request, Trail};
use batchwise_tokens::CacheTtl;

use crate::piece::Piece;
use crate::prefix_hash::{PrefixHash, RollingHash};
use crate::prompt_walk::{Visitor, walk};
use crate::{BlockPlace, Obstacle};

/// The most breakpoints that a request may have, an automatic one included.
pub const BREAKPOINTS_MAX: usize = 4;

/// How many positions a breakpoint looks at for what earlier requests wrote; it stands at the first itself.
pub const LOOKBACK: usize = 20;

/// The blocks of one request in the API's order, and its breakpoints.
///
/// Two requests can share what is cached of a block as far as the API documents it when their blocks there have equal
/// hashes. Equal are:
///
/// - the model, by the id that the caller knows it by, and the parameters of which it is known or may be that something
///   depends on them; those that everything depends on count from the first block on, those that only the messages
///   depend on from the first message on;
/// - all tools, even for a prefix that ends at the first: a change of any definition invalidates everything;
/// - all values, types, keys and the order of keys up to the end of the block. White space between values and the way
///   characters are escaped do not reach the API's prompt, so they do not count. The order of keys may not reach it
///   either, nor may it matter whether a text stands by itself or in a block, but nobody says so: they count.
///
/// `cache_control` is never part of a hash. One inside of a tool's schema or arguments is no mark but content.
///
/// A block is a tool, a block of the system prompt or of a message, or a text in place of blocks. What is inside of a
/// tool result or a document belongs to it, but for a block there that is marked: it ends a block of its own, of which
/// requests without the mark know nothing. That such a mark takes a position of its own in what a breakpoint looks back
/// over is not documented.
///
/// What the API caches unasked, the results of tools that run on the server, is no mark here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrefixChain {
    blocks: Vec<Block>,
    marks: Vec<Mark>,
    refusal: Option<Refusal>,
}

/// One block, and everything before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// The prompt up to the end of the block.
    pub prefix: PrefixHash,
    /// The bytes of all keys and values of that prompt, unescaped. Equal for equal prefixes.
    pub bytes: u64,
    /// Where it stands in the request.
    pub at: BlockPlace,
    /// What keeps it from carrying a breakpoint.
    pub obstacle: Option<Obstacle>,
}

/// The parts of a prompt in the API's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// `tools`
    Tools,
    /// `system`
    System,
    /// `messages`
    Messages,
}

/// A breakpoint: the prompt may be cached up to the end of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The index of the block, counted from 0.
    pub block: usize,
    /// How long the cache lives.
    pub ttl: CacheTtl,
    /// Whether it comes from the `cache_control` at the top of the request.
    pub automatic: bool,
}

/// Why the API refuses the breakpoints of a request, which is then neither processed nor billed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// More than [`BREAKPOINTS_MAX`], an automatic one included.
    TooMany,
    /// The last block has another lifetime than the automatic breakpoint that would stand there.
    TwoLifetimes,
    /// One of an hour stands behind one of five minutes.
    ShorterFirst,
}

impl PrefixChain {
    /// The chain of a request that is processed by the model known as `model`, whatever the request calls it.
    pub fn of(request: &Request<'_>, model: &str) -> PrefixChain {
        let mut builder =
            Builder { hash: RollingHash::new(), bytes: 0, blocks: Vec::with_capacity(8), marks: Vec::new() };
        walk(request, model, &mut builder);
        let clash = builder.mark_automatically(request.params.get("cache_control"));
        let refusal = clash.or_else(|| refusal(&builder.marks));
        PrefixChain { blocks: builder.blocks, marks: builder.marks, refusal }
    }

    /// The blocks, the first first.
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// The breakpoints in the order of their blocks, even if the API refuses them.
    pub fn marks(&self) -> &[Mark] {
        &self.marks
    }

    /// Why the API refuses the breakpoints, where it does.
    pub fn refusal(&self) -> Option<Refusal> {
        self.refusal
    }

    /// How many blocks end where both requests are still the same. All before the last of them are the same too.
    pub fn shared_blocks(&self, other: &PrefixChain) -> usize {
        let theirs: HashSet<PrefixHash> = other.blocks.iter().map(|block| block.prefix).collect();
        self.blocks.iter().filter(|block| theirs.contains(&block.prefix)).count()
    }

    /// Whether some breakpoint finds what an earlier request wrote at the end of `block`.
    pub fn looks_at(&self, block: usize) -> bool {
        self.marks.iter().any(|mark| (block..block + LOOKBACK).contains(&mark.block))
    }
}

fn refusal(marks: &[Mark]) -> Option<Refusal> {
    if marks.len() > BREAKPOINTS_MAX {
        return Some(Refusal::TooMany);
    }
    (!marks.is_sorted_by(|before, after| before.ttl >= after.ttl)).then_some(Refusal::ShorterFirst)
}

struct Builder {
    hash: RollingHash,
    bytes: u64,
    blocks: Vec<Block>,
    marks: Vec<Mark>,
}

impl Builder {
    /// An automatic breakpoint stands at the last block, unless that has the same already.
    fn mark_automatically(&mut self, control: Option<&Node<'_>>) -> Option<Refusal> {
        let (ttl, block) = (ttl(control)?, self.blocks.len().checked_sub(1)?);
        match self.marks.last() {
            Some(last) if last.block == block => (last.ttl != ttl).then_some(Refusal::TwoLifetimes),
            _ => {
                self.marks.push(Mark { block, ttl, automatic: true });
                None
            }
        }
    }
}

impl<'n> Visitor<'n> for Builder {
    fn piece(&mut self, piece: Piece<'n>, _: &Trail<'_>) {
        self.bytes += piece.parts().1.len() as u64;
        self.hash.take(&piece);
    }

    fn block(&mut self, at: BlockPlace, control: Option<&'n Node<'n>>, obstacle: Option<Obstacle>) {
        if let Some(ttl) = ttl(control) {
            self.marks.push(Mark { block: self.blocks.len(), ttl, automatic: false });
        }
        self.blocks.push(Block { prefix: self.hash.so_far(), bytes: self.bytes, at, obstacle });
    }
}

/// The lifetime that a `cache_control` asks for. A [`Request`] has no other than these two.
fn ttl(control: Option<&Node<'_>>) -> Option<CacheTtl> {
    match control?.as_object()?.get("ttl").and_then(Node::as_str) {
        Some("1h") => Some(CacheTtl::OneHour),
        _ => Some(CacheTtl::FiveMinutes),
    }
}

#[cfg(test)]
mod tests;
