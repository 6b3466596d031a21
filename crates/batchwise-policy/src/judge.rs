use batchwise_findings::{Finding, Rule, Severity};
use batchwise_pricing::PriceBook;
use jiff::civil::Date;

use crate::{Exception, Policy};

/// What a policy makes of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// It counts, and so much.
    Counts(Severity),
    /// Its rule is switched off.
    Off,
    /// The exception of that index excuses it.
    Excused(usize),
}

/// Decides how much each finding matters, and counts what the exceptions are good for.
#[derive(Clone, Debug)]
pub struct Judge<'p> {
    policy: &'p Policy,
    book: &'p PriceBook,
    today: Date,
    /// How many findings each exception was about, expired or not.
    matched: Vec<u64>,
}

impl Ruling {
    /// The severity, where the finding counts.
    pub fn severity(self) -> Option<Severity> {
        match self {
            Ruling::Counts(severity) => Some(severity),
            Ruling::Off | Ruling::Excused(_) => None,
        }
    }
}

impl<'p> Judge<'p> {
    /// A judge for one run. `book` knows the names of models.
    pub fn new(policy: &'p Policy, today: Date, book: &'p PriceBook) -> Judge<'p> {
        Judge { policy, book, today, matched: vec![0; policy.exceptions.len()] }
    }

    /// What the policy makes of `finding`: first whether its rule is off, then whether an exception excuses it, then how
    /// severe it is.
    pub fn ruling(&mut self, finding: &Finding) -> Ruling {
        let Some(severity) = self.policy.severity(finding.rule, finding.severity()) else {
            return Ruling::Off;
        };
        let mut excused_by = None;
        for (index, exception) in self.policy.exceptions.iter().enumerate() {
            if !exception.is_about(finding, self.book) {
                continue;
            }
            self.matched[index] += 1;
            if !exception.is_expired_on(self.today) {
                excused_by.get_or_insert(index);
            }
        }
        excused_by.map_or(Ruling::Counts(severity), Ruling::Excused)
    }

    /// Each exception, and how many findings it was about; an expired one has excused none of them.
    pub fn exceptions(&self) -> impl Iterator<Item = (&'p Exception, u64)> {
        self.policy.exceptions.iter().zip(self.matched.iter().copied())
    }

    /// The exceptions that are expired, and those that were about nothing, once all findings were seen. Their severity is
    /// for this judge to say as well.
    pub fn leftovers(&self) -> Vec<Finding> {
        self.exceptions().filter_map(|(exception, matched)| self.leftover(exception, matched)).collect()
    }

    fn leftover(&self, exception: &Exception, matched: u64) -> Option<Finding> {
        let (rule, file) = (exception.rule.value, self.policy.name.as_str());
        let reason = &exception.reason.value;
        if exception.is_expired_on(self.today) {
            let expires = &exception.expires;
            let message = format!(
                "the exception from `{rule}` ({reason}) ended on {}; findings it is about: {matched}",
                expires.value
            );
            let finding = Finding::new(Rule::PolicyExceptionExpired, message)
                .with_help("remove it, or decide anew and move its day")
                .see(expires.origin.reference(file, "its last day"));
            return Some(finding);
        }
        (matched == 0).then(|| {
            let message = format!("the exception from `{rule}` ({reason}) excuses nothing");
            Finding::new(Rule::PolicyExceptionUnused, message)
                .with_help("remove it, unless it is for files that were not checked this time")
                .see(exception.rule.origin.reference(file, "this exception"))
        })
    }
}
