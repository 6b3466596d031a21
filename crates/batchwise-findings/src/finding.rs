use crate::{Place, Rule, Severity};

/// One thing that was noticed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What kind of thing.
    pub rule: Rule,
    /// One sentence with the value in question: lowercase, no full stop.
    pub message: String,
    /// Where, unless it concerns the workload as a whole.
    pub at: Option<Place>,
    /// The way out: lowercase, no full stop.
    pub help: Option<String>,
}

impl Finding {
    /// How much it matters.
    pub fn severity(&self) -> Severity {
        self.rule.severity()
    }
}
