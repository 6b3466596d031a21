use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use batchwise_units::Estimate;
use foldhash::fast::RandomState;

use crate::memo::TEXT_BYTES_MIN;
use crate::{Family, Generation, MilliTokens, ModelTraits, TextCounter, TextRole};

/// Counts each text of one request once for all models that count it alike. Takes as much memory as the texts, until the
/// request is done.
pub(crate) struct CountedOnce<'c> {
    counter: &'c dyn TextCounter,
    counted: Mutex<HashMap<Way, Counted, RandomState>>,
}

type Counted = HashMap<Box<str>, Estimate<MilliTokens>, RandomState>;

/// What a count depends on beside the text.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Way {
    Anywhere(TextRole, Family),
    First(Family, Generation),
}

impl<'c> CountedOnce<'c> {
    pub(crate) fn new(counter: &'c dyn TextCounter) -> CountedOnce<'c> {
        CountedOnce { counter, counted: Mutex::default() }
    }

    fn once(
        &self,
        text: &str,
        way: Way,
        count: impl FnOnce() -> Estimate<MilliTokens>,
    ) -> Estimate<MilliTokens> {
        if text.len() < TEXT_BYTES_MIN {
            return count();
        }
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let counted = counted.entry(way).or_default();
        if let Some(known) = counted.get(text) {
            return *known;
        }
        let new = count();
        counted.insert(text.into(), new);
        new
    }
}

impl TextCounter for CountedOnce<'_> {
    fn method(&self) -> &'static str {
        self.counter.method()
    }

    fn count(&self, text: &str, role: TextRole, family: Family) -> Estimate<MilliTokens> {
        self.once(text, Way::Anywhere(role, family), || self.counter.count(text, role, family))
    }

    fn count_first(&self, text: &str, model: &ModelTraits) -> Estimate<MilliTokens> {
        let way = Way::First(model.family, self.counter.first_like(model));
        self.once(text, way, || self.counter.count_first(text, model))
    }

    fn count_end(&self, text: &str, shown: &str, family: Family) -> Estimate<MilliTokens> {
        self.counter.count_end(text, shown, family)
    }

    fn first_like(&self, model: &ModelTraits) -> Generation {
        self.counter.first_like(model)
    }

    fn knows_every_script(&self) -> bool {
        self.counter.knows_every_script()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ImageTier;
    use crate::claude_counter::Claude;
    use batchwise_units::Tokens;
    use std::sync::atomic::{AtomicU32, Ordering};

    /// Every byte is a token; counts how often it is asked.
    #[derive(Default)]
    struct Asked(AtomicU32);

    impl TextCounter for Asked {
        fn method(&self) -> &'static str {
            "asked"
        }

        fn count(&self, text: &str, _: TextRole, _: Family) -> Estimate<MilliTokens> {
            self.0.fetch_add(1, Ordering::Relaxed);
            Estimate::exactly(MilliTokens::tokens(text.len() as u64))
        }
    }

    fn model(family: Family, generation: Generation) -> ModelTraits {
        ModelTraits {
            family,
            generation,
            keeps_thinking: true,
            trailing_blanks_are_free: false,
            frame: None,
            image_tier: ImageTier::High,
            tool_prompt_auto: None,
            tool_prompt_any: None,
            pdf_pages_max: 600,
            context_window: Tokens(1_000_000),
        }
    }

    #[test]
    fn a_text_is_counted_once_for_each_way_to_count_it() {
        let (a, b) = ("a".repeat(300), "b".repeat(300));
        let asked = Asked::default();
        let once = CountedOnce::new(&asked);
        for (text, role, family, times) in [
            (&a, TextRole::Prose, Family::Claude47, 1),
            (&a, TextRole::Prose, Family::Claude47, 1),
            (&b, TextRole::Prose, Family::Claude47, 2),
            (&a, TextRole::Prose, Family::PreClaude47, 3),
            (&a, TextRole::Schema, Family::PreClaude47, 4),
            (&a, TextRole::Schema, Family::PreClaude47, 4),
        ] {
            let expected = Estimate::exactly(MilliTokens::tokens(300));
            assert_eq!(once.count(text, role, family), expected);
            assert_eq!(asked.0.load(Ordering::Relaxed), times);
        }
    }

    #[test]
    fn first_texts_that_are_said_to_count_alike_do() {
        let generations = [
            (Family::PreClaude47, Generation::Claude3),
            (Family::PreClaude47, Generation::Claude45),
            (Family::PreClaude47, Generation::Claude46),
            (Family::Claude47, Generation::Claude47),
            (Family::Claude47, Generation::Claude48),
        ];
        let text = "Wie viele Beine hat eine Spinne? 蜘蛛有几条腿？ ".repeat(12);
        let claude = Claude::default();
        let counts = generations.map(|(family, generation)| {
            let model = model(family, generation);
            (family, claude.first_like(&model), claude.count_first(&text, &model))
        });
        for one in counts {
            for other in counts {
                let alike = (one.0, one.1) == (other.0, other.1);
                assert!(!alike || one.2 == other.2, "{one:?} {other:?}");
            }
        }
        let ways: std::collections::BTreeSet<_> = counts.iter().map(|count| (count.0, count.1)).collect();
        assert_eq!(ways.len(), 3, "the older models count all alike");
    }
}
