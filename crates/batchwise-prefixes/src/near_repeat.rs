use crate::{Place, Point};

/// Requests that would share a long beginning, were it not for a small part that differs.
///
/// Of the pairs that are alike, what is told is what all of them share and repeat. Where they part is told of the first
/// of those that part earliest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NearRepeat {
    /// The model, by the id that the caller knows it by.
    pub model: String,
    /// The request that the others were compared with.
    pub first: Place,
    /// One that repeats it but for a part.
    pub other: Place,
    /// Where `first` begins to differ from `other`.
    pub left: Point,
    /// Where `other` begins to differ from `first`.
    pub right: Point,
    /// That byte of the line of `other`, counted from 0; `None` where it lacks what `first` has.
    pub byte: Option<usize>,
    /// The bytes of the prompt in blocks that are the same as a whole, which can be cached as they are: keys and values,
    /// unescaped, as in [`Block::bytes`](crate::Block).
    pub whole_bytes: u64,
    /// The words between those blocks and the difference: they are in the block that differs, or depend on a setting
    /// that does, so they cannot be cached as they are. See `repeated`.
    pub shared: String,
    /// The bytes of all that stands before the difference, whole blocks included.
    pub shared_bytes: u64,
    /// The words that repeat behind the difference, each text on a line of its own: of blocks their texts, titles and
    /// plain documents, of tools and of the arguments of calls all keys and texts. Images and PDFs are not in it, nor
    /// are types, roles and ids. Empty where nothing repeats and only the block should be cut in two.
    pub repeated: String,
    /// The bytes of all that repeats behind the difference.
    pub repeated_bytes: u64,
    /// The pairs that were compared: `first` with each later request that has a long part in common with it.
    pub compared: u64,
    /// The pairs of them that part at the same field and have at least so much in common; at least three of four.
    pub alike: u64,
    /// How many different beginnings the later requests of those pairs have, up to what repeats, or else to the end of the
    /// block that differs; at least one for every four.
    pub beginnings: u64,
    /// The requests of the model that were looked at, those that have nothing in common with `first` included. About
    /// `(alike + 1) / sampled` of all requests are alike, as far as a sample tells.
    pub sampled: u64,
    /// All requests of the model.
    pub requests: u64,
}
