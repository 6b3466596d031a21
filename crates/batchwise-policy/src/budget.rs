use batchwise_findings::{Finding, Rule};
use batchwise_plan::{Batch, Plan, Quote};
use batchwise_planner::Inspected;
use batchwise_records::{Flaw, Where};
use batchwise_units::{Estimate, Usd, grouped};

use crate::{Origin, Setting};

/// How much may be spent. What cannot be known is not within a budget.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Budget {
    /// The most that all requests together may cost.
    pub total: Option<Setting<Usd>>,
    /// The most that each batch may cost.
    pub per_batch: Option<Setting<Usd>>,
    /// The most that each request may cost.
    pub per_request: Option<Setting<Usd>>,
    /// Which number is held to it; `high` unless it is said.
    pub on: Option<Setting<Basis>>,
    /// How the requests are sent; `batch_cached` unless it is said.
    pub scenario: Option<Setting<Scenario>>,
}

/// Which number is held to a budget.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Basis {
    /// The most probable one.
    Likely,
    /// As batches, the most they can cost whatever the cache does (`batch_bound`). One by one, the high end of the
    /// range, in which errors of counting cancel where requests are added up.
    #[default]
    High,
}

/// How requests are sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scenario {
    /// One by one, without caching.
    Standard,
    /// As batches, their breakpoints ignored.
    Batch,
    /// As batches, with their breakpoints.
    #[default]
    BatchCached,
}

impl Basis {
    pub(crate) const ALL: [Basis; 2] = [Basis::Likely, Basis::High];

    /// How it is written.
    pub fn name(self) -> &'static str {
        match self {
            Basis::Likely => "likely",
            Basis::High => "high",
        }
    }
}

impl Scenario {
    pub(crate) const ALL: [Scenario; 3] = [Scenario::Standard, Scenario::Batch, Scenario::BatchCached];

    /// How it is written, in a policy as in a plan.
    pub fn name(self) -> &'static str {
        match self {
            Scenario::Standard => "standard",
            Scenario::Batch => "batch",
            Scenario::BatchCached => "batch_cached",
        }
    }

    /// As it follows an amount. That requests are sent as batches goes without saying.
    fn words(self) -> &'static str {
        match self {
            Scenario::Standard => " sent one by one",
            Scenario::Batch => " without caching",
            Scenario::BatchCached => "",
        }
    }

    fn range(self, quote: &Quote) -> Estimate<Usd> {
        match self {
            Scenario::Standard => quote.standard,
            Scenario::Batch => quote.batch,
            Scenario::BatchCached => quote.batch_cached,
        }
    }
}

/// What some requests cost, and how many of them have no number.
struct Bill<'q> {
    requests: u64,
    unpriced: u64,
    unbounded: u64,
    quote: Option<&'q Quote>,
}

/// Why nobody can say what something costs.
enum Unknown {
    Unpriced,
    Unbounded,
    NoLikely,
}

impl Budget {
    /// What of the plan as a whole is over the budget, or unknown.
    pub(crate) fn judge(&self, plan: &Plan, file: &str) -> Vec<Finding> {
        let total = self.total.as_ref().and_then(|max| self.judge_total(plan, max, file));
        let batches = self.per_batch.as_ref().map(|max| self.judge_batches(plan, max, file));
        total.into_iter().chain(batches.into_iter().flatten()).collect()
    }

    /// Whether one request is over the budget, or unknown.
    pub(crate) fn inspect(&self, inspected: &Inspected<'_>) -> Option<Flaw> {
        let max = self.per_request.as_ref()?.value;
        let quote = inspected.price.quote();
        let bill = Bill {
            requests: 1,
            unpriced: u64::from(quote.is_none()),
            unbounded: u64::from(!inspected.input.bounded),
            quote: quote.as_ref(),
        };
        let (message, help) = match self.amount(&bill) {
            Ok(amount) if amount <= max => return None,
            Ok(amount) => {
                let help = "lower its `max_tokens`, shorten its prompt, or raise `per_request` in the policy";
                (format!("the request {}, above the ${max} that one may", self.costs(amount)), help)
            }
            Err(unknown) => {
                let why = self.why(&unknown, &bill, "the request");
                (format!("{why}, so nobody can hold it to ${max}"), unknown.way_out())
            }
        };
        let (rule, help) = (Rule::PolicyRequestBudget, Some(help.to_owned()));
        Some(Flaw { rule, at: Where::Line, message, help })
    }

    fn judge_total(&self, plan: &Plan, max: &Setting<Usd>, file: &str) -> Option<Finding> {
        let bill = Bill {
            requests: plan.requests,
            unpriced: plan.unpriced_requests,
            unbounded: plan.unbounded_requests,
            quote: plan.quote.as_ref(),
        };
        let usd = max.value;
        let (message, help) = match self.amount(&bill) {
            Ok(amount) if amount <= usd => return None,
            Ok(amount) => {
                let help = "send fewer requests, lower `max_tokens`, take a cheaper model, or raise `total` in the policy";
                (format!("the workload {}, above the ${usd} that it may", self.costs(amount)), help)
            }
            Err(unknown) => {
                let why = self.why(&unknown, &bill, "the workload");
                (format!("{why}, so nobody can hold it to ${usd}"), unknown.way_out())
            }
        };
        Some(finding(Rule::PolicyBudget, message, help, &max.origin, file))
    }

    /// One finding about all batches that are too dear, and one about all of which that is not known.
    fn judge_batches(&self, plan: &Plan, max: &Setting<Usd>, file: &str) -> Vec<Finding> {
        let mut dear: Vec<(&Batch, Usd)> = Vec::new();
        let mut unknown: Vec<(&Batch, Unknown)> = Vec::new();
        for batch in &plan.batches {
            match self.amount(&Bill::of(batch)) {
                Ok(amount) if amount <= max.value => (),
                Ok(amount) => dear.push((batch, amount)),
                Err(why) => unknown.push((batch, why)),
            }
        }
        let of_all = |count: usize| match count {
            1 => String::new(),
            _ => format!(" (the same of {count} of {} batches, this is the first)", plan.batches.len()),
        };
        let told = |message, help| finding(Rule::PolicyBatchBudget, message, help, &max.origin, file);
        let usd = max.value;
        let too_dear = dear.first().map(|(batch, amount)| {
            let costs = self.costs(*amount);
            let message = format!("{} {costs}, above the ${usd} that one may", name(batch));
            told(
                message + &of_all(dear.len()),
                "cut smaller batches with --max-usd or --max-requests, or raise `per_batch` in the policy",
            )
        });
        let not_known = unknown.first().map(|(batch, why)| {
            let reason = self.why(why, &Bill::of(batch), &name(batch));
            let message = format!("{reason}, so nobody can hold it to ${usd}");
            told(message + &of_all(unknown.len()), why.way_out())
        });
        too_dear.into_iter().chain(not_known).collect()
    }

    /// The number that is held to the budget.
    fn amount(&self, bill: &Bill<'_>) -> Result<Usd, Unknown> {
        let quote = bill.quote.filter(|_| bill.unpriced == 0).ok_or(Unknown::Unpriced)?;
        if bill.unbounded > 0 {
            return Err(Unknown::Unbounded);
        }
        match (self.basis(), self.way()) {
            (Basis::Likely, scenario) => scenario.range(quote).likely().ok_or(Unknown::NoLikely),
            (Basis::High, Scenario::Standard) => Ok(quote.standard.high()),
            (Basis::High, Scenario::Batch | Scenario::BatchCached) => Ok(quote.batch_bound),
        }
    }

    fn costs(&self, amount: Usd) -> String {
        match (self.basis(), self.way()) {
            (Basis::Likely, scenario) => format!("will probably cost ${amount}{}", scenario.words()),
            (Basis::High, Scenario::Standard) => {
                format!("may cost ${amount} sent one by one, at the high end of its range")
            }
            (Basis::High, _) => format!("may cost up to ${amount}, whatever the cache does"),
        }
    }

    fn why(&self, unknown: &Unknown, bill: &Bill<'_>, subject: &str) -> String {
        let of_them =
            |count: u64| format!("{} of {} requests of {subject}", grouped(count), grouped(bill.requests));
        match unknown {
            Unknown::Unpriced if bill.requests == 1 => format!("{subject} has no price"),
            Unknown::Unpriced => format!("{} have no price", of_them(bill.unpriced)),
            Unknown::Unbounded if bill.requests == 1 => {
                format!("{subject} may get input that nobody can know")
            }
            Unknown::Unbounded => format!("{} may get input that nobody can know", of_them(bill.unbounded)),
            Unknown::NoLikely => format!("{subject} has no likely cost{}", self.way().words()),
        }
    }

    pub(crate) fn basis(&self) -> Basis {
        self.on.as_ref().map_or_else(Basis::default, |on| on.value)
    }

    pub(crate) fn way(&self) -> Scenario {
        self.scenario.as_ref().map_or_else(Scenario::default, |scenario| scenario.value)
    }
}

impl Bill<'_> {
    fn of(batch: &Batch) -> Bill<'_> {
        Bill {
            requests: batch.requests,
            unpriced: batch.unpriced_requests,
            unbounded: batch.unbounded_requests,
            quote: batch.quote.as_ref(),
        }
    }
}

impl Unknown {
    fn way_out(&self) -> &'static str {
        match self {
            Unknown::Unpriced => "give its requests a price with --pricing",
            Unknown::Unbounded => {
                "keep requests with tools or state on the server in files of their own, under another policy, and remove \
                 parameters that are not known here"
            }
            Unknown::NoLikely => {
                "say how long replies will be with --output-tokens and what the cache does with --cache, or hold the \
                 budget to on = \"high\""
            }
        }
    }
}

/// Batches go by their number in the plan file, counted from 0, everywhere.
fn name(batch: &Batch) -> String {
    format!("batch {}", batch.index)
}

fn finding(rule: Rule, message: String, help: &str, origin: &Origin, file: &str) -> Finding {
    Finding::new(rule, message).with_help(help).see(origin.reference(file, "this budget"))
}
