//! Marks that stand in the stream beside the text. They are bytes that cleaned text never has, so that marks and
//! text share one alphabet.

/// A word or a run of signs begins.
pub(crate) const BEGIN: u8 = 1;
/// A word or a run of signs ends.
pub(crate) const END: u8 = 2;
/// The word that follows begins with a capital.
pub(crate) const SHIFT: u8 = 3;
/// The word that follows is all capitals.
pub(crate) const CAPS: u8 = 4;
