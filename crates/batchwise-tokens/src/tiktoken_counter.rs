use batchwise_units::{Estimate, SharedError};

use crate::memo::Memo;
use crate::script::{Script, has_many_accents, repeats, runs};
use crate::{Cost, Family, MilliTokens, Structure, StructureEstimator, TextCounter, TextRole, vocabulary};

/// How much text is remembered, in bytes.
const MEMO_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Counts with OpenAI's public vocabulary o200k_base and multiplies by what the two have been seen to
/// differ. The vocabulary is loaded with the first text.
#[derive(Debug)]
pub struct Tiktoken {
    memos: [Memo<RawCounts>; 2],
}

/// Tokens of the public vocabulary, by script; letters for [`Script::Repeat`].
type RawCounts = [u64; Script::COUNT];

/// Of the variance of the relative errors, 51 % lie between groups of recordings of one kind, to one model, from
/// one repository, which is what a batch mostly is; see `docs/accuracy.md`.
const SHARED_ERROR: SharedError = SharedError::of_variance(500);

/// An estimator with a vocabulary that is published, though it is another's.
pub fn tiktoken() -> StructureEstimator<Tiktoken> {
    StructureEstimator::new(Tiktoken::default(), Structure::for_tiktoken, SHARED_ERROR)
}

impl Default for Tiktoken {
    fn default() -> Tiktoken {
        Tiktoken { memos: [Memo::new(MEMO_BYTES_MAX / 2), Memo::new(MEMO_BYTES_MAX / 2)] }
    }
}

impl TextCounter for Tiktoken {
    fn method(&self) -> &'static str {
        "tiktoken"
    }

    fn count(&self, text: &str, role: TextRole, family: Family) -> Estimate<MilliTokens> {
        let (latin, accented) = match family {
            Family::PreClaude47 => (&OLD_LATIN, OLD_ACCENTED),
            Family::Claude47 => (&NEW_LATIN, NEW_ACCENTED),
        };
        let raw = self.memos[family as usize].get(text, |text| raw_counts(text, family));
        let part =
            |script: Script, factor: Cost| factor.as_factor_of(MilliTokens::tokens(raw[script.index()]));
        let with_latin_letters = part(Script::Latin, latin[role.index()]) + part(Script::Accented, accented);
        OTHER_SCRIPTS.iter().fold(with_latin_letters, |sum, (script, factor)| sum + part(*script, *factor))
    }
}

fn raw_counts(text: &str, family: Family) -> RawCounts {
    let mut counts = RawCounts::default();
    let latin = if has_many_accents(text) { Script::Accented } else { Script::Latin };
    let (repeated, others): (Vec<_>, Vec<_>) = repeats(text).partition(|(repeated, _)| *repeated);
    counts[Script::Repeat.index()] = repeated.iter().map(|(_, part)| part.len() as u64).sum();
    for (script, run) in others.into_iter().flat_map(|(_, part)| runs(part)) {
        let vocabulary = match (script, family) {
            (Script::Latin, Family::Claude47) => vocabulary::short(),
            _ => vocabulary::whole(),
        };
        let script = if script == Script::Latin { latin } else { script };
        counts[script.index()] += vocabulary::count(vocabulary, run);
    }
    counts
}

/// Claude tokens per thousand tokens of o200k_base, by [`TextRole`].
/// Source: fitted to 4,132 recorded requests and 4,037 replies, 2026-11; the margins were then set so that
/// they hold at least 95 % of the requests of each kind.
const OLD_LATIN: [Cost; TextRole::COUNT] = [
    Cost::milli(993, 1_103, 1_213),
    Cost::milli(1_067, 1_160, 1_253),
    Cost::milli(1_300, 1_600, 1_900),
    Cost::milli(1_063, 1_250, 1_438),
    Cost::milli(990, 1_100, 1_210),
];

/// Claude tokens per thousand tokens of the first 5,000 ranks, by [`TextRole`].
/// Source: fitted to 125 recorded requests and 152 tool results, 2026-11; tools to 44 requests and schemas
/// to 6, so their margins are wide.
const NEW_LATIN: [Cost; TextRole::COUNT] = [
    Cost::milli(888, 1_045, 1_202),
    Cost::milli(900, 1_000, 1_120),
    Cost::milli(600, 750, 900),
    Cost::milli(840, 1_050, 1_260),
    Cost::milli(860, 1_030, 1_200),
];

/// The same for text with many accents. Hardly any was recorded (one Spanish reply, at 1,820), so the
/// margins are wide.
const OLD_ACCENTED: Cost = Cost::milli(1_050, 1_450, 2_000);
const NEW_ACCENTED: Cost = Cost::milli(650, 950, 1_350);

/// Claude tokens per thousand tokens of the whole o200k_base, in both families.
///
/// No recorded truth exists for these. Public figures: Chinese 1.07 tokens per character and 1.4-1.5 times
/// o200k, Japanese 0.9 per character, Hindi more than three times the English text, emoji 2.7 each. The
/// margins are wide because of that.
const OTHER_SCRIPTS: [(Script, Cost); Script::COUNT - 2] = [
    (Script::EastAsian, Cost::milli(950, 1_450, 2_300)),
    (Script::Emoji, Cost::milli(700, 1_400, 3_000)),
    (Script::Symbol, Cost::milli(600, 1_200, 2_500)),
    (Script::Other, Cost::milli(900, 1_700, 3_500)),
    // Of letters, not of tokens: 8,192 times "a" has been seen to be 2,748 tokens.
    (Script::Repeat, Cost::milli(150, 335, 1_000)),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Each of these has frozen or crashed some tokenizer.
    #[test]
    fn no_text_panics_or_takes_long() {
        let counter = Tiktoken::default();
        let mixed: String =
            (0..100_000_u32).map(|i| ["a", " ", "🎉", "語", "\n", "9", "Ж"][i as usize % 7]).collect();
        for (text, least) in [
            (" ".repeat(1_000_000), 500),
            ("a".repeat(1_000_000), 10_000),
            ("A".repeat(1_000_000), 10_000),
            ("🎉".repeat(250_000), 100_000),
            ("7".repeat(5_000_000), 1_600_000),
            ("\n".repeat(1_000_000), 500),
            ("'".repeat(1_000_000), 500),
            ("\u{300}".repeat(500_000), 500),
            (mixed, 50_000),
        ] {
            for family in [Family::PreClaude47, Family::Claude47] {
                let likely = counter.count(&text, TextRole::Prose, family).likely().unwrap();
                let start: String = text.chars().take(8).collect();
                assert!(likely >= MilliTokens::tokens(least), "{start} {family:?}: {likely:?}");
                assert!(
                    likely <= MilliTokens::tokens(text.len() as u64 * 2),
                    "{start} {family:?}: {likely:?}"
                );
            }
        }
    }

    #[test]
    fn the_memo_changes_nothing() {
        let counter = Tiktoken::default();
        let text = "A system prompt that many requests share. ".repeat(50);
        let counts: Vec<_> =
            (0..4).map(|_| counter.count(&text, TextRole::Prose, Family::Claude47)).collect();
        assert!(counts.iter().all(|count| *count == counts[0]));
        let old = counter.count(&text, TextRole::Prose, Family::PreClaude47);
        assert!(old.likely() < counts[0].likely());
    }
}
