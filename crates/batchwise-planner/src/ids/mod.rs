//! Which ids were used, and where first.

mod id_filter;
mod id_key;
mod id_run;
mod id_table;

use std::io;

use crate::Scratch;
pub(crate) use id_key::IdKey;
use id_run::IdRun;
use id_table::IdTable;

/// The ids of a workload and where each was used first: at most 24 bytes of memory for each, and less than 2 for
/// those beyond the number that [`Scratch::ids_in_memory`] says, which go to storage in runs of so many.
pub(crate) struct Ids<'s> {
    table: IdTable,
    runs: Vec<IdRun>,
    scratch: &'s mut dyn Scratch,
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

impl<'s> Ids<'s> {
    pub(crate) fn new(scratch: &'s mut dyn Scratch) -> Ids<'s> {
        Ids { table: IdTable::new(), runs: Vec::new(), scratch, lines_before: Vec::new() }
    }

    /// From now on lines are those of another input, `lines_before` lines into the workload.
    pub(crate) fn open_input(&mut self, lines_before: u64) {
        self.lines_before.push(lines_before);
    }

    /// Notes that an id is used in `line` of the input that is open; tells where it was used before.
    ///
    /// # Errors
    /// Those of the storage. Whether the id was used before is not known then.
    pub(crate) fn first_use(&mut self, id: IdKey, line: u64) -> io::Result<Option<FirstUse>> {
        if let Some(position) = self.find(id)? {
            return Ok(Some(self.resolve(position)));
        }
        if self.table.len() >= self.scratch.ids_in_memory().max(1) {
            self.spill()?;
        }
        let here = self.lines_before.last().copied().unwrap_or_default() + line;
        self.table.insert(id, u32::try_from(here).unwrap_or(u32::MAX));
        Ok(None)
    }

    fn find(&mut self, id: IdKey) -> io::Result<Option<u32>> {
        if let Some(position) = self.table.find(id) {
            return Ok(Some(position));
        }
        for run in &self.runs {
            if let Some(position) = run.find(id, self.scratch)? {
                return Ok(Some(position));
            }
        }
        Ok(None)
    }

    /// Moves all ids in memory to the storage.
    fn spill(&mut self) -> io::Result<()> {
        let end = self.runs.last().map_or(0, IdRun::end);
        self.runs.push(IdRun::store(self.table.in_order(), self.table.len(), end, self.scratch)?);
        self.table.clear();
        Ok(())
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
    use std::collections::BTreeMap;
    use std::io::{Read, Seek, SeekFrom, Write};

    use proptest::prelude::*;

    use super::*;

    /// Storage that is used early, and fails after so many calls.
    struct Small {
        ids_in_memory: usize,
        calls_left: usize,
        stored: Vec<u8>,
    }

    impl Small {
        fn new(ids_in_memory: usize) -> Small {
            Small { ids_in_memory, calls_left: usize::MAX, stored: Vec::new() }
        }

        fn call(&mut self) -> io::Result<&mut Vec<u8>> {
            self.calls_left = self.calls_left.checked_sub(1).ok_or(io::ErrorKind::StorageFull)?;
            Ok(&mut self.stored)
        }
    }

    impl Scratch for Small {
        fn ids_in_memory(&self) -> usize {
            self.ids_in_memory
        }

        fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
            self.call()?.append(&mut bytes.to_vec());
            Ok(())
        }

        fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
            self.call()?.read_at(offset, buffer)
        }
    }

    fn note(ids: &mut Ids<'_>, id: &str, line: u64) -> Option<FirstUse> {
        ids.first_use(IdKey::of(id), line).unwrap()
    }

    #[test]
    fn the_first_use_is_remembered_over_inputs() {
        for ids_in_memory in [0, 1, 2, 100] {
            let mut scratch = Small::new(ids_in_memory);
            let mut ids = Ids::new(&mut scratch);
            ids.open_input(0);
            assert_eq!(note(&mut ids, "a", 1), None);
            assert_eq!(note(&mut ids, "b", 7), None);
            ids.open_input(7);
            ids.open_input(7);
            assert_eq!(note(&mut ids, "c", 1), None);
            assert_eq!(note(&mut ids, "a", 2), Some(FirstUse { input: 0, line: Some(1) }));
            assert_eq!(note(&mut ids, "b", 3), Some(FirstUse { input: 0, line: Some(7) }));
            assert_eq!(note(&mut ids, "c", 4), Some(FirstUse { input: 2, line: Some(1) }));
        }
    }

    #[test]
    fn far_lines_are_found_but_not_named() {
        let mut scratch = Vec::<u8>::new();
        let mut ids = Ids::new(&mut scratch);
        ids.open_input(5_000_000_000);
        assert_eq!(note(&mut ids, "a", 1), None);
        assert_eq!(note(&mut ids, "a", 2).unwrap().line, None);
    }

    /// Ids on both sides of the length from which on a fingerprint stands for them.
    fn id() -> impl Strategy<Value = String> {
        (0..150_u32, prop_oneof![Just(0), Just(14), Just(60)])
            .prop_map(|(number, zeros)| format!("{number:0zeros$}"))
    }

    proptest! {
        #[test]
        fn first_uses_are_those_of_a_map(used in prop::collection::vec(id(), 0..700), in_memory in 1..60_usize) {
            let mut scratch = Small::new(in_memory);
            let mut ids = Ids::new(&mut scratch);
            ids.open_input(0);
            let mut oracle = BTreeMap::new();
            for (id, line) in used.iter().zip(1..) {
                let first = oracle.get(id).map(|&line| FirstUse { input: 0, line: Some(line) });
                prop_assert_eq!(note(&mut ids, id, line), first);
                oracle.entry(id).or_insert(line);
            }
            let spilled = oracle.len().saturating_sub(1) / in_memory;
            prop_assert_eq!(ids.runs.len(), spilled);
            prop_assert_eq!(scratch.stored.len(), spilled * in_memory * 17);
        }
    }

    #[test]
    fn a_fault_of_the_storage_is_told_and_nothing_is_missed_before() {
        let lines: Vec<String> = (0..200).map(|line| (line % 70).to_string()).collect();
        let undisturbed = uses_until_fault(&lines, usize::MAX);
        assert_eq!(undisturbed.len(), 200);
        for calls in 0.. {
            let uses = uses_until_fault(&lines, calls);
            assert_eq!(uses, undisturbed[..uses.len()], "after {calls} calls");
            if uses.len() == 200 {
                assert!(calls > 120, "every repeated id that is not in memory is looked up");
                return;
            }
        }
    }

    struct OnDisk {
        file: std::fs::File,
        bytes: u64,
    }

    impl Scratch for OnDisk {
        fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
            self.file.seek(SeekFrom::End(0))?;
            self.bytes += bytes.len() as u64;
            self.file.write_all(bytes)
        }

        fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
            self.file.seek(SeekFrom::Start(offset))?;
            self.file.read_exact(buffer)
        }
    }

    /// Every hundredth id is that of an earlier request, wherever that is kept.
    #[test]
    #[ignore = "takes minutes and 1.7 GB of disk: just test-large"]
    #[expect(clippy::disallowed_macros, reason = "the numbers are for docs/performance.md")]
    fn a_hundred_million_ids() {
        const REQUESTS: u64 = 100_000_000;
        let mut scratch = OnDisk { file: tempfile::tempfile().unwrap(), bytes: 0 };
        let asked = allocation_counter::measure(|| {
            let mut ids = Ids::new(&mut scratch);
            ids.open_input(0);
            for line in 1..=REQUESTS {
                let repeated =
                    (line % 100 == 0).then_some(line / 100 * 99 + 1).filter(|line| line % 100 != 0);
                let id = repeated.unwrap_or(line);
                let first = ids.first_use(IdKey::of(&format!("request-{id}")), line).unwrap();
                assert_eq!(
                    first,
                    repeated.map(|line| FirstUse { input: 0, line: Some(line) }),
                    "line {line}"
                );
            }
        });
        eprintln!("{REQUESTS} requests: {} bytes of memory, {} of disk", asked.bytes_max, scratch.bytes);
        assert!(asked.bytes_max < 600_000_000, "{}", asked.bytes_max);
    }

    fn uses_until_fault(lines: &[String], calls: usize) -> Vec<Option<FirstUse>> {
        let mut scratch = Small { calls_left: calls, ..Small::new(20) };
        let mut ids = Ids::new(&mut scratch);
        ids.open_input(0);
        let uses = lines.iter().zip(1..).map(|(id, line)| ids.first_use(IdKey::of(id), line));
        uses.map_while(Result::ok).collect()
    }
}
