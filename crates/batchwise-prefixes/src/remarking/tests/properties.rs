use std::collections::HashMap;

use proptest::prelude::*;

use super::any_line::any_line;
use super::stripped::stripped;
use super::*;
use crate::{BlockPlace, PrefixHash};

fn chain(line: &str) -> PrefixChain {
    let request = Request::parse(line.as_bytes()).unwrap_or_else(|flaws| panic!("{line}: {flaws:?}"));
    PrefixChain::of(&request, "m")
}

/// At most four of the blocks or the one after the last, longer lifetimes first.
fn wanted(picks: &[(usize, bool)], blocks: usize) -> Vec<(usize, CacheTtl)> {
    let mut wanted: Vec<usize> = picks.iter().map(|(block, _)| block % (blocks + 1)).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let hours = picks.iter().filter(|(_, hour)| *hour).count();
    let ttl = |index| if index < hours { OneHour } else { FiveMinutes };
    wanted.iter().enumerate().map(|(index, &block)| (block, ttl(index))).collect()
}

/// Those that were to be placed and are not missing.
fn placed(wanted: &[(usize, CacheTtl)], unplaced: &[Unplaced]) -> Vec<(usize, CacheTtl)> {
    let is_missing = |block| unplaced.iter().any(|missing| missing.block == block);
    wanted.iter().copied().filter(|&(block, _)| !is_missing(block)).collect()
}

/// The new line with the texts that became blocks as texts again.
fn unwrapped(old: &PrefixChain, new: &str, placed: &[(usize, CacheTtl)]) -> String {
    let mut line = new.to_owned();
    for &(block, ttl) in placed {
        let at = old.blocks()[block].at;
        let path = match at {
            BlockPlace::System(None) | BlockPlace::Message(_, None) => at.path(),
            _ => continue,
        };
        let value = path.find_in(&line).unwrap().value;
        let (head, tail) = (r#"[{"type":"text","text":"#, if ttl == OneHour { HOUR } else { SHORT });
        let Some(text) = line[value.clone()].strip_prefix(head) else { continue };
        let text = text.strip_suffix(&format!(",{tail}}}]")).unwrap().to_owned();
        line.replace_range(value, &text);
    }
    line
}

/// Those that are content, in the order of the text.
fn content<'t>(controls: &[&'t str]) -> Vec<&'t str> {
    controls.iter().copied().filter(|control| control.contains("content")).collect()
}

fn nulls(controls: &[&str]) -> usize {
    controls.iter().filter(|control| control.ends_with("null")).count()
}

fn is_inner(chain: &PrefixChain, block: usize) -> bool {
    let place = |block: usize| chain.blocks().get(block).map(|block| block.at);
    place(block) == place(block + 1)
}

fn choices() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..300)
}

fn picks() -> impl Strategy<Value = Vec<(usize, bool)>> {
    prop::collection::vec((0..40_usize, any::<bool>()), 0..=4)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn nothing_else_changes(choices in choices(), picks in picks(), wrap_texts: bool) {
        let old = any_line(&choices);
        let before = chain(&old);
        let wanted = wanted(&picks, before.blocks().len());
        let new = remarked(&old, &wanted, wrap_texts);
        let placed = placed(&wanted, &new.unplaced);
        let again = unwrapped(&before, &new.line, &placed);
        if !wrap_texts {
            prop_assert_eq!(&again, &new.line);
        }
        let ((left, left_out), (right, right_out)) = (stripped(&old), stripped(&again));
        prop_assert_eq!(left, right);
        prop_assert_eq!(content(&left_out), content(&right_out));
        prop_assert!(nulls(&left_out) <= nulls(&right_out) + placed.len());
    }

    #[test]
    fn what_is_there_can_be_wanted(choices in choices()) {
        let line = any_line(&choices);
        let chain = chain(&line);
        let request = Request::parse(line.as_bytes()).unwrap();
        let seating = Seating::of(&line, &request).unwrap();
        prop_assert_eq!(seating.seats.len(), chain.blocks().len());
        let is_sound = |seat: &Seat| seat.mark().is_none() || seat.obstacle.is_none();
        let marks: Vec<_> = chain.marks().iter().map(|mark| (mark.block, mark.ttl)).collect();
        let is_plain = marks.len() < BREAKPOINTS_MAX && chain.refusal().is_none() && !seating.seats.is_empty();
        if is_plain && seating.seats.iter().all(is_sound) {
            let same = Remarking { wanted: &marks, wrap_texts: false }.of(&line, &request);
            prop_assert!(matches!(same.line, Cow::Borrowed(_)), "{} {}", line, same.line);
            prop_assert_eq!(same.unplaced, []);
        }
    }

    #[test]
    fn what_is_wanted_is_there_and_no_more(choices in choices(), picks in picks()) {
        let old = any_line(&choices);
        let before = chain(&old);
        let wanted = wanted(&picks, before.blocks().len());
        let new = remarked(&old, &wanted, false);
        let placed: HashMap<usize, CacheTtl> = placed(&wanted, &new.unplaced).into_iter().collect();
        let after = chain(&new.line);
        prop_assert_eq!(after.refusal(), None);
        let expected: Vec<PrefixHash> = (0..before.blocks().len())
            .filter(|&block| placed.contains_key(&block) || !is_inner(&before, block))
            .map(|block| before.blocks()[block].prefix)
            .collect();
        let blocks: Vec<PrefixHash> = after.blocks().iter().map(|block| block.prefix).collect();
        prop_assert_eq!(blocks, expected);
        let mut expected: Vec<_> =
            placed.iter().map(|(&block, &ttl)| (block, before.blocks()[block].prefix, ttl)).collect();
        expected.sort_unstable_by_key(|(block, ..)| *block);
        let expected: Vec<_> = expected.into_iter().map(|(_, prefix, ttl)| (prefix, ttl)).collect();
        let marks: Vec<_> =
            after.marks().iter().map(|mark| (after.blocks()[mark.block].prefix, mark.ttl)).collect();
        prop_assert_eq!(marks, expected);
    }

    #[test]
    fn what_is_as_it_is_wanted_stays(choices in choices(), picks in picks(), wrap_texts: bool) {
        let old = any_line(&choices);
        let wanted = wanted(&picks, chain(&old).blocks().len());
        let new = remarked(&old, &wanted, wrap_texts).line;
        let after = chain(&new);
        let marks: Vec<_> = after.marks().iter().map(|mark| (mark.block, mark.ttl)).collect();
        let again = remarked(&new, &marks, wrap_texts);
        prop_assert!(matches!(again.line, Cow::Borrowed(_)), "{} {}", new, again.line);
        prop_assert!(again.unplaced.is_empty());
    }

    #[test]
    fn texts_are_blocks_where_they_were(choices in choices(), picks in picks()) {
        let old = any_line(&choices);
        let before = chain(&old);
        let wanted = wanted(&picks, before.blocks().len());
        let new = remarked(&old, &wanted, true);
        let after = chain(&new.line);
        prop_assert!(new.unplaced.iter().all(|missing| missing.obstacle != Obstacle::Text));
        prop_assert_eq!(after.refusal(), None);
        let place = |at: BlockPlace| match at {
            BlockPlace::System(None) => BlockPlace::System(Some(0)),
            BlockPlace::Message(message, None) => BlockPlace::Message(message, Some(0)),
            other => other,
        };
        let expected: Vec<_> = placed(&wanted, &new.unplaced)
            .iter()
            .map(|&(block, ttl)| (place(before.blocks()[block].at), ttl))
            .collect();
        let marks: Vec<_> =
            after.marks().iter().map(|mark| (place(after.blocks()[mark.block].at), mark.ttl)).collect();
        prop_assert_eq!(marks, expected);
    }
}

#[test]
fn the_lines_are_various() {
    // Of a thousand lines, how many have what the properties are about.
    let lines: Vec<String> = (0..1_000_u32)
        .map(|seed| {
            let mut state = seed;
            let choices: Vec<u8> = std::iter::repeat_with(|| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as u8
            })
            .take(300)
            .collect();
            any_line(&choices)
        })
        .collect();
    let chains: Vec<PrefixChain> = lines.iter().map(|line| chain(line)).collect();
    let count = |has: fn(&PrefixChain) -> bool| chains.iter().filter(|chain| has(chain)).count();
    assert!(count(|chain| chain.marks().len() > 1) > 300);
    assert!(count(|chain| chain.marks().iter().any(|mark| mark.automatic)) > 100);
    assert!(count(|chain| (0..chain.blocks().len()).any(|block| is_inner(chain, block))) > 100);
    assert!(count(|chain| chain.blocks().iter().any(|block| block.at == BlockPlace::System(None))) > 100);
    assert!(count(|chain| chain.refusal().is_some()) > 100);
}
