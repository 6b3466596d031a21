/// How many members of a group there are of each sort. One sort takes no memory of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    first: (u16, u64),
    more: Vec<(u16, u64)>,
}

impl Tally {
    /// One of this sort.
    pub(crate) fn one(sort: u16) -> Tally {
        Tally { first: (sort, 1), more: Vec::new() }
    }

    /// One more.
    pub(crate) fn add(&mut self, sort: u16) {
        let sorts = std::iter::once(&mut self.first).chain(&mut self.more);
        match sorts.into_iter().find(|(known, _)| *known == sort) {
            Some((_, count)) => *count += 1,
            None => self.more.push((sort, 1)),
        }
    }

    /// Each sort with its number, in the order in which they came first.
    pub fn iter(&self) -> impl Iterator<Item = (u16, u64)> {
        std::iter::once(self.first).chain(self.more.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorts_are_counted_apart() {
        let mut tally = Tally::one(7);
        [3, 7, 3, 3].into_iter().for_each(|sort| tally.add(sort));
        assert_eq!(tally.iter().collect::<Vec<_>>(), [(7, 2), (3, 3)]);
    }
}
