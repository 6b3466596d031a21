use std::collections::HashMap;

use crate::common_run::Measure;
use crate::family::{Family, Kinship, Pair};
use crate::newcomer::Newcomer;
use crate::{NearRepeat, Place};

/// How much is looked at and kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NearCaps {
    /// The first so many models are watched.
    pub models: usize,
    /// Longer lines are not looked at, in bytes.
    pub line_bytes: usize,
    /// The lines that are kept have so many bytes together.
    pub kept_bytes: usize,
}

impl Default for NearCaps {
    fn default() -> NearCaps {
        NearCaps { models: 64, line_bytes: 4 << 20, kept_bytes: 64 << 20 }
    }
}

/// Finds out where the requests of a model would share a long beginning, were it not for a small part that differs: a
/// time at the front of the system prompt or at the end of it, an id before a long document, a tool whose description is
/// never the same.
///
/// Blocks that are the same as a whole can be cached as they are; [`Groups`](crate::Groups) tell of them. Two requests
/// *nearly repeat* each other if they have more than that in common, and at least 256 bytes of it (no model caches less
/// than 512 tokens; that is half of them at a byte each):
///
/// - what stands between those blocks and the byte at which the prompts part;
/// - a run behind the part that differs, if that part is small: at most a kilobyte in either request, or a quarter of
///   the run. The run is the longest such one. It may begin in one text or block and end in another, and ends where the
///   prompts differ again.
///
/// What is the same to a cache is what a [`PrefixChain`](crate::PrefixChain) says it is, so a setting that differs is
/// such a part too.
///
/// It is a sample. Of each model four requests in a row are looked at from each power of two on (the first eleven, then
/// from 16, 32, 64, …). Each is compared with up to four earlier ones, those that nearly repeated nothing when they came,
/// so that prompts that take turns do not hide each other. All other requests are only counted. That misses:
///
/// - what is alike among requests of which few are in the sample, or comes after more than four other prompts, or takes
///   turns with prompts that repeat a little of it;
/// - what not at least three of four of the compared pairs have in common, around a difference in the same field, or
///   fewer than an eighth of all that was looked at. On purpose: also what is around a difference between one request, or
///   few, and all others, which begin alike among themselves;
/// - what is behind the second difference; and of a text that repeats itself a shorter run may be found than there is;
/// - lines longer than 4 MB, or of more than 65,536 keys and values, models beyond the first 64, and more than 64 MB of
///   lines that others are compared with: see [`NearRepeats::passed_over`] and [`NearRepeats::unwatched`].
///
/// What is told is the least that the alike pairs have in common. Whether it reaches a model's minimum, and what it is
/// worth, is left to the caller.
///
/// ```
/// use batchwise_prefixes::{NearCaps, NearRepeats, Place};
///
/// let rules = "Answer in the language of the customer. Never promise a refund. ".repeat(9);
/// let mut near_repeats = NearRepeats::new(NearCaps::default());
/// for number in 1..=5 {
///     let line = format!(
///         r#"{{"custom_id":"a{number}","params":{{"model":"m","max_tokens":9,
///         "system":"Now it is 10:0{number}. {rules}","messages":[{{"role":"user","content":"Case {number}"}}]}}}}"#
///     );
///     near_repeats.take(line.as_bytes(), "m", Place { input: 0, line: number });
/// }
/// let found = near_repeats.found();
/// assert_eq!(found[0].right.path.to_string(), "params.system");
/// assert_eq!((found[0].shared.as_str(), found[0].right.offset), ("Now it is 10:0", 14));
/// assert!(found[0].repeated.starts_with(". Answer in the language"));
/// assert_eq!((found[0].alike, found[0].compared), (4, 4));
/// ```
pub struct NearRepeats {
    caps: NearCaps,
    measure: Measure,
    models: HashMap<String, Watched>,
    kept_bytes: usize,
    unwatched: u64,
    passed_over: u64,
}

/// One model.
#[derive(Default)]
struct Watched {
    requests: u64,
    sampled: u64,
    families: Vec<Family>,
}

/// With so many requests of a model others are compared.
const FAMILIES: usize = 4;

/// What counts as long and as small; see [`NearRepeats`].
const MEASURE: Measure = Measure { shortest: 256, small: 1_024 };

impl NearRepeats {
    /// No requests yet.
    pub fn new(caps: NearCaps) -> NearRepeats {
        NearRepeats {
            caps,
            measure: MEASURE,
            models: HashMap::new(),
            kept_bytes: 0,
            unwatched: 0,
            passed_over: 0,
        }
    }

    /// Adds a request by its line, in the order of the inputs; `model` is the id that the caller knows its model by.
    ///
    /// All but those in the sample cost no more than a counter.
    pub fn take(&mut self, line: &[u8], model: &str, place: Place) {
        let Some(watched) = self.models.get_mut(model) else { return self.take_first(line, model, place) };
        watched.requests += 1;
        if is_sampled(watched.requests) {
            self.look(line, model, place);
        }
    }

    fn take_first(&mut self, line: &[u8], model: &str, place: Place) {
        if self.models.len() >= self.caps.models {
            self.unwatched += 1;
            return;
        }
        self.models.insert(model.to_owned(), Watched { requests: 1, ..Watched::default() });
        self.look(line, model, place);
    }

    fn look(&mut self, line: &[u8], model: &str, place: Place) {
        let is_short = line.len() <= self.caps.line_bytes;
        let text = str::from_utf8(line).ok().filter(|_| is_short);
        let newcomer = text.and_then(|text| Newcomer::read(text, model, place));
        let Some((newcomer, watched)) = newcomer.zip(self.models.get_mut(model)) else {
            self.passed_over += 1;
            return;
        };
        watched.sampled += 1;
        if watched.join(&newcomer, model, self.measure) {
            return;
        }
        if self.kept_bytes + line.len() > self.caps.kept_bytes {
            self.passed_over += 1;
            return;
        }
        self.kept_bytes += line.len();
        watched.families.push(Family::new(&newcomer));
    }

    /// What nearly repeats, in the order of the first requests.
    pub fn found(&self) -> Vec<NearRepeat> {
        let of_model = |(model, watched): (&String, &Watched)| watched.found(model, self.measure);
        let mut found: Vec<NearRepeat> = self.models.iter().flat_map(of_model).collect();
        found.sort_by(|one, other| (one.first, &one.model).cmp(&(other.first, &other.model)));
        found
    }

    /// The requests of models beyond the first [`NearCaps::models`].
    pub fn unwatched(&self) -> u64 {
        self.unwatched
    }

    /// The requests of the sample that were not looked at, or that no others are compared with: those whose lines are no
    /// requests, too long or too crowded, by themselves or to be kept with the others.
    pub fn passed_over(&self) -> u64 {
        self.passed_over
    }
}

/// Whether a request is looked at, by its number among those of its model.
fn is_sampled(number: u64) -> bool {
    number - (1 << number.ilog2()) < 4
}

impl Watched {
    /// Counts a request with the family that it repeats most of, by a clear margin, or the first of those. Where there
    /// is none, it begins its own, if there is room and nobody said all of it before: then `false`. Otherwise it counts
    /// with all whose beginning it shares.
    fn join(&mut self, newcomer: &Newcomer<'_>, model: &str, measure: Measure) -> bool {
        let has_room = self.families.len() < FAMILIES;
        let (mut nearest, mut akin, mut is_known) = (None::<(usize, Pair)>, Vec::new(), false);
        for (index, family) in self.families.iter().enumerate() {
            match family.kinship(newcomer, model, measure) {
                Kinship::None => continue,
                Kinship::Beginning => akin.push(index),
                Kinship::Same => {
                    akin.push(index);
                    is_known = true;
                }
                Kinship::Near(pair) => {
                    let is_nearer = |(_, best): &(usize, Pair)| pair.gain - pair.gain / 4 > best.gain;
                    if nearest.as_ref().is_none_or(is_nearer) {
                        nearest = Some((index, *pair));
                    }
                }
            }
        }
        if let Some((index, pair)) = nearest {
            self.families[index].compared += 1;
            self.families[index].pairs.push(pair);
        } else if has_room && !is_known {
            return false;
        } else {
            akin.into_iter().for_each(|index| self.families[index].compared += 1);
        }
        true
    }

    fn found(&self, model: &str, measure: Measure) -> Vec<NearRepeat> {
        let near_repeat = |family: &Family| {
            let verdict = family.verdict(model, measure)?;
            let pair = verdict.pair;
            let is_frequent = 8 * (verdict.alike + 1) >= self.sampled;
            let is_varied = 4 * verdict.beginnings >= verdict.alike;
            (is_frequent && is_varied).then(|| NearRepeat {
                model: model.to_owned(),
                first: family.first,
                other: pair.other,
                left: pair.left.clone(),
                right: pair.right.clone(),
                byte: pair.byte,
                whole_bytes: verdict.whole_bytes,
                shared: verdict.shared,
                shared_bytes: verdict.shared_bytes,
                repeated: verdict.repeated,
                repeated_bytes: verdict.repeated_bytes,
                compared: family.compared,
                alike: verdict.alike,
                beginnings: verdict.beginnings,
                sampled: self.sampled,
                requests: self.requests,
            })
        };
        self.families.iter().filter_map(near_repeat).collect()
    }
}

#[cfg(test)]
mod tests;
