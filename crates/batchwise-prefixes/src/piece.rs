/// The smallest thing that two prompts can differ in. Prompts with equal pieces in equal order are the same to us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece<'n> {
    /// The name of a member.
    Key(&'n str),
    /// A text, unescaped.
    Text(&'n str),
    /// A number as it is written without needless characters: `1` and `1.0` are two.
    Number(String),
    /// A truth value.
    Bool(bool),
    /// `null`
    Null,
    /// What a request does not have.
    Absent,
    /// An id by another name than the one in the request.
    Id(&'n str),
    /// Whether the request has something somewhere.
    Has(bool),
    /// A list that is told after what surrounds it.
    Later,
    /// One of the tools, all of which were told before.
    Tool,
    /// An array begins.
    Array,
    /// An object begins.
    Object,
    /// An array or an object ends.
    End,
}

impl Piece<'_> {
    /// The piece as a tag and bytes, no two alike.
    pub(crate) fn parts(&self) -> (u8, &[u8]) {
        match self {
            Piece::Key(name) => (1, name.as_bytes()),
            Piece::Text(text) => (2, text.as_bytes()),
            Piece::Number(number) => (3, number.as_bytes()),
            Piece::Bool(false) => (4, b""),
            Piece::Bool(true) => (5, b""),
            Piece::Null => (6, b""),
            Piece::Absent => (7, b""),
            Piece::Id(id) => (8, id.as_bytes()),
            Piece::Has(false) => (9, b""),
            Piece::Has(true) => (10, b""),
            Piece::Later => (11, b""),
            Piece::Tool => (12, b""),
            Piece::Array => (13, b""),
            Piece::Object => (14, b""),
            Piece::End => (15, b""),
        }
    }
}
