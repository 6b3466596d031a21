use batchwise_findings::{Finding, Rule};
use batchwise_pricing::PriceBook;
use jiff::civil::Date;

use crate::model_names::ModelNames;
use crate::{Glob, Setting};

/// Findings that a policy excuses, for a reason and up to a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// The rule that need not hold.
    pub rule: Setting<Rule>,
    /// Why.
    pub reason: Setting<String>,
    /// The last day on which it excuses anything.
    pub expires: Setting<Date>,
    /// Only requests for these models.
    pub model: Option<Setting<Glob>>,
    /// Only requests of these names.
    pub custom_id: Option<Setting<Glob>>,
    /// Only in these files.
    pub file: Option<Setting<Glob>>,
}

impl Exception {
    /// Whether it is over on `today`.
    pub fn is_expired_on(&self, today: Date) -> bool {
        today > self.expires.value
    }

    /// Whether it is about that finding. One that is narrowed is about no finding that stands for several requests, or
    /// for none: the others may not be of that name.
    pub fn is_about(&self, finding: &Finding, book: &PriceBook) -> bool {
        if finding.rule != self.rule.value {
            return false;
        }
        let narrowed = self.model.is_some() || self.custom_id.is_some() || self.file.is_some();
        if narrowed && finding.requests != 1 {
            return false;
        }
        let request = finding.request.as_ref();
        let model = |glob: &Setting<Glob>| {
            request.is_some_and(|request| ModelNames::of(&request.model, book).match_glob(&glob.value))
        };
        let custom_id =
            |glob: &Setting<Glob>| request.is_some_and(|request| glob.value.matches(&request.custom_id));
        let file =
            |glob: &Setting<Glob>| finding.at.as_ref().is_some_and(|place| is_file(&glob.value, &place.file));
        self.custom_id.as_ref().is_none_or(custom_id)
            && self.file.as_ref().is_none_or(file)
            && self.model.as_ref().is_none_or(model)
    }
}

/// Whether the file is of that pattern, as the user named it or without a `./` before it.
fn is_file(glob: &Glob, name: &str) -> bool {
    glob.matches(name) || name.strip_prefix("./").is_some_and(|name| glob.matches(name))
}
