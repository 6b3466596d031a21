use batchwise_units::Estimate;

use crate::{Family, Generation, MilliTokens, ModelTraits};

/// Turns text into tokens. The only part of an estimate that depends on how texts are counted.
///
/// A counter never panics, takes time linear in the text, and gives equal answers for equal arguments.
pub trait TextCounter: Send + Sync {
    /// What the method is called in a report.
    fn method(&self) -> &'static str;

    /// The tokens of `text` alone, without anything that its place in a request adds.
    fn count(&self, text: &str, role: TextRole, family: Family) -> Estimate<MilliTokens>;

    /// The same for the text with which a message of the user begins, where a model counts that otherwise.
    fn count_first(&self, text: &str, model: &ModelTraits) -> Estimate<MilliTokens> {
        self.count(text, TextRole::Prose, model.family)
    }

    /// A generation that tells how [`count_first`](TextCounter::count_first) counts for `model`: it says the same for all
    /// models of one family of which this is the same.
    fn first_like(&self, model: &ModelTraits) -> Generation {
        match model.family {
            Family::PreClaude47 => Generation::Claude3,
            Family::Claude47 => Generation::Claude48,
        }
    }

    /// What `text` is more than its beginning `shown`.
    fn count_end(&self, text: &str, shown: &str, family: Family) -> Estimate<MilliTokens> {
        let [all, shown] = [text, shown].map(|text| self.count(text, TextRole::Prose, family).likely());
        let end = all.zip(shown).map(|(all, shown)| all.0.saturating_sub(shown.0));
        Estimate::exactly(MilliTokens(end.unwrap_or_default()))
    }

    /// Whether it counts every script as surely as English.
    fn knows_every_script(&self) -> bool {
        false
    }
}

/// Where a text stands in a request. Counters are fitted per role, because the API writes tools and calls
/// out in a form of its own, longer than the JSON we see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TextRole {
    /// What a person or the model wrote: prompts, documents, thinking.
    Prose,
    /// The compact JSON of a tool.
    ToolDefinition,
    /// The compact JSON of the schema that a structured output follows.
    Schema,
    /// The name and the argument values of a call.
    ToolCall,
    /// What a tool returned.
    ToolResult,
}

impl TextRole {
    pub(crate) const COUNT: usize = 5;

    /// The position of the role in a table.
    pub(crate) fn index(self) -> usize {
        self as usize
    }
}
