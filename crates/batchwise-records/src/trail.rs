use crate::FieldPath;

/// Where a walk over a line stands, as a list that lives on the stack: only a flaw needs it as a [`FieldPath`].
#[derive(Clone, Copy, Debug)]
pub enum Trail<'t> {
    /// At the line's outermost object.
    Top,
    /// At the member of that name.
    Key(&'t Trail<'t>, &'t str),
    /// At the element of that index, counted from 0.
    Index(&'t Trail<'t>, usize),
}

impl Trail<'_> {
    /// The way here.
    pub fn path(&self) -> FieldPath {
        match self {
            Trail::Top => FieldPath::default(),
            Trail::Key(before, key) => before.path().key(key),
            Trail::Index(before, index) => before.path().index(*index),
        }
    }
}
