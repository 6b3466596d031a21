//! What is tried: the values that were given, and what is tried in any case.

use std::collections::BTreeMap;

use batchwise_planner::{OutputExpectation, Terms};
use batchwise_pricing::{Model, PriceBook};
use batchwise_units::{Percent, Tokens};
use jiff::civil::Date;

use crate::args::{Change, Choice, Key, WhatIf};

/// The values of each key that was given, each once.
pub(super) fn choices_by_key(what_ifs: &[WhatIf], book: &PriceBook, day: Date) -> BTreeMap<Key, Vec<Choice>> {
    let mut all: BTreeMap<Key, Vec<Choice>> = BTreeMap::new();
    for WhatIf { key, choices } in what_ifs {
        let known = all.entry(*key).or_default();
        for choice in choices {
            let meant = match &choice.change {
                Change::AllModels => current_models(book, day),
                _ => vec![choice.clone()],
            };
            known.extend(meant.into_iter().filter(|choice| !known.contains(choice)).collect::<Vec<_>>());
        }
    }
    all
}

/// The models that anyone can send batches to on that day and that are not about to be retired, as far as they have a
/// price.
fn current_models(book: &PriceBook, day: Date) -> Vec<Choice> {
    let is_current = |model: &&Model| {
        model.batch_supported
            && !model.limited_availability
            && !model.is_retired_on(day)
            && model.deprecated_on.is_none_or(|deprecated| day < deprecated)
            && model.on(day).is_ok()
    };
    let current = book.models().iter().filter(is_current);
    current.map(|model| Choice { text: model.id.clone(), change: Change::Model(model.id.clone()) }).collect()
}

/// What is tried in any case: half and twice the length of replies, where one is expected.
pub(super) fn usual(terms: &Terms) -> Vec<(Key, Choice)> {
    let lengths: Vec<(String, OutputExpectation)> = match terms.output {
        OutputExpectation::Cap => Vec::new(),
        OutputExpectation::Tokens(Tokens(tokens)) => [tokens / 2, tokens.saturating_mul(2)]
            .into_iter()
            .filter(|length| *length > 0)
            .map(|length| (length.to_string(), OutputExpectation::Tokens(Tokens(length))))
            .collect(),
        OutputExpectation::ShareOfCap(share) => shares(share)
            .into_iter()
            .map(|share| (share.to_string(), OutputExpectation::ShareOfCap(share)))
            .collect(),
    };
    let others = lengths.into_iter().filter(|(_, output)| *output != terms.output);
    others
        .map(|(text, output)| (Key::OutputTokens, Choice { text, change: Change::OutputTokens(output) }))
        .collect()
}

/// Half of a share, rounded down to hundredths of a percent, and twice as much, at most all.
fn shares(share: Percent) -> Vec<Percent> {
    let hundredths = share.of_rounded_up(10_000);
    let shares = [hundredths / 2, (hundredths * 2).min(10_000)];
    let percent = |hundredths: u64| Percent::parse(&format!("{}.{:02}", hundredths / 100, hundredths % 100));
    shares.into_iter().filter_map(|hundredths| percent(hundredths).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_share_is_halved_and_doubled() {
        let of = |text: &str| {
            let all = shares(Percent::parse(text).unwrap());
            all.into_iter().map(|share| share.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(of("40%"), ["20%", "80%"]);
        assert_eq!(of("12.55%"), ["6.27%", "25.1%"]);
        assert_eq!(of("60%"), ["30%", "100%"]);
    }

    #[test]
    fn all_models_are_those_one_would_begin_with() {
        let book = PriceBook::bundled();
        let names = |day| current_models(book, day).into_iter().map(|choice| choice.text).collect::<Vec<_>>();
        let now = names(date(2026, 11, 21));
        assert!(now.contains(&"claude-haiku-5-5".to_owned()));
        assert!(now.contains(&"claude-haiku-4-5-20251001".to_owned()), "superseded, but callable");
        assert!(!now.contains(&"claude-sonnet-4-5-20250929".to_owned()), "deprecated");
        assert!(!now.contains(&"claude-3-haiku-20240307".to_owned()), "retired");
        assert!(!names(date(2026, 1, 1)).contains(&"claude-haiku-5-5".to_owned()), "not launched yet");
    }
}
