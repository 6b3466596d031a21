//! Which requests begin alike, so that one can read from the cache what another wrote.
//!
//! A request becomes a [`PrefixChain`]: its blocks in the API's order, each known by a hash of everything before and
//! within it. [`Groups`] are fed with chains in the order of the inputs and find what is shared. A [`Divergence`] tells
//! where two requests part:
//!
//! ```
//! use batchwise_prefixes::Divergence;
//! use batchwise_records::Request;
//!
//! let line = |time: &str| {
//!     format!(
//!         r#"{{"custom_id":"a","params":{{"model":"m","max_tokens":9,"tools":[{{"name":"f"}}],
//!         "system":"Now it is {time}. Be brief.","messages":[{{"role":"user","content":"Hello"}}]}}}}"#
//!     )
//! };
//! let (early, late) = (line("10:07"), line("10:43"));
//! let [one, other] = [&early, &late].map(|line| Request::parse(line.as_bytes()).unwrap());
//! let divergence = Divergence::between((&one, "m"), (&other, "m")).unwrap();
//! assert_eq!(divergence.shared_blocks, 1);
//! let point = divergence.right.unwrap();
//! assert_eq!(point.path.to_string(), "params.system");
//! let byte = point.byte_in(&late).unwrap();
//! assert!(late[byte..].starts_with("43. Be brief."));
//! ```
//!
//! A [`Remarking`] gives a request other breakpoints and changes nothing else of its line:
//!
//! ```
//! use batchwise_prefixes::Remarking;
//! use batchwise_records::Request;
//! use batchwise_tokens::CacheTtl;
//!
//! let line = r#"{"custom_id":"a","params":{"model":"m","max_tokens":9,"tools":[ {"name":"f"} ],"messages":[{"role":"user","content":"Hello"}]}}"#;
//! let request = Request::parse(line.as_bytes()).unwrap();
//! let remarking = Remarking { wanted: &[(0, CacheTtl::OneHour)], wrap_texts: false };
//! assert_eq!(
//!     remarking.of(line, &request).line,
//!     line.replace(r#"{"name":"f"}"#, r#"{"name":"f","cache_control":{"type":"ephemeral","ttl":"1h"}}"#)
//! );
//! ```
//!
//! Where a small part that differs keeps requests from sharing a long beginning, [`NearRepeats`] say so, from a sample.
//!
//! A chain is a function of its request, so threads may make it; groups are fed by one. Hashes differ from process to
//! process, so that nobody can write a file whose hashes collide; nothing that is told depends on them.
//!
//! Where it is not known whether a difference matters to the cache, it counts as one: a saving that does not come is
//! worse than one that nobody promised. [`PrefixChain`] says what that means.
//!
//! Source of what is said about the cache:
//! <https://platform.claude.com/docs/en/build-with-claude/prompt-caching>, read 2026-08-22.

mod block_place;
mod prefix_chain;

mod piece;
mod prefix_hash;
mod prompt_walk;
mod settings;

mod forgotten;
mod group;
mod groups;
mod numbers;
mod once_seen;
mod slots;
mod tally;

mod divergence;
mod raw_text;

mod remarking;
mod seating;

mod near_repeats;

mod common_run;
mod family;
mod flat_prompt;
mod near_repeat;
mod newcomer;
mod stretch;
mod words;

pub use block_place::BlockPlace;
pub use divergence::{Aim, Divergence, Point};
pub use group::{Group, Place, Writer};
pub use groups::{Caps, Found, Groups, Member};
pub use near_repeat::NearRepeat;
pub use near_repeats::{NearCaps, NearRepeats};
pub use numbers::Numbers;
pub use prefix_chain::{BREAKPOINTS_MAX, Block, LOOKBACK, Mark, Part, PrefixChain, Refusal};
pub use prefix_hash::PrefixHash;
pub use remarking::{Obstacle, Remarked, Remarking, Unplaced};
pub use tally::Tally;
