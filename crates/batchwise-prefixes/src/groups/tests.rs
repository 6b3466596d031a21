use std::collections::BTreeMap;

use batchwise_records::Request;
use batchwise_units::{Estimate, Tokens};
use proptest::prelude::*;

use super::*;
use crate::LOOKBACK;
use CacheTtl::{FiveMinutes, OneHour};

/// What a request is made of in these tests: each block is a letter with or without a mark.
#[derive(Clone, Debug, Default)]
struct Sketch {
    model: char,
    tools: Vec<Letter>,
    system: Vec<Letter>,
    /// Of each message the blocks.
    messages: Vec<Vec<Letter>>,
    forced: bool,
}

type Letter = (char, Option<CacheTtl>);

impl Sketch {
    fn line(&self) -> String {
        let control = |ttl: &Option<CacheTtl>| match ttl {
            None => "null",
            Some(FiveMinutes) => r#"{"type":"ephemeral"}"#,
            Some(OneHour) => r#"{"type":"ephemeral","ttl":"1h"}"#,
        };
        let list = |key: &str, letters: &[Letter]| -> String {
            let one = |(letter, ttl): &Letter| {
                format!(r#"{{"type":"text","{key}":"{letter}","cache_control":{}}}"#, control(ttl))
            };
            letters.iter().map(one).collect::<Vec<_>>().join(",")
        };
        let message =
            |letters: &Vec<Letter>| format!(r#"{{"role":"user","content":[{}]}}"#, list("text", letters));
        let messages: Vec<String> = self.messages.iter().map(message).collect();
        format!(
            r#"{{"custom_id":"x","params":{{"model":"{}","max_tokens":1,"tools":[{}],"system":[{}],"messages":[{}]{}}}}}"#,
            self.model,
            list("name", &self.tools),
            list("text", &self.system),
            messages.join(","),
            if self.forced { r#","tool_choice":{"type":"any"}"# } else { "" }
        )
    }

    /// Each prefix, spelt out, and its mark.
    fn prefixes(&self) -> Prefixes {
        let spell = |letters: &[Letter]| letters.iter().map(|(letter, _)| letter).collect::<String>();
        let mut prefixes = Vec::new();
        let base = format!("{} [{}]", self.model, spell(&self.tools));
        for (index, (_, ttl)) in self.tools.iter().enumerate() {
            prefixes.push((format!("{base} tool {index}"), *ttl));
        }
        for (index, (_, ttl)) in self.system.iter().enumerate() {
            prefixes.push((format!("{base} system {}", spell(&self.system[..=index])), *ttl));
        }
        let mut before = format!("{base} system {}. {}", spell(&self.system), self.forced);
        for message in &self.messages {
            for (index, (_, ttl)) in message.iter().enumerate() {
                prefixes.push((format!("{before} message {}", spell(&message[..=index])), *ttl));
            }
            before = format!("{before} message {}.", spell(message));
        }
        prefixes
    }

    fn is_refused(&self) -> bool {
        let lives: Vec<CacheTtl> = self.prefixes().into_iter().filter_map(|(_, ttl)| ttl).collect();
        let late_hour =
            |(index, ttl): (usize, &CacheTtl)| *ttl == OneHour && lives[..index].contains(&FiveMinutes);
        lives.len() > 4 || lives.iter().enumerate().any(late_hour)
    }

    /// Ten tokens for each block.
    fn sizes(&self) -> Vec<Estimate<Tokens>> {
        (1..=self.prefixes().len() as u64).map(ten_each).collect()
    }
}

fn ten_each(blocks: u64) -> Estimate<Tokens> {
    Estimate::exactly(Tokens(10 * blocks))
}

/// The model's minimum: a single block is too short.
const MINIMUM: u64 = 20;

fn member<'m>(chain: &'m PrefixChain, sizes: &'m [Estimate<Tokens>], place: Place) -> Member<'m> {
    let wave = u32::try_from((place.line - 1) / 4).unwrap();
    Member {
        chain,
        sizes,
        minimum: Some(Tokens(MINIMUM)),
        sort: u16::try_from(place.line % 2).unwrap(),
        place,
        body_bytes: 5,
        batch: wave / 2,
        wave,
    }
}

/// What is compared of a group: all but the hash.
type Told = (String, usize, [u64; 4], Option<Writer>, Place);

/// Each prefix of a request, spelt out, and its mark.
type Prefixes = Vec<(String, Option<CacheTtl>)>;

/// What a request finds: ever, and in its wave.
type Finds = [Option<usize>; 2];

/// Feeds a workload; the groups, named by the prefixes that the sketches spell out, and the hits.
fn run(workload: &[(Sketch, Place)], caps: Caps) -> (Vec<Told>, Vec<Finds>, Groups) {
    let (mut groups, mut names, mut hits) = (Groups::new(caps), HashMap::new(), Vec::new());
    for (sketch, place) in workload {
        let line = sketch.line();
        let request = Request::parse(line.as_bytes()).unwrap();
        let chain = PrefixChain::of(&request, &request.model);
        let prefixes = sketch.prefixes();
        assert_eq!(chain.blocks().len(), prefixes.len());
        for (block, (name, _)) in chain.blocks().iter().zip(prefixes) {
            let known = names.entry(block.prefix).or_insert_with(|| name.clone());
            assert_eq!(*known, name, "one hash, one prefix");
        }
        let sizes = sketch.sizes();
        let member = member(&chain, &sizes, *place);
        let found = groups.find(&member);
        groups.take(&member, found);
        hits.push([found.ever, found.in_wave]);
    }
    let told = groups.shared().into_iter().map(|group| {
        assert!(group.bytes > 0 && group.body_bytes == 5 * group.members);
        assert_eq!(group.sorts.iter().map(|(_, count)| count).sum::<u64>(), group.members);
        assert_eq!(group.tokens, ten_each(group.blocks as u64));
        assert!(group.batches.count() <= group.waves.count() && group.waves.count() <= group.members);
        let counts = [group.members, group.marked_5m, group.marked_1h, group.found];
        (names[&group.prefix].clone(), group.blocks, counts, group.writer, group.first)
    });
    let mut told: Vec<Told> = told.collect();
    told.sort_by(|one, other| one.0.cmp(&other.0));
    (told, hits, groups)
}

/// The same, by comparing every request with every other.
fn slowly(workload: &[(Sketch, Place)]) -> (Vec<Told>, Vec<Finds>) {
    let all = || workload.iter().map(|(sketch, place)| (sketch.prefixes(), *place, sketch.is_refused()));
    let accepted: Vec<(Prefixes, Place)> =
        all().filter(|(_, _, refused)| !refused).map(|(prefixes, place, _)| (prefixes, place)).collect();
    let members = |name: &str| -> Vec<usize> {
        let has = |index: &usize| accepted[*index].0.iter().any(|(own, _)| own == name);
        (0..accepted.len()).filter(has).collect()
    };
    let is_long_enough = |at: usize| 10 * (at as u64 + 1) >= MINIMUM;
    let sees = |prefixes: &[(String, Option<CacheTtl>)], at: usize| {
        prefixes.iter().skip(at).take(LOOKBACK).any(|(_, ttl)| ttl.is_some())
    };
    let writes = |index: usize, name: &str| {
        let prefixes = &accepted[index].0;
        (0..prefixes.len()).any(|at| prefixes[at].0 == name && prefixes[at].1.is_some() && is_long_enough(at))
    };
    let wave = |place: Place| (place.line - 1) / 4;
    let finds = |prefixes: &[(String, Option<CacheTtl>)], place: Place, before: usize| -> Finds {
        let found = |index: usize, at: usize| {
            sees(prefixes, at) && is_long_enough(at) && writes(index, &prefixes[at].0)
        };
        let ever = (0..prefixes.len()).rfind(|&at| (0..before).any(|index| found(index, at)));
        let alike = |index: &usize| wave(accepted[*index].1) == wave(place);
        [ever, (0..prefixes.len()).rfind(|&at| (0..before).filter(alike).any(|index| found(index, at)))]
    };
    let mut told = BTreeMap::new();
    for (prefixes, _) in &accepted {
        for (at, (name, _)) in prefixes.iter().enumerate() {
            let all = members(name);
            let mut counts = [all.len() as u64, 0, 0, 0];
            for &member in &all {
                let own = &accepted[member].0;
                match own[at].1 {
                    Some(FiveMinutes) => counts[1] += 1,
                    Some(OneHour) => counts[2] += 1,
                    None => {
                        let written = (0..member).any(|index| writes(index, name));
                        counts[3] += u64::from(sees(own, at) && written);
                    }
                }
            }
            let writer = all.iter().find(|&&index| writes(index, name)).map(|&index| {
                let (own, place) = &accepted[index];
                let hour = (0..own.len()).rfind(|&at| own[at].1 == Some(OneHour) && is_long_enough(at));
                let size = |at: Option<usize>| at.map(|at| ten_each(at as u64 + 1)).unwrap_or_default();
                Writer {
                    place: *place,
                    sort: u16::try_from(place.line % 2).unwrap(),
                    hour: size(hour),
                    found: size(finds(own, *place, index)[0]),
                    ttl: own[at].1.unwrap(),
                }
            });
            let is_exceeded = prefixes[at + 1..].iter().any(|(longer, _)| members(longer) == all);
            if all.len() > 1 && (counts[1] + counts[2] > 0 || !is_exceeded) {
                told.insert(name.clone(), (name.clone(), at + 1, counts, writer, accepted[all[0]].1));
            }
        }
    }
    let mut before = 0;
    let hits = all().map(|(prefixes, place, refused)| {
        if refused {
            return [None; 2];
        }
        before += 1;
        finds(&prefixes, place, before - 1)
    });
    let hits = hits.collect();
    (told.into_values().collect(), hits)
}

fn letter() -> impl Strategy<Value = Letter> {
    let mark = prop_oneof![6 => Just(None), 1 => Just(Some(FiveMinutes)), 1 => Just(Some(OneHour))];
    (prop_oneof![4 => Just('a'), 1 => Just('b')], mark)
}

fn letters(most: usize) -> impl Strategy<Value = Vec<Letter>> {
    prop::collection::vec(letter(), 0..=most)
}

fn sketch(model: char) -> impl Strategy<Value = Sketch> {
    let messages = prop::collection::vec(letters(3), 1..3);
    let forced = prop::bool::weighted(0.2);
    (letters(2), letters(3), messages, forced).prop_map(move |(tools, system, messages, forced)| Sketch {
        model,
        tools,
        system,
        messages,
        forced,
    })
}

fn placed(input: u32, sketches: Vec<Sketch>) -> Vec<(Sketch, Place)> {
    sketches.into_iter().zip(1..).map(|(sketch, line)| (sketch, Place { input, line })).collect()
}

proptest! {
    #[test]
    fn groups_are_those_of_a_slow_search(
        sketches in prop::collection::vec(prop_oneof![sketch('m'), sketch('m'), sketch('n')], 1..12)
    ) {
        let workload = placed(0, sketches);
        let (told, hits, groups) = run(&workload, Caps::default());
        let (expected, expected_hits) = slowly(&workload);
        prop_assert_eq!(told, expected);
        prop_assert_eq!(hits, expected_hits);
        prop_assert!(groups.shared().iter().all(|group| group.is_complete));
        let refused = workload.iter().filter(|(sketch, _)| sketch.is_refused()).count() as u64;
        prop_assert_eq!((groups.requests(), groups.refused()), (workload.len() as u64, refused));
    }

    #[test]
    fn unrelated_requests_may_come_in_any_order(
        ours in prop::collection::vec(sketch('m'), 0..8),
        theirs in prop::collection::vec(sketch('n'), 0..8),
        turns in prop::collection::vec(any::<bool>(), 16),
    ) {
        let (ours, theirs) = (placed(0, ours), placed(1, theirs));
        let one_by_one: Vec<_> = ours.iter().chain(&theirs).cloned().collect();
        let (mut ours, mut theirs) = (ours.into_iter(), theirs.into_iter());
        let mut mixed = Vec::new();
        for turn in turns {
            mixed.extend(if turn { ours.next() } else { theirs.next() });
        }
        mixed.extend(ours.chain(theirs));
        prop_assert_eq!(run(&one_by_one, Caps::default()).0, run(&mixed, Caps::default()).0);
    }

    #[test]
    fn memory_is_bounded(sketches in prop::collection::vec(sketch('m'), 1..40)) {
        let caps = Caps { shared: 3, once: 4, whole: 2, blocks: 256 };
        let workload = placed(0, sketches);
        let (told, _, groups) = run(&workload, caps);
        let queued = groups.once.len() + groups.whole.len();
        prop_assert!(groups.places.len() <= 9 && queued <= 9 && told.len() <= 3);
        let whole: BTreeMap<String, Told> =
            slowly_all(&workload).into_iter().map(|told| (told.0.clone(), told)).collect();
        for group in groups.shared() {
            let name = told.iter().find(|told| told.1 == group.blocks && told.4 == group.first);
            let all = &whole[&name.unwrap().0];
            prop_assert!(group.members <= all.2[0]);
            prop_assert!(!group.is_complete || group.members == all.2[0] && group.first == all.4);
        }
    }
}

/// All shared prefixes with the number of members, marked or exceeded or neither.
fn slowly_all(workload: &[(Sketch, Place)]) -> Vec<Told> {
    let accepted: Vec<_> = workload.iter().filter(|(sketch, _)| !sketch.is_refused()).collect();
    let mut all: BTreeMap<String, Told> = BTreeMap::new();
    for (sketch, place) in accepted {
        for (at, (name, _)) in sketch.prefixes().into_iter().enumerate() {
            let first = (name.clone(), at + 1, [0; 4], None, *place);
            all.entry(name).or_insert(first).2[0] += 1;
        }
    }
    all.into_values().collect()
}

fn plain(letters: &str) -> Vec<Letter> {
    letters.chars().map(|letter| (letter, None)).collect()
}

fn marked(letters: &str, ttl: CacheTtl) -> Vec<Letter> {
    let mut letters = plain(letters);
    letters.last_mut().unwrap().1 = Some(ttl);
    letters
}

fn asking(blocks: Vec<Letter>) -> Sketch {
    Sketch { model: 'm', messages: vec![blocks], ..Sketch::default() }
}

#[test]
fn a_breakpoint_finds_what_was_written_nineteen_blocks_before() {
    for (behind, hit) in [(20, Some(1)), (21, None)] {
        let long = marked(&"abcdefghijklmnopqrstuvwxyz"[..=behind], FiveMinutes);
        let (told, hits, _) =
            run(&placed(0, vec![asking(marked("ab", OneHour)), asking(long)]), Caps::default());
        assert_eq!(hits, [[None; 2], [hit; 2]]);
        assert_eq!(told[0].2, [2, 0, 1, u64::from(hit.is_some())]);
    }
}

#[test]
fn far_blocks_are_looked_at_only_from_breakpoints() {
    let letters: String = ('a'..='z').cycle().take(300).collect();
    let twice = |blocks: Vec<Letter>| placed(0, vec![asking(blocks.clone()), asking(blocks)]);
    let blocks = |workload: Vec<(Sketch, Place)>| {
        run(&workload, Caps::default()).0.iter().map(|told| told.1).collect::<Vec<_>>()
    };
    assert_eq!(blocks(twice(plain(&letters))), [256]);
    assert_eq!(blocks(twice(marked(&letters, OneHour))), [300]);
}

#[test]
fn a_prompt_in_all_requests_outlives_any_number_of_others() {
    let caps = Caps { shared: 4, once: 8, whole: 8, blocks: 256 };
    let sketch = |question: u32, system: &str| Sketch {
        model: 'm',
        system: plain(system),
        messages: vec![vec![(char::from_u32(0x4e00 + question).unwrap(), None)]],
        ..Sketch::default()
    };
    let mut sketches: Vec<Sketch> = (0..500).map(|question| sketch(question, "p")).collect();
    sketches.extend([sketch(0, "p"), sketch(1, "qq"), sketch(2, "qq")]);
    let (told, _, groups) = run(&placed(0, sketches), caps);
    let counts: Vec<(usize, u64)> = told.iter().map(|told| (told.1, told.2[0])).collect();
    assert_eq!(counts, [(1, 501), (2, 2)], "the first question was forgotten before it came again");
    assert!(groups.shared().iter().all(|group| group.is_complete), "their lengths were never forgotten");
    assert_eq!(groups.unrecorded(), 0);
    let mut entries = groups.places.values().map(|place| groups.entries.get(*place));
    let again = entries.find(|entry| entry.group.first.line == 501).unwrap();
    assert!(!again.group.is_complete && again.group.members == 1);
}

#[test]
fn there_is_an_end_to_what_is_remembered_as_shared() {
    let caps = Caps { shared: 1, once: 8, whole: 8, blocks: 256 };
    let sketches = ["a", "a", "b", "b", "a"].map(|letter| asking(plain(letter))).to_vec();
    let (told, _, groups) = run(&placed(0, sketches), caps);
    assert_eq!((told.len(), told[0].2[0], groups.unrecorded()), (1, 3, 1));
}

#[test]
fn what_is_too_short_is_neither_written_nor_found() {
    let (told, hits, _) = run(&placed(0, vec![asking(marked("a", OneHour)); 3]), Caps::default());
    assert_eq!((told[0].2, told[0].3), ([3, 0, 3, 0], None));
    assert_eq!(hits, [[None; 2]; 3]);
}

#[test]
fn what_was_written_in_another_wave_may_have_expired() {
    let (told, hits, groups) = run(&placed(0, vec![asking(marked("ab", OneHour)); 6]), Caps::default());
    let both = [Some(1); 2];
    assert_eq!(hits, [[None; 2], both, both, both, [Some(1), None], both]);
    let group = groups.shared()[0];
    assert_eq!((told.len(), group.waves.count(), group.batches.count()), (1, 2, 1));
}

#[test]
fn shorter_prefixes_are_known() {
    let workload = placed(0, ["abc", "abc", "ab"].map(|letters| asking(plain(letters))).to_vec());
    let (_, _, groups) = run(&workload, Caps::default());
    let longest = groups.shared().into_iter().max_by_key(|group| group.blocks).unwrap();
    let shorter: Vec<(usize, u64)> =
        groups.shorter(longest.prefix).map(|group| (group.blocks, group.members)).collect();
    assert_eq!(shorter, [(2, 3), (1, 3)]);
}

/// A sixteenth of the default.
const SMALL: Caps = Caps { shared: 1 << 10, once: 1 << 10, whole: 1 << 10, blocks: 256 };

/// The most bytes that the groups of so many requests ask for. Every four share a prefix, every two a longer one.
fn peak_memory(requests: u32) -> u64 {
    let letter = |number: u32| (char::from_u32(0x1_0000 + number).unwrap(), None);
    let sketch = |number: u32| asking(vec![letter(number / 4), letter(number / 2), letter(number)]);
    let sizes = sketch(0).sizes();
    let chain = |number: u32| {
        let line = sketch(number).line();
        PrefixChain::of(&Request::parse(line.as_bytes()).unwrap(), "m")
    };
    let chains: Vec<PrefixChain> = (0..requests).map(chain).collect();
    let asked = allocation_counter::measure(|| {
        let mut groups = Groups::new(SMALL);
        for (chain, line) in chains.iter().zip(1..) {
            let member =
                Member { batch: 0, wave: 0, sort: 0, ..member(chain, &sizes, Place { input: 0, line }) };
            groups.take(&member, groups.find(&member));
        }
        assert_eq!(groups.shared, SMALL.shared);
    });
    asked.bytes_max
}

#[test]
fn memory_does_not_grow_with_the_requests() {
    let [peak, later] = [8_000, 16_000].map(peak_memory);
    assert!(later == peak && peak < 32_000_000 / 16 + 200_000, "{peak} {later}");
}

/// Whether a prefix is long enough is told by its range where it is found, and by its likely size where it is written.
#[test]
fn what_may_be_long_enough_is_found() {
    let (system, messages) = (vec![('a', Some(OneHour))], vec![vec![('b', None)]]);
    let line = Sketch { model: 'm', system, messages, ..Sketch::default() }.line();
    let chain = PrefixChain::of(&Request::parse(line.as_bytes()).unwrap(), "m");
    for ([low, likely, high], is_found, is_written) in [
        ([10, 15, 19], false, false),
        ([10, 15, 20], true, false),
        ([10, 20, 25], true, true),
        ([20, 20, 25], true, true),
    ] {
        let sizes = vec![Estimate::new(Tokens(low), Tokens(likely), Tokens(high)); chain.blocks().len()];
        let mut groups = Groups::new(Caps::default());
        let found = [1, 2].map(|line| {
            let member = member(&chain, &sizes, Place { input: 0, line });
            let found = groups.find(&member);
            groups.take(&member, found);
            found
        });
        let block = is_found.then_some(0);
        assert_eq!(found, [Found::default(), Found { ever: block, in_wave: block }], "{high}");
        assert_eq!(groups.shared()[0].writer.is_some(), is_written, "{likely}");
    }
}
