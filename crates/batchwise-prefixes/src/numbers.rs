/// Numbers, each once. One takes no memory of its own. Of many, the lowest are forgotten: they are only counted, and counted
/// again when they come again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    first: Option<u32>,
    /// In rising order, the first not among them.
    more: Vec<u32>,
    forgotten: u64,
}

/// So many numbers are kept.
const KEPT: usize = 64;

impl Numbers {
    /// Adds one, unless it is there already.
    pub(crate) fn insert(&mut self, number: u32) {
        match self.first {
            None => self.first = Some(number),
            Some(first) if first == number => (),
            // They mostly come in rising order.
            Some(_) if self.more.last().is_none_or(|last| *last < number) => self.more.push(number),
            Some(_) => {
                if let Err(at) = self.more.binary_search(&number) {
                    self.more.insert(at, number);
                }
            }
        }
        if self.more.len() > KEPT {
            self.more.remove(0);
            self.forgotten += 1;
        }
    }

    /// Whether it is there.
    pub fn contains(&self, number: u32) -> bool {
        self.first == Some(number)
            || self.more.last().is_some_and(|last| *last >= number)
                && self.more.binary_search(&number).is_ok()
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        u64::from(self.first.is_some()) + self.more.len() as u64 + self.forgotten
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn of_many_the_latest_are_kept() {
        let mut numbers = Numbers::default();
        (0..1_000).for_each(|number| numbers.insert(number));
        assert_eq!((numbers.count(), numbers.more.len()), (1_000, KEPT));
        assert!(numbers.contains(0) && numbers.contains(999) && !numbers.contains(500));
    }

    proptest! {
        #[test]
        fn it_is_a_set(inserted in prop::collection::vec(0u32..20, 0..30)) {
            let (mut numbers, mut set) = (Numbers::default(), BTreeSet::new());
            for number in inserted {
                numbers.insert(number);
                set.insert(number);
                prop_assert_eq!(numbers.count(), set.len() as u64);
                prop_assert!((0..20).all(|number| numbers.contains(number) == set.contains(&number)));
            }
        }
    }
}
