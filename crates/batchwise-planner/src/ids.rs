use std::collections::HashMap;
use std::collections::hash_map::Entry;

use batchwise_plan::Fingerprint;

/// Which ids were used, and where first: 16 bytes each, and the table's spare room.
///
/// Of each id the first 12 bytes of its SHA-256 are kept. Two of a hundred million different ids share those
/// with a probability of one in ten million million.
#[derive(Default)]
pub(crate) struct Ids {
    first_uses: HashMap<[u8; 12], u32>,
    /// The number of lines before each input.
    lines_before: Vec<u64>,
}

/// Where an id was used first.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FirstUse {
    pub(crate) input: usize,
    /// Counted from 1; `None` beyond the four-thousand-millionth line of the workload.
    pub(crate) line: Option<u64>,
}

impl Ids {
    /// From now on lines are those of another input, `lines_before` lines into the workload.
    pub(crate) fn open_input(&mut self, lines_before: u64) {
        self.lines_before.push(lines_before);
    }

    /// Notes that `id` is used in `line` of the input that is open; tells where it was used before.
    pub(crate) fn first_use(&mut self, id: &str, line: u64) -> Option<FirstUse> {
        let digest = Fingerprint::of(id.as_bytes()).first_bytes();
        let here = self.lines_before.last().copied().unwrap_or_default() + line;
        let first = match self.first_uses.entry(digest) {
            Entry::Occupied(taken) => *taken.get(),
            Entry::Vacant(free) => {
                free.insert(u32::try_from(here).unwrap_or(u32::MAX));
                return None;
            }
        };
        Some(self.resolve(first))
    }

    fn resolve(&self, position: u32) -> FirstUse {
        let position = u64::from(position);
        let input = self.lines_before.partition_point(|&before| before < position).saturating_sub(1);
        let line = (position < u64::from(u32::MAX)).then(|| position - self.lines_before[input]);
        FirstUse { input, line }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_use_is_remembered_over_inputs() {
        let mut ids = Ids::default();
        ids.open_input(0);
        assert_eq!(ids.first_use("a", 1), None);
        assert_eq!(ids.first_use("b", 7), None);
        ids.open_input(7);
        ids.open_input(7);
        assert_eq!(ids.first_use("c", 1), None);
        assert_eq!(ids.first_use("a", 2), Some(FirstUse { input: 0, line: Some(1) }));
        assert_eq!(ids.first_use("b", 3), Some(FirstUse { input: 0, line: Some(7) }));
        assert_eq!(ids.first_use("c", 4), Some(FirstUse { input: 2, line: Some(1) }));
    }

    #[test]
    fn far_lines_are_found_but_not_named() {
        let mut ids = Ids::default();
        ids.open_input(5_000_000_000);
        assert_eq!(ids.first_use("a", 1), None);
        assert_eq!(ids.first_use("a", 2).unwrap().line, None);
    }
}
