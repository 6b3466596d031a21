/// Values in numbered places. A place that becomes free is used again, and no value is ever moved: to keep many values that
/// come and go, this asks for memory seldom.
pub(crate) struct Slots<T> {
    chunks: Vec<Vec<T>>,
    /// The places that are free; what was in them stays until another comes.
    free: Vec<u32>,
}

/// How many values are kept together.
const CHUNK: usize = 512;

impl<T> Slots<T> {
    pub(crate) fn new() -> Slots<T> {
        Slots { chunks: Vec::new(), free: Vec::new() }
    }

    /// Keeps a value, and tells its place.
    pub(crate) fn insert(&mut self, value: T) -> u32 {
        if let Some(place) = self.free.pop() {
            *self.get_mut(place) = value;
            return place;
        }
        if self.chunks.last().is_none_or(|chunk| chunk.len() == CHUNK) {
            self.chunks.push(Vec::with_capacity(CHUNK));
        }
        let full = (self.chunks.len() - 1) * CHUNK;
        let chunk = self.chunks.last_mut().expect("a chunk with room");
        chunk.push(value);
        u32::try_from(full + chunk.len() - 1).expect("fewer than 2^32 values")
    }

    /// The value at a place that is not free.
    pub(crate) fn get(&self, place: u32) -> &T {
        &self.chunks[place as usize / CHUNK][place as usize % CHUNK]
    }

    /// The same, to change it.
    pub(crate) fn get_mut(&mut self, place: u32) -> &mut T {
        &mut self.chunks[place as usize / CHUNK][place as usize % CHUNK]
    }

    /// Makes a place free.
    pub(crate) fn remove(&mut self, place: u32) {
        self.free.push(place);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn values_stay_in_their_places() {
        let (mut slots, mut kept) = (Slots::new(), HashMap::new());
        for number in 0..5_000u32 {
            let place = slots.insert(number.to_string());
            assert_eq!(kept.insert(place, number), None, "the place was free");
            if number % 3 == 0 {
                let (&oldest, _) = kept.iter().min_by_key(|(_, number)| **number).unwrap();
                kept.remove(&oldest);
                slots.remove(oldest);
            }
        }
        assert!(kept.iter().all(|(place, number)| *slots.get(*place) == number.to_string()));
        assert!(slots.chunks.len() * CHUNK < 5_000);
        slots.get_mut(7).push('!');
        assert!(slots.get(7).ends_with('!'));
    }
}
