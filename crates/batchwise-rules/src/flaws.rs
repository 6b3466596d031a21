use batchwise_findings::Rule;
use batchwise_records::{Flaw, Where};

/// How many flaws of one request are told one by one. The first of each rule is told in any case.
const TOLD_MAX: usize = 20;

/// What is said about a request so far: the first flaws, and how many more there are.
///
/// The first flaw of every rule is always kept, so that no number of notes hides an error, whatever severities a
/// policy gives the rules.
#[derive(Default)]
pub(crate) struct Flaws {
    told: Vec<Flaw>,
    more: u64,
    /// The rule of the worst flaw that is only counted.
    worst: Option<Rule>,
}

/// One flaw before its rule is added.
pub(crate) struct Remark {
    pub(crate) at: Where,
    pub(crate) message: String,
    pub(crate) help: String,
}

impl Flaws {
    /// Adds a flaw. `remark` is made only if it will be told.
    pub(crate) fn push(&mut self, rule: Rule, remark: impl FnOnce() -> Remark) {
        if self.told.len() < TOLD_MAX || self.told.iter().all(|flaw| flaw.rule != rule) {
            let Remark { at, message, help } = remark();
            self.told.push(Flaw { rule, at, message, help: Some(help) });
        } else {
            self.more += 1;
            let worse = |worst: Rule| (rule.severity(), worst) > (worst.severity(), rule);
            if self.worst.is_none_or(worse) {
                self.worst = Some(rule);
            }
        }
    }

    /// The flaws in the order of [`Rule::ALL`], those of one rule in the order of the request. The last counts those
    /// that are not told.
    pub(crate) fn into_vec(mut self) -> Vec<Flaw> {
        self.told.sort_by_key(|flaw| flaw.rule);
        if let Some(rule) = self.worst {
            let message = match self.more {
                1 => "this request has 1 more flaw".to_owned(),
                more => format!("this request has {more} more flaws"),
            };
            self.told.push(Flaw { rule, at: Where::Line, message, help: None });
        }
        self.told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(rules: &[(Rule, u64)]) -> Vec<(Rule, String)> {
        let mut flaws = Flaws::default();
        for &(rule, times) in rules {
            for number in 0..times {
                let remark = || Remark { at: Where::Line, message: number.to_string(), help: String::new() };
                flaws.push(rule, remark);
            }
        }
        flaws.into_vec().into_iter().map(|flaw| (flaw.rule, flaw.message)).collect()
    }

    #[test]
    fn few_flaws_are_told_in_the_order_of_the_rules() {
        let expected = [(Rule::Stream, "0"), (Rule::UrlMedia, "0"), (Rule::UrlMedia, "1")];
        let expected = expected.map(|(rule, message)| (rule, message.to_owned()));
        assert_eq!(told(&[(Rule::UrlMedia, 2), (Rule::Stream, 1)]), expected);
        assert_eq!(told(&[]), []);
    }

    #[test]
    fn many_notes_hide_no_error() {
        let all = told(&[(Rule::UrlMedia, 1_000_000), (Rule::EmptyMessage, 5), (Rule::ImageTooLarge, 1)]);
        assert_eq!(all.len(), 23);
        assert!(all.iter().any(|(rule, _)| *rule == Rule::ImageTooLarge));
        let last = all.last().unwrap();
        assert_eq!(last, &(Rule::EmptyMessage, "this request has 999984 more flaws".to_owned()));
    }

    #[test]
    fn the_rest_counts_as_the_worst_in_it() {
        let all = told(&[(Rule::UrlMedia, 21), (Rule::ToolPairing, 2), (Rule::ImageTooLarge, 2)]);
        assert_eq!(all.last().unwrap(), &(Rule::ImageTooLarge, "this request has 3 more flaws".to_owned()));
    }
}
