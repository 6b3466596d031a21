use batchwise_tokenizer::Version;
use batchwise_units::{Estimate, SharedError};

use crate::{
    Family, Generation, MilliTokens, ModelTraits, Structure, StructureEstimator, TextCounter, TextRole,
};

/// Counts with Claude's own vocabularies, as far as they are known from outside.
#[derive(Clone, Copy, Debug, Default)]
pub struct Claude;

/// Of the variance of the relative errors, 28 % lie between groups of recordings of one kind, to one model, from
/// one repository, which is what a batch mostly is; see `docs/accuracy.md`.
pub const SHARED_ERROR: SharedError = SharedError::of_variance(300);

/// The estimator that comes nearest to the API's own counts.
pub fn claude() -> StructureEstimator<Claude> {
    StructureEstimator::new(Claude, Structure::for_claude, SHARED_ERROR)
}

impl TextCounter for Claude {
    fn method(&self) -> &'static str {
        "claude"
    }

    fn count(&self, text: &str, _: TextRole, family: Family) -> Estimate<MilliTokens> {
        count(
            text,
            match family {
                Family::PreClaude47 => Version::Claude3,
                Family::Claude47 => Version::Claude48,
            },
        )
    }

    /// Opus 4.7 has the newer vocabulary, but begins messages as the older models do.
    fn count_first(&self, text: &str, model: &ModelTraits) -> Estimate<MilliTokens> {
        match model.generation {
            Generation::Claude47 => count(text, Version::Claude47),
            _ => self.count(text, TextRole::Prose, model.family),
        }
    }

    fn knows_every_script(&self) -> bool {
        true
    }
}

fn count(text: &str, version: Version) -> Estimate<MilliTokens> {
    let tokens = if text.is_empty() { 0 } else { batchwise_tokenizer::count(text, version) };
    Estimate::exactly(MilliTokens::tokens(tokens))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_whole_tokens() {
        for (text, old, new) in [("", 0, 0), ("hello, world", 3, 4), ("語", 2, 1)] {
            for (family, tokens) in [(Family::PreClaude47, old), (Family::Claude47, new)] {
                let count = Claude.count(text, TextRole::Prose, family);
                assert_eq!(count, Estimate::exactly(MilliTokens::tokens(tokens)), "{text}");
            }
        }
    }
}
