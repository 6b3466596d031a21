use super::id_key::IdKey;

/// Leading bits of a key that choose its shard.
const SHARD_BITS: u32 = 8;

/// The other bits of a key.
const REST_BITS: u32 = IdKey::BITS - SHARD_BITS;

/// Which ids are used, and where first: at most 24 bytes each from some thousands on, whenever one looks.
///
/// 256 shards grow by an eighth each by itself, so there is never more than one twice in memory.
pub(crate) struct IdTable {
    shards: Vec<Shard>,
    ids: usize,
}

impl IdTable {
    pub(crate) fn new() -> IdTable {
        IdTable { shards: (0..1 << SHARD_BITS).map(|_| Shard::default()).collect(), ids: 0 }
    }

    pub(crate) fn len(&self) -> usize {
        self.ids
    }

    /// The position that was inserted with `key`.
    pub(crate) fn find(&self, key: IdKey) -> Option<u32> {
        let (shard, rest) = divide(key);
        self.shards[shard].find(rest)
    }

    /// Adds a key that is not yet in the table. Positions count from 1.
    pub(crate) fn insert(&mut self, key: IdKey, position: u32) {
        debug_assert!(position > 0 && self.find(key).is_none());
        let (shard, rest) = divide(key);
        self.shards[shard].insert(entry(rest, position));
        self.ids += 1;
    }

    /// All keys in rising order, each with its position.
    pub(crate) fn in_order(&self) -> impl Iterator<Item = (IdKey, u32)> {
        self.shards.iter().zip(0_u128..).flat_map(|(shard, number)| {
            let key = move |entry| IdKey::from_number(number << REST_BITS | rest(entry));
            shard.entries().map(move |entry| (key(entry), position(entry)))
        })
    }

    /// Removes all keys, and keeps the memory for others.
    pub(crate) fn clear(&mut self) {
        self.shards.iter_mut().for_each(Shard::clear);
        self.ids = 0;
    }
}

fn divide(key: IdKey) -> (usize, u128) {
    (key.bucket_of(1 << SHARD_BITS), key.number() & ((1 << REST_BITS) - 1))
}

/// The rest of a key in the upper 96 bits, a position in the lower 32.
type Entry = u128;

/// No entry, because positions count from 1.
const EMPTY: Entry = 0;

fn entry(rest: u128, position: u32) -> Entry {
    rest << u32::BITS | u128::from(position)
}

fn rest(entry: Entry) -> u128 {
    entry >> u32::BITS
}

#[expect(clippy::cast_possible_truncation, reason = "the lower 32 bits are meant")]
fn position(entry: Entry) -> u32 {
    entry as u32
}

/// Entries in rising order with gaps between them. Each entry has a home, which rises with it; it lies there or
/// behind it, with no gap in between. There may be slots behind the last home.
#[derive(Default)]
struct Shard {
    slots: Vec<Entry>,
    homes: usize,
    used: usize,
}

impl Shard {
    fn find(&self, key: u128) -> Option<u32> {
        let found = *self.slots.get(self.place_of(key))?;
        (found != EMPTY && rest(found) == key).then(|| position(found))
    }

    /// Up to nine tenths of the homes are taken; beyond that the shard grows first.
    fn insert(&mut self, entry: Entry) {
        if self.used * 10 >= self.homes * 9 {
            self.grow();
        }
        let place = self.place_of(rest(entry));
        let gap = self.slots[place..].iter().position(|&slot| slot == EMPTY).map(|gap| place + gap);
        let gap = gap.unwrap_or_else(|| {
            self.reserve_slot();
            self.slots.push(EMPTY);
            self.slots.len() - 1
        });
        self.slots.copy_within(place..gap, place + 1);
        self.slots[place] = entry;
        self.used += 1;
    }

    /// The first slot from the home of `key` on that is free, or holds that key or a greater one.
    fn place_of(&self, key: u128) -> usize {
        let home = self.home_of(key);
        let rest_of_slots = self.slots[home..].iter();
        home + rest_of_slots.take_while(|&&slot| slot != EMPTY && rest(slot) < key).count()
    }

    fn home_of(&self, key: u128) -> usize {
        let home = ((key >> (REST_BITS - 64)) * self.homes as u128) >> 64;
        usize::try_from(home).expect("a home is below their number")
    }

    fn entries(&self) -> impl Iterator<Item = Entry> {
        self.slots.iter().copied().filter(|&slot| slot != EMPTY)
    }

    fn grow(&mut self) {
        let homes = self.homes + (self.homes / 8).max(4);
        let mut grown = Shard { slots: Vec::with_capacity(homes), homes, used: self.used };
        for entry in self.entries() {
            let home = grown.home_of(rest(entry));
            if grown.slots.len() < home {
                grown.slots.resize(home, EMPTY);
            }
            grown.reserve_slot();
            grown.slots.push(entry);
        }
        if grown.slots.len() < homes {
            grown.slots.resize(homes, EMPTY);
        }
        *self = grown;
    }

    /// Makes room for one more slot, and not for twice as many, as vectors do by themselves.
    fn reserve_slot(&mut self) {
        if self.slots.len() == self.slots.capacity() {
            self.slots.reserve_exact(1 + self.homes / 1024);
        }
    }

    fn clear(&mut self) {
        self.slots.fill(EMPTY);
        self.used = 0;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::collections::btree_map::Entry;

    use allocation_counter::measure;
    use proptest::prelude::*;

    use super::*;

    /// Numbers whose leading or trailing bits agree, so that shards fill unevenly and homes are shared.
    fn crowded() -> impl Strategy<Value = u128> {
        let evenly = 0..1_u128 << IdKey::BITS;
        let few = 0..100_u128;
        let ends = (0..3_u128, 0..300_u128).prop_map(|(shard, low)| (shard << REST_BITS) + low);
        let high = (0..300_u128).prop_map(|low| (1 << IdKey::BITS) - 1 - low);
        prop_oneof![evenly, few.prop_map(|few| few << 90), ends, high]
    }

    proptest! {
        #[test]
        fn a_table_is_a_map(numbers in prop::collection::vec(crowded(), 0..600)) {
            let mut table = IdTable::new();
            for _ in 0..2 {
                let mut oracle = BTreeMap::new();
                for (&number, position) in numbers.iter().zip(1..) {
                    let key = IdKey::from_number(number);
                    prop_assert_eq!(table.find(key), oracle.get(&number).copied());
                    if let Entry::Vacant(free) = oracle.entry(number) {
                        free.insert(position);
                        table.insert(key, position);
                    }
                }
                prop_assert_eq!(table.len(), oracle.len());
                let all: Vec<(u128, u32)> = table.in_order().map(|(key, at)| (key.number(), at)).collect();
                prop_assert_eq!(all, oracle.into_iter().collect::<Vec<_>>());
                table.clear();
                prop_assert_eq!(table.in_order().count(), 0);
            }
        }
    }

    #[test]
    fn an_id_takes_at_most_24_bytes_at_every_moment() {
        let mut table = IdTable::new();
        let mut bytes = i64::try_from((1 << SHARD_BITS) * size_of::<Shard>()).unwrap();
        let mut most = 0.0_f64;
        for number in 1..=400_000 {
            let key = IdKey::of(&number.to_string());
            let asked = measure(|| table.insert(key, number));
            let peak = bytes + i64::try_from(asked.bytes_max).unwrap();
            bytes += asked.bytes_current;
            if number > 10_000 {
                most = most.max(peak as f64 / f64::from(number));
            }
        }
        assert!(most <= 24.0, "{most}");
        assert!(most > 17.0, "{most} is less than an entry takes");
    }
}
