/// How many characters of a name and of a value are told.
const NAME_MAX: usize = 48;
const VALUE_MAX: usize = 200;

/// A text of our words and of theirs.
pub(super) type Line = Vec<Piece>;

/// A part of a text.
pub(super) enum Piece {
    /// Our words and numbers.
    Own(String),
    /// What stands in a file, or is the name of one: to be made harmless.
    Foreign(String),
}

/// Words of ours.
pub(super) fn own(text: impl Into<String>) -> Piece {
    Piece::Own(text.into())
}

/// A name of theirs.
pub(super) fn name(text: &str) -> Piece {
    Piece::Foreign(shortened(text, NAME_MAX))
}

/// A longer text of theirs.
pub(super) fn value(text: &str) -> Piece {
    Piece::Foreign(shortened(text, VALUE_MAX))
}

fn shortened(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
