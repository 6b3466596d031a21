//! Counts text as Claude's two tokenizers do, without asking anyone.
//!
//! Anthropic publishes no tokenizer. What is known is which strings the API counts as one token: they were
//! measured with `count_tokens` and published as the package [ctok](https://pypi.org/project/ctok/1.3.0/) (MIT, Sander
//! Land), an unofficial reconstruction that this crate follows to the token. The counts are close to the API's, not
//! guaranteed to be equal; see `docs/accuracy.md` for how close.
//!
//! How a text is counted:
//!
//! 1. It is cleaned: normalized (NFC), control characters dropped, spaces of all kinds made one kind, and for
//!    the older tokenizer curly quotes straightened. Line feeds at the end make up one run with the two that
//!    follow every text: a dozen of them cost nothing.
//! 2. It falls apart into words, runs of signs, runs of blanks, digits, and characters that stand alone. A
//!    single space between words or signs is no token: it is the end mark of what is before it and the begin
//!    mark of what is after it. A word always has both marks, and one for its capital letters.
//! 3. Each part costs the fewest pieces of the vocabulary that it can be put together from, where any byte is
//!    a piece at need. No piece reaches from one part into another, so parts are counted one by one and what
//!    a word cost is remembered.
//!
//! ```
//! use batchwise_tokenizer::{Version, count};
//!
//! assert_eq!(count("hello, world", Version::Claude3), 3);
//! assert_eq!(count("hello, world", Version::Claude48), 4);
//! ```

mod cleaning;
mod kind;
mod letter_case;
mod mark;
mod memo;
mod rules;
mod scan;
mod tiling;
mod version;

pub use version::Version;

/// The tokens of `text` as the whole content of a message, without what the message itself costs.
///
/// Takes time linear in the length of the text, and never panics. Memory: the tables of a vocabulary are part of
/// the program and need no start-up; each thread remembers some words, less than 1 MB for each version.
pub fn count(text: &str, version: Version) -> u64 {
    let cleaned = cleaning::clean(text, version.rules());
    memo::with(version, |memo| scan::Scan::new(text, &cleaned, version, memo).count())
}
