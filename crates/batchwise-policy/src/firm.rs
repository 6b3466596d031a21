use batchwise_findings::{Rule, Verdict};

/// Whether a finding of that rule stands whatever a policy says, because the request could not be read or priced, or is
/// in no batch: a run that ignored it would be right about other requests than those in the file.
pub fn is_firm(rule: Rule) -> bool {
    let left_out = matches!(
        rule,
        Rule::CustomIdPattern
            | Rule::CustomIdLength
            | Rule::DuplicateCustomId
            | Rule::RequestTooLarge
            | Rule::RequestOverBudget
    );
    left_out || rule.verdict() == Verdict::Unusable
}

/// Why, for whoever wanted to have it otherwise.
pub(crate) const WHY_FIRM: &str = "it tells of what could not be read or priced or is in no batch, so that no number covers it: correct the \
     request files instead";
