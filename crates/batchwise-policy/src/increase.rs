use batchwise_findings::{Finding, Rule};
use batchwise_plan::Plan;
use batchwise_units::Usd;
use rust_decimal::Decimal;
use std::fmt;

use crate::baseline::{Baseline, Obstacle};
use crate::{Basis, Origin, Setting};

/// By how much a workload may cost more than another one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Increase {
    /// By so much at most.
    pub max_usd: Option<Setting<Usd>>,
    /// By so much of the other at most.
    pub max_percent: Option<Setting<Growth>>,
    /// Which number is compared; `high`, `batch_bound` of both, unless it is said.
    pub on: Option<Setting<Basis>>,
    /// What it means that there is no other; `refuse` unless it is said.
    pub without_baseline: Option<Setting<WithoutBaseline>>,
}

/// A percentage of growth, exact, with at most two decimals; may be more than 100 %.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Growth(Decimal);

/// What it means that no baseline was given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WithoutBaseline {
    /// An increase that nobody knows is refused.
    #[default]
    Refuse,
    /// The increase is not judged.
    Skip,
}

/// Two amounts of the same kind.
struct Pair {
    before: Usd,
    now: Usd,
    /// By how much the second is larger; negative where it is smaller.
    more: Usd,
    /// Of which kind.
    kind: &'static str,
}

impl Increase {
    /// Whether the plan costs too much more than `baseline`, or nobody knows by how much.
    pub(crate) fn judge(&self, plan: &Plan, baseline: Option<&Baseline>, file: &str) -> Vec<Finding> {
        let usd = self.max_usd.as_ref().map(|max| &max.origin);
        let Some(origin) = usd.or(self.max_percent.as_ref().map(|max| &max.origin)) else {
            return Vec::new();
        };
        let Some(baseline) = baseline else {
            let help = "give a plan to compare with, with --baseline, or set without_baseline = \"skip\"";
            let message = "there is no plan to compare with, so the increase is not known";
            let refuse = self.missing() == WithoutBaseline::Refuse;
            return refuse.then(|| finding(message.to_owned(), help, origin, file)).into_iter().collect();
        };
        match Pair::between(baseline, &Baseline::of("the workload", plan), self.basis()) {
            Ok(pair) => self.over(&pair, &baseline.name, file),
            Err(Obstacle { why, way_out }) => {
                vec![finding(format!("{why}, so the increase is not known"), way_out, origin, file)]
            }
        }
    }

    fn over(&self, pair: &Pair, name: &str, file: &str) -> Vec<Finding> {
        let Pair { before, now, more, kind } = pair;
        let by = |limit: String| {
            format!(
                "{kind} is ${now}, ${more} more than the ${before} of {name}, above {limit} that it may grow"
            )
        };
        let help = "if it is meant to grow, plan it anew as the baseline or raise the limit in the policy";
        let usd = self.max_usd.as_ref().filter(|max| *more > max.value);
        let usd = usd.map(|max| finding(by(format!("the ${}", max.value)), help, &max.origin, file));
        let percent = self.max_percent.as_ref().filter(|max| max.value.is_exceeded(*before, *more));
        let percent = percent.map(|max| finding(by(format!("the {}", max.value)), help, &max.origin, file));
        usd.into_iter().chain(percent).collect()
    }

    /// Whether the most that the workload can cost is compared.
    pub(crate) fn needs_bounds(&self) -> bool {
        (self.max_usd.is_some() || self.max_percent.is_some()) && self.basis() == Basis::High
    }

    pub(crate) fn basis(&self) -> Basis {
        self.on.as_ref().map_or_else(Basis::default, |on| on.value)
    }

    pub(crate) fn missing(&self) -> WithoutBaseline {
        self.without_baseline.as_ref().map_or_else(WithoutBaseline::default, |choice| choice.value)
    }
}

impl Pair {
    /// The amounts that are compared, where they are alike.
    fn between(before: &Baseline, now: &Baseline, basis: Basis) -> Result<Pair, Obstacle> {
        if let Some(obstacle) = before.obstacle(now, basis) {
            return Err(obstacle);
        }
        let (before, now, kind) = match basis {
            Basis::Likely => (before.likely, now.likely, "the likely cost"),
            Basis::High => (before.bound, now.bound, "the most that the workload can cost"),
        };
        let (before, now) = before.zip(now).expect("what has no obstacle has the amount");
        Ok(Pair { before, now, more: more(before, now)?, kind })
    }
}

impl Growth {
    /// Reads `20%` or `150.5%`, up to 1000000 %.
    pub fn parse(text: &str) -> Option<Growth> {
        let digits = text.strip_suffix('%')?;
        let plain = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let value = Decimal::from_str_exact(digits).ok()?.normalize();
        (plain && value.scale() <= 2 && value <= Decimal::from(1_000_000)).then_some(Growth(value))
    }

    /// Whether `more`, an exact difference to `before`, is more than this share of it. Exact.
    fn is_exceeded(self, before: Usd, more: Usd) -> bool {
        let (before, more) = (before.as_decimal(), more.as_decimal());
        let scale = more.scale().max(before.scale());
        // With the decimals of their difference, amounts have at most 29 digits; a percentage has 9.
        let whole = |amount: Decimal| {
            let places = 10_i128.pow(scale - amount.scale());
            amount.mantissa().checked_mul(places).expect("29 digits fit 39")
        };
        let mut hundredths = self.0;
        hundredths.rescale(2);
        let left = whole(more).checked_mul(10_000).expect("33 digits fit 39");
        let right = whole(before).checked_mul(hundredths.mantissa()).expect("38 digits fit 39");
        left > right
    }
}

impl fmt::Display for Growth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", self.0)
    }
}

impl WithoutBaseline {
    pub(crate) const ALL: [WithoutBaseline; 2] = [WithoutBaseline::Refuse, WithoutBaseline::Skip];

    /// How it is written.
    pub fn name(self) -> &'static str {
        match self {
            WithoutBaseline::Refuse => "refuse",
            WithoutBaseline::Skip => "skip",
        }
    }
}

/// By how much `now` is larger, exactly. A baseline that somebody else wrote may have more digits than fit.
fn more(before: Usd, now: Usd) -> Result<Usd, Obstacle> {
    let (before, now) = (before.as_decimal(), now.as_decimal());
    let scale = before.scale().max(now.scale());
    let more = now.checked_sub(before).filter(|more| more.scale() == scale);
    more.map(Usd::from_decimal).ok_or_else(|| Obstacle {
        why: format!("{now} and {before} differ in too many digits"),
        way_out: "plan the baseline anew",
    })
}

fn finding(message: String, help: &str, origin: &Origin, file: &str) -> Finding {
    Finding::new(Rule::PolicyIncrease, message).with_help(help).see(origin.reference(file, "this limit"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(percent: &str, before: &str, now: &str, exceeded: bool) {
        let usd = |text| Usd::parse(text).unwrap();
        let growth = Growth::parse(percent).unwrap();
        let more = more(usd(before), usd(now)).ok().unwrap();
        assert_eq!(growth.is_exceeded(usd(before), more), exceeded, "{percent} {before} {now}");
    }

    #[test]
    fn growth_is_exact() {
        check("20%", "100", "120", false);
        check("20%", "100", "120.000000000001", true);
        check("33.33%", "3", "3.9999", false);
        check("33.33%", "3", "3.99990001", true);
        check("0%", "5", "5", false);
        check("0%", "5", "4", false);
        check("0%", "5", "5.01", true);
        check("150%", "2", "5", false);
        check("1000000%", "0", "0", false);
        check("1000000%", "0", "0.000000000001", true);
        check("1000000%", "999999999999.999999999999", "999999999999.999999999999", false);
    }

    #[test]
    fn what_would_round_is_no_difference() {
        let tiny = Usd::from_decimal(Decimal::new(1, 28));
        assert!(more(tiny, Usd::parse("999999999999").unwrap()).is_err());
        assert_eq!(more(Usd::ZERO, tiny).ok(), Some(tiny));
    }

    #[test]
    fn percentages_are_read() {
        let read = |text: &str| Growth::parse(text).map(|growth| growth.to_string());
        assert_eq!(read("20%").as_deref(), Some("20%"));
        assert_eq!(read("12.50%").as_deref(), Some("12.5%"));
        for text in ["", "%", "20", "-1%", "1e2%", "1.234%", "1000001%", "NaN%"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
