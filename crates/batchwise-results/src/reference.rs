/// Where the request of a row stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference<'p> {
    /// The input's path, as the plan names it.
    pub input: &'p str,
    /// The line in it, counted from 1.
    pub line: u64,
    /// The plan's batch that it was sent in.
    pub batch: u32,
}
