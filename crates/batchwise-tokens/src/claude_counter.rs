use batchwise_tokenizer::Version;
use batchwise_units::{Estimate, SharedError};

use crate::memo::Memo;
use crate::{
    Family, Generation, MilliTokens, ModelTraits, Structure, StructureEstimator, TextCounter, TextRole,
};

/// How much text is remembered, in bytes.
const MEMO_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Counts with Claude's own vocabularies, as far as they are known from outside. A text that comes again, such as
/// a system prompt that all requests share, is counted only twice.
#[derive(Debug)]
pub struct Claude {
    memos: [Memo<MilliTokens>; Version::ALL.len()],
}

/// Of the variance of the relative errors, 28 % lie between groups of recordings of one kind, to one model, from
/// one repository, which is what a batch mostly is; see `docs/accuracy.md`.
pub const SHARED_ERROR: SharedError = SharedError::of_variance(300);

/// The estimator that comes nearest to the API's own counts.
pub fn claude() -> StructureEstimator<Claude> {
    StructureEstimator::new(Claude::default(), Structure::for_claude, SHARED_ERROR)
}

impl Default for Claude {
    fn default() -> Claude {
        Claude { memos: Version::ALL.map(|_| Memo::new(MEMO_BYTES_MAX / Version::ALL.len())) }
    }
}

impl Claude {
    fn remembered(&self, text: &str, version: Version) -> Estimate<MilliTokens> {
        Estimate::exactly(self.memos[version as usize].get(text, |text| count(text, version)))
    }
}

impl TextCounter for Claude {
    fn method(&self) -> &'static str {
        "claude"
    }

    fn count(&self, text: &str, _: TextRole, family: Family) -> Estimate<MilliTokens> {
        self.remembered(text, version(family))
    }

    fn count_first(&self, text: &str, model: &ModelTraits) -> Estimate<MilliTokens> {
        self.remembered(text, version_of_first(model))
    }

    fn first_like(&self, model: &ModelTraits) -> Generation {
        first_like(model)
    }

    fn knows_every_script(&self) -> bool {
        true
    }
}

/// How a text of a message counts.
pub(crate) fn version(family: Family) -> Version {
    match family {
        Family::PreClaude47 => Version::Claude3,
        Family::Claude47 => Version::Claude48,
    }
}

/// How the first text of a message counts: Opus 4.7 has the newer vocabulary, but begins messages as the older
/// models do.
pub(crate) fn version_of_first(model: &ModelTraits) -> Version {
    match model.generation {
        Generation::Claude47 => Version::Claude47,
        _ => version(model.family),
    }
}

/// A generation whose first texts count as those of `model`.
pub(crate) fn first_like(model: &ModelTraits) -> Generation {
    match version_of_first(model) {
        Version::Claude3 => Generation::Claude3,
        Version::Claude47 => Generation::Claude47,
        Version::Claude48 => Generation::Claude48,
    }
}

/// What a text counts; an empty one nothing.
pub(crate) fn count(text: &str, version: Version) -> MilliTokens {
    MilliTokens::tokens(if text.is_empty() { 0 } else { batchwise_tokenizer::count(text, version) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_whole_tokens() {
        for (text, old, new) in [("", 0, 0), ("hello, world", 3, 4), ("語", 2, 1)] {
            for (family, tokens) in [(Family::PreClaude47, old), (Family::Claude47, new)] {
                let count = Claude::default().count(text, TextRole::Prose, family);
                assert_eq!(count, Estimate::exactly(MilliTokens::tokens(tokens)), "{text}");
            }
        }
    }
}
