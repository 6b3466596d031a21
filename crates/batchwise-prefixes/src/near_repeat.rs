use crate::{Place, Point};

/// Requests that would begin alike for long, were it not for a small part that differs early.
///
/// What is said of the difference is said of one pair, the first of those that are alike; what repeats is what all of
/// them repeat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NearRepeat {
    /// The model, by the id that the caller knows it by.
    pub model: String,
    /// The request that the others were compared with.
    pub first: Place,
    /// The first request that repeats it but for a part.
    pub other: Place,
    /// Where `first` begins to differ from `other`.
    pub left: Point,
    /// Where `other` begins to differ from `first`.
    pub right: Point,
    /// That byte of the line of `other`, counted from 0; `None` where it lacks what `first` has.
    pub byte: Option<usize>,
    /// The bytes of the prompt before the difference: keys and values, unescaped, as in [`Block::bytes`](crate::Block).
    pub shared_bytes: u64,
    /// The words that repeat behind the difference, each text on a line of its own: of blocks their texts, titles and
    /// plain documents, of tools and of the arguments of calls all keys and texts. Images and PDFs are not in it, nor
    /// are types, roles and ids.
    pub repeated: String,
    /// The bytes of all that repeats behind the difference, counted like `shared_bytes`.
    pub repeated_bytes: u64,
    /// The pairs that were compared: `first` with each later request that repeats it in any way.
    pub compared: u64,
    /// The pairs of them that part at the same field and repeat at least so much; at least three of four.
    pub alike: u64,
    /// How many different beginnings, as far as what repeats, the later requests of those pairs have; at least one for
    /// every four.
    pub beginnings: u64,
    /// The requests of the model that were looked at, those that have nothing in common with `first` included. About
    /// `(alike + 1) / sampled` of all requests are alike, as far as a sample tells.
    pub sampled: u64,
    /// All requests of the model.
    pub requests: u64,
}
