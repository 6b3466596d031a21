use std::io;

use super::id_filter::IdFilter;
use super::id_key::IdKey;
use crate::Scratch;

/// An id in storage: the 13 bytes of its key and the 4 of its position, the most significant first.
const ID_BYTES: usize = KEY_BYTES + 4;
const KEY_BYTES: usize = IdKey::BITS as usize / 8;

/// How many ids are read at once: about 4 kB, a page.
const BLOCK_IDS: usize = 240;

/// Ids in storage, in the order of their keys: in memory remain a filter, and the first key of every block.
pub(crate) struct IdRun {
    start: u64,
    ids: usize,
    first_keys: Vec<IdKey>,
    filter: IdFilter,
}

impl IdRun {
    /// Stores `ids`, which come in rising order, where `scratch` ends: `start` bytes were appended to it before.
    pub(crate) fn store(
        ids: impl Iterator<Item = (IdKey, u32)>,
        count: usize,
        start: u64,
        scratch: &mut dyn Scratch,
    ) -> io::Result<IdRun> {
        let mut run = IdRun {
            start,
            ids: 0,
            first_keys: Vec::with_capacity(count.div_ceil(BLOCK_IDS)),
            filter: IdFilter::for_keys(count),
        };
        let mut block = Vec::with_capacity(BLOCK_IDS * ID_BYTES);
        for (key, position) in ids {
            if block.len() == BLOCK_IDS * ID_BYTES {
                scratch.append(&block)?;
                block.clear();
            }
            if block.is_empty() {
                run.first_keys.push(key);
            }
            block.extend_from_slice(&key.number().to_be_bytes()[16 - KEY_BYTES..]);
            block.extend_from_slice(&position.to_be_bytes());
            run.filter.add(key);
            run.ids += 1;
        }
        scratch.append(&block)?;
        Ok(run)
    }

    /// Where in the storage it ends.
    pub(crate) fn end(&self) -> u64 {
        self.start + (self.ids * ID_BYTES) as u64
    }

    /// The position that was stored with `key`.
    pub(crate) fn find(&self, key: IdKey, scratch: &mut dyn Scratch) -> io::Result<Option<u32>> {
        if !self.filter.may_hold(key) {
            return Ok(None);
        }
        let Some(number) = self.first_keys.partition_point(|first| *first <= key).checked_sub(1) else {
            return Ok(None);
        };
        let bytes = self.read_block(number, scratch)?;
        let (ids, _) = bytes.as_chunks::<ID_BYTES>();
        let place = ids.partition_point(|id| key_of(id) < key);
        Ok(ids.get(place).filter(|id| key_of(id) == key).map(position_of))
    }

    fn read_block(&self, number: usize, scratch: &mut dyn Scratch) -> io::Result<Vec<u8>> {
        let first = number * BLOCK_IDS;
        let mut bytes = vec![0; BLOCK_IDS.min(self.ids - first) * ID_BYTES];
        scratch.read_at(self.start + (first * ID_BYTES) as u64, &mut bytes)?;
        let kept = bytes.first_chunk().is_some_and(|id| key_of(id) == self.first_keys[number]);
        let changed =
            || io::Error::new(io::ErrorKind::InvalidData, "it does not hold what was written to it");
        kept.then_some(bytes).ok_or_else(changed)
    }
}

fn key_of(id: &[u8; ID_BYTES]) -> IdKey {
    let mut number = [0; 16];
    number[16 - KEY_BYTES..].copy_from_slice(&id[..KEY_BYTES]);
    IdKey::from_number(u128::from_be_bytes(number))
}

fn position_of(id: &[u8; ID_BYTES]) -> u32 {
    u32::from_be_bytes(*id.last_chunk().expect("an id has 17 bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: u128) -> IdKey {
        IdKey::from_number(number << 60)
    }

    /// A run of the even numbers below twice `count`, behind five bytes of something else.
    fn even_numbers(count: u32) -> (IdRun, Vec<u8>) {
        let mut scratch = vec![7; 5];
        let ids = (0..count).map(|number| (key(2 * u128::from(number)), number + 1));
        let run = IdRun::store(ids, count as usize, 5, &mut scratch).unwrap();
        assert_eq!(run.end(), scratch.len() as u64);
        (run, scratch)
    }

    #[test]
    fn what_is_stored_is_found() {
        for count in [0, 1, 2, 239, 240, 241, 480, 1_000] {
            let (run, mut scratch) = even_numbers(count);
            for number in 0..=2 * count + 1 {
                let stored = number % 2 == 0 && number < 2 * count;
                let found = run.find(key(number.into()), &mut scratch).unwrap();
                assert_eq!(found, stored.then_some(number / 2 + 1), "{number} of {count}");
            }
        }
    }

    #[test]
    fn storage_that_loses_or_changes_what_it_holds_is_found_out() {
        let (run, scratch) = even_numbers(300);
        let fault = |mut scratch: Vec<u8>| run.find(key(520), &mut scratch).unwrap_err().kind();
        assert_eq!(fault(scratch[..scratch.len() - 1].to_vec()), io::ErrorKind::UnexpectedEof);
        let mut changed = scratch;
        changed[5 + 240 * ID_BYTES] ^= 1;
        assert_eq!(fault(changed), io::ErrorKind::InvalidData);
    }
}
