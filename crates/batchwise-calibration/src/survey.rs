use std::collections::{BTreeMap, BinaryHeap};

use batchwise_units::{Estimate, Tokens};

use crate::{Design, Stratum};

/// One pass over a workload: what there is of each stratum, and candidates for the sample.
///
/// `P` is the place of a request, by which it can be found again.
///
/// Of each stratum the requests with the smallest hashes of their ids are kept, at most as many as the sample
/// has. So any number of them, from any union of strata, is a random sample without replacement; which requests
/// it has does not depend on the order of the workload, nor on a clock. Memory: at most
/// [`STRATA_MAX`](Survey::STRATA_MAX) times the sample's size times some 40 bytes.
#[derive(Clone, Debug)]
pub struct Survey<P> {
    sample: usize,
    seed: u64,
    strata: BTreeMap<Stratum, Census<P>>,
    without_likely: u64,
}

/// What there is of one stratum.
#[derive(Clone, Debug)]
pub(crate) struct Census<P> {
    pub(crate) totals: Totals,
    /// Those with the smallest hashes, the largest of these on top.
    pub(crate) candidates: BinaryHeap<Candidate<P>>,
}

/// Sums over requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) requests: u64,
    /// Sums of the estimates' three values.
    pub(crate) low: u64,
    pub(crate) likely: u64,
    pub(crate) high: u64,
}

/// A request that may be counted. The order is that of the draw.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Candidate<P> {
    pub(crate) hash: u64,
    pub(crate) place: P,
    pub(crate) likely: u64,
}

impl<P: Ord + Clone> Survey<P> {
    /// The most strata that are told apart. A file may name a million models.
    pub const STRATA_MAX: usize = 128;

    /// The largest sample.
    pub const SAMPLE_MAX: usize = 10_000;

    /// A survey for a sample of `sample` requests. Another `seed` draws another sample.
    ///
    /// # Panics
    /// When the sample is empty or larger than [`SAMPLE_MAX`](Survey::SAMPLE_MAX).
    pub fn new(sample: usize, seed: u64) -> Survey<P> {
        assert!((1..=Survey::<P>::SAMPLE_MAX).contains(&sample), "a sample has 1 to 10,000 requests");
        Survey { sample, seed, strata: BTreeMap::new(), without_likely: 0 }
    }

    /// Takes notice of one request. `id`, by whose hash it is drawn, must be unique in the workload: requests of
    /// the same id would be drawn together.
    ///
    /// An estimate without a likely value has nothing that could be corrected: it is only counted.
    pub fn note(&mut self, stratum: Stratum, id: &str, input: Estimate<Tokens>, place: P) {
        let Some(likely) = input.likely() else {
            self.without_likely += 1;
            return;
        };
        let known = self.strata.len() < Survey::<P>::STRATA_MAX || self.strata.contains_key(&stratum);
        let census = self.strata.entry(if known { stratum } else { Stratum::rest() }).or_default();
        census.totals.add(input.low(), likely, input.high());
        census.candidates.push(Candidate { hash: hash(self.seed, id), place, likely: likely.0 });
        if census.candidates.len() > self.sample {
            census.candidates.pop();
        }
    }

    /// Decides what to count.
    pub fn design(self) -> Design<P> {
        Design::new(self.strata, self.sample, self.without_likely)
    }
}

impl<P: Ord> Default for Census<P> {
    fn default() -> Census<P> {
        Census { totals: Totals::default(), candidates: BinaryHeap::new() }
    }
}

impl Totals {
    fn add(&mut self, low: Tokens, likely: Tokens, high: Tokens) {
        self.requests += 1;
        self.low = self.low.saturating_add(low.0);
        self.likely = self.likely.saturating_add(likely.0);
        self.high = self.high.saturating_add(high.0);
    }

    pub(crate) fn include(&mut self, other: Totals) {
        self.requests += other.requests;
        self.low = self.low.saturating_add(other.low);
        self.likely = self.likely.saturating_add(other.likely);
        self.high = self.high.saturating_add(other.high);
    }

    /// How unsure the estimates are, in tokens; never nothing.
    pub(crate) fn weight(&self) -> f64 {
        (self.high - self.low).saturating_add(self.requests) as f64
    }
}

/// FNV-1a, then the finaliser of SplitMix64, so that ids which differ in one digit are far apart. Stable for ever,
/// unlike the standard library's hasher.
fn hash(seed: u64, id: &str) -> u64 {
    let fnv = id.bytes().fold(0xCBF2_9CE4_8422_2325 ^ seed, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    });
    let mixed = (fnv ^ (fnv >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}
