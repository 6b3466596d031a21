use std::cmp::Reverse;

use batchwise_findings::Rule;
use batchwise_records::{FieldPath, Flaw, Where};
use batchwise_units::{Tokens, grouped};

use crate::model_names::ModelNames;
use crate::{Glob, Setting};

/// The highest `max_tokens` that requests may have, by model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenCaps {
    /// The one that says most about a model comes before the others; of equal ones, the lowest.
    caps: Vec<Cap>,
}

/// The highest `max_tokens` of some models.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cap {
    /// Of these.
    pub models: Glob,
    /// The most.
    pub max: Setting<Tokens>,
}

impl TokenCaps {
    /// Of several caps that match a model, the one whose pattern has the most characters beside `*` counts; of equal
    /// ones, the lowest.
    pub fn new(mut caps: Vec<Cap>) -> TokenCaps {
        caps.sort_by(|a, b| a.rank().cmp(&b.rank()));
        TokenCaps { caps }
    }

    /// All caps, the most specific first.
    pub fn caps(&self) -> &[Cap] {
        &self.caps
    }

    /// The cap of a model.
    pub(crate) fn of(&self, names: ModelNames<'_>) -> Option<&Cap> {
        self.caps.iter().find(|cap| names.match_glob(&cap.models))
    }

    /// What is wrong with that `max_tokens`.
    pub(crate) fn inspect(&self, names: ModelNames<'_>, max_tokens: u64) -> Option<Flaw> {
        let cap = self.of(names).filter(|cap| max_tokens > cap.max.value.0)?;
        let (asked, most) = (grouped(max_tokens), grouped(cap.max.value.0));
        Some(Flaw {
            rule: Rule::PolicyMaxTokens,
            at: Where::Value(FieldPath::keys(&["params", "max_tokens"])),
            message: format!("`max_tokens` is {asked}, above the {most} that `{}` may have", cap.models),
            help: Some(format!("use at most {most}, or raise it in `[max_tokens]` of the policy")),
        })
    }
}

impl Cap {
    fn rank(&self) -> (Reverse<usize>, Tokens, &Glob) {
        (Reverse(self.models.specificity()), self.max.value, &self.models)
    }
}
