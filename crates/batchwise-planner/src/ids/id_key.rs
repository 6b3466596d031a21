use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::LazyLock;

use batchwise_plan::Fingerprint;

/// The longest ids that have a key of their own: 64 characters to the power of 17 are 102 bits.
const OWN_CHARACTERS_MAX: usize = 17;

/// Set in the number of an id that is known by its fingerprint only.
const FINGERPRINTED: u128 = 1 << (IdKey::BITS - 1);

/// What tells a `custom_id` from others: a number of 104 bits.
///
/// Two ids of at most 17 characters never share a key. Of a longer one, 103 bits of its SHA-256 are kept: among a
/// hundred million of those, two share a key with a probability of one in two thousand million million.
///
/// Keys are spread evenly over all numbers, in an order that differs from process to process: nobody can
/// write a file whose ids crowd together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct IdKey(u128);

impl IdKey {
    pub(crate) const BITS: u32 = 104;

    /// The key of an id.
    pub(crate) fn of(id: &str) -> IdKey {
        IdKey(MIXER.mix(own_number(id).unwrap_or_else(|| fingerprint_number(id.as_bytes()))))
    }

    /// The key of what a request asks: JSON, which is no id, so that the two never share a key but by chance.
    pub(crate) fn of_content(content: &[u8]) -> IdKey {
        IdKey(MIXER.mix(fingerprint_number(content)))
    }

    /// The key of a number below 2^104.
    pub(crate) fn from_number(number: u128) -> IdKey {
        debug_assert_eq!(number >> Self::BITS, 0);
        IdKey(number)
    }

    pub(crate) fn number(self) -> u128 {
        self.0
    }

    /// The `bucket` of so many, in which keys of rising order lie in rising order: by the leading 64 bits.
    pub(crate) fn bucket_of(self, buckets: usize) -> usize {
        let bucket = ((self.0 >> (Self::BITS - 64)) * buckets as u128) >> 64;
        usize::try_from(bucket).expect("a bucket is below their number")
    }
}

/// The id itself, read as a number whose digits go from 1 to 64, so that no two ids have the same.
fn own_number(id: &str) -> Option<u128> {
    if id.len() > OWN_CHARACTERS_MAX {
        return None;
    }
    id.bytes().try_fold(0, |number, character| Some((number << 6) + u128::from(digit(character)?)))
}

fn digit(character: u8) -> Option<u8> {
    match character {
        b'A'..=b'Z' => Some(character - b'A' + 1),
        b'a'..=b'z' => Some(character - b'a' + 27),
        b'0'..=b'9' => Some(character - b'0' + 53),
        b'-' => Some(63),
        b'_' => Some(64),
        _ => None,
    }
}

fn fingerprint_number(content: &[u8]) -> u128 {
    let first = u128::from_be_bytes(Fingerprint::of(content).first_bytes());
    FINGERPRINTED | (first >> (u128::BITS - IdKey::BITS + 1))
}

static MIXER: LazyLock<Mixer> = LazyLock::new(|| {
    let state = RandomState::new();
    let odd =
        |seed: u8| u128::from(state.hash_one((seed, 0))) << 64 | u128::from(state.hash_one((seed, 1))) | 1;
    Mixer([odd(0), odd(1)])
});

/// Mixes the bits of a number of 104 bits so that each comes from one number only: every step can be undone.
struct Mixer([u128; 2]);

impl Mixer {
    fn mix(&self, number: u128) -> u128 {
        const MASK: u128 = (1 << IdKey::BITS) - 1;
        self.0.iter().fold(number, |number, odd| {
            let product = number.wrapping_mul(*odd) & MASK;
            product ^ (product >> (IdKey::BITS / 2))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn short_ids_have_numbers_of_their_own() {
        let number = |id| own_number(id).unwrap();
        assert_eq!(["", "A", "_", "AA", "A_", "BA"].map(number), [0, 1, 64, 65, 128, 129]);
        assert!(number(&"_".repeat(17)) < FINGERPRINTED);
        assert_eq!(own_number(&"A".repeat(18)), None);
        assert_eq!(own_number("é"), None, "no request with it is read");
    }

    #[test]
    fn long_ids_are_known_by_their_fingerprint() {
        let id = "A".repeat(18);
        let expected =
            u128::from_str_radix(&Fingerprint::of(id.as_bytes()).to_string()[..32], 16).unwrap() >> 25;
        assert_eq!(fingerprint_number(id.as_bytes()), FINGERPRINTED + expected);
    }

    #[test]
    fn mixing_can_be_undone() {
        let mixer =
            Mixer([0x1234_5678_9abc_def0_0fed_cba9_8765_4321, 0xdead_beef_0000_0000_0000_0000_cafe_f00d]);
        let inverses = mixer.0.map(inverse);
        for number in
            [0, 1, 2, 77, 1 << 51, 1 << 52, 1 << 103, (1 << 104) - 1, 0xabcd_ef01_2345_6789_abcd_ef01]
        {
            let unmixed = inverses.iter().rev().fold(mixer.mix(number), |mixed, inverse| {
                (mixed ^ (mixed >> 52)).wrapping_mul(*inverse) & ((1 << 104) - 1)
            });
            assert_eq!(unmixed, number);
        }
    }

    /// By Newton's method: each step doubles the bits that are right.
    fn inverse(odd: u128) -> u128 {
        (0..7)
            .fold(1, |inverse: u128, _| inverse.wrapping_mul(2_u128.wrapping_sub(odd.wrapping_mul(inverse))))
    }

    #[test]
    fn ids_in_a_row_are_spread_evenly() {
        for prefix in ["", "request-", "a-prefix-longer-than-seventeen-characters-"] {
            let mut counts = [0; 16];
            for number in 0..16_000 {
                counts[IdKey::of(&format!("{prefix}{number}")).bucket_of(16)] += 1;
            }
            assert!(counts.iter().all(|count| (800..1_200).contains(count)), "{prefix}: {counts:?}");
        }
    }

    #[test]
    fn buckets_keep_the_order() {
        let keys: BTreeSet<u128> = (0..1_000).map(|number| IdKey::of(&number.to_string()).number()).collect();
        let buckets: Vec<usize> = keys.into_iter().map(|key| IdKey::from_number(key).bucket_of(77)).collect();
        assert!(buckets.is_sorted() && buckets.iter().all(|&bucket| bucket < 77));
    }
}
