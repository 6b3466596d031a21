//! Which requests begin alike, so that one can read from the cache what another wrote.
//!
//! A request becomes a [`PrefixChain`]: its blocks in the API's order, each known by a hash of everything before and
//! within it. [`Groups`] are fed with chains in the order of the inputs and find what is shared. A [`Divergence`] tells
//! where two requests part.
//!
//! A chain is a function of its request, so threads may make it; groups are fed by one. Hashes differ from process to
//! process, so that nobody can write a file whose hashes collide; nothing that is told depends on them.
//!
//! Where it is not known whether a difference matters to the cache, it counts as one: a saving that does not come is
//! worse than one that nobody promised. [`PrefixChain`] says what that means.
//!
//! Source of what is said about the cache:
//! <https://platform.claude.com/docs/en/build-with-claude/prompt-caching>, read 2026-08-22.

mod prefix_chain;

mod piece;
mod prefix_hash;
mod prompt_walk;
mod settings;

mod forgotten;
mod group;
mod groups;
mod known_sizes;
mod once_seen;

mod divergence;
mod raw_text;

pub use divergence::{Aim, Divergence, Point};
pub use group::{Group, Place};
pub use groups::{Caps, Groups, Hit, Member};
pub use prefix_chain::{BREAKPOINTS_MAX, Block, LOOKBACK, Mark, Part, PrefixChain, Refusal};
pub use prefix_hash::PrefixHash;
