use crate::kind::Kind;
use crate::mark::{BEGIN, CAPS, END, SHIFT};
use crate::rules::Rules;

/// A word of fewer letters is not marked as all capitals.
const CAPITALS_MIN: usize = 4;

/// Writes `word` between its marks, small where a mark says how it was capitalised.
pub(crate) fn mark_word(word: &str, rules: &Rules, marked: &mut Vec<u8>) {
    marked.clear();
    let kinds = || word.chars().map(|char| rules.kind(char));
    if rules.marks_capitals && is_all_capitals(kinds()) {
        marked.push(CAPS);
    } else if is_capitalised(kinds()) {
        marked.push(SHIFT);
    } else {
        marked.push(BEGIN);
        marked.extend(word.bytes());
        marked.push(END);
        return;
    }
    marked.push(BEGIN);
    for char in word.chars() {
        let small = match rules.kind(char) {
            Kind::Upper | Kind::Title => char.to_lowercase().next().unwrap_or(char),
            _ => char,
        };
        marked.extend(small.encode_utf8(&mut [0; 4]).bytes());
    }
    marked.push(END);
}

fn is_all_capitals(mut kinds: impl Iterator<Item = Kind> + Clone) -> bool {
    kinds.clone().nth(CAPITALS_MIN - 1).is_some()
        && kinds.clone().all(|kind| matches!(kind, Kind::Upper | Kind::Neutral))
        && kinds.any(|kind| kind == Kind::Upper)
}

fn is_capitalised(mut kinds: impl Iterator<Item = Kind>) -> bool {
    kinds.next() == Some(Kind::Upper) && !kinds.any(|kind| matches!(kind, Kind::Upper | Kind::Unpaired))
}
