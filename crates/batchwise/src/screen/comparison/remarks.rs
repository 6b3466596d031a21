use std::collections::BTreeMap;

use batchwise_findings::{Rule, Severity};
use batchwise_units::requests;

use super::grid::listed as shown_changes;
use super::names::Names;
use crate::comparison::{Comparison, Row, Sensitivity, Unpriced};
use crate::screen::{grouped, harmless};

/// How many rows are named of which the same is said.
const NAMED: usize = 3;

/// What is to be known about the rows beside their numbers: what the API would refuse, what else differs from the workload
/// as it is, and what prices rest on; and what a change takes that only a plan does. What is said of several is said once.
pub(super) fn remarks(comparison: &Comparison, names: &Names) -> Vec<String> {
    let mut said: Vec<(String, Vec<&str>)> = Vec::new();
    for (row, name) in comparison.rows.iter().zip(&names.rows) {
        for text in of_row(row, comparison) {
            match said.iter_mut().find(|(known, _)| *known == text) {
                Some((_, about)) => about.push(name),
                None => said.push((text, vec![name])),
            }
        }
    }
    let rows = said.into_iter().map(|(text, about)| format!("{}: {text}", listed(&about)));
    let takes = |one: &Sensitivity| Some(format!("cache={}: {}", one.what_if.get("cache")?, one.takes?));
    rows.chain(shown_changes(comparison).into_iter().filter_map(takes)).collect()
}

/// What the API would refuse of the workload as it is, where a plan does not look at that, so that the verdict and the exit
/// code do not tell.
pub(super) fn overlooked(comparison: &Comparison) -> Option<String> {
    let is_overlooked = |rule: Rule, _| refuses(rule) && !comparison.findings.rules.contains_key(rule.id());
    let rules = rules(&comparison.rows[0], is_overlooked);
    (!rules.is_empty()).then(|| {
        format!("`batchwise check` refuses that ({rules}); a plan does not look at it, so it changes no exit code here")
    })
}

fn listed(names: &[&str]) -> String {
    let more = match names.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    names[..names.len().min(NAMED)].join("; ") + &more
}

/// The models without a price, each with the number of its requests, and why the first has none.
pub(super) fn told(unpriced: &[Unpriced]) -> String {
    let one = |one: &Unpriced| format!("`{}` {}", harmless(&one.model), grouped(one.requests));
    let models: Vec<String> = unpriced.iter().take(NAMED).map(one).collect();
    let more = match unpriced.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let because = unpriced.first().map(|first| harmless(&first.because)).unwrap_or_default();
    format!("{}{more} ({because})", models.join(", "))
}

fn of_row(row: &Row, comparison: &Comparison) -> Vec<String> {
    let as_is = &comparison.rows[0];
    let mut texts = Vec::new();
    if row.refused_requests > 0 {
        let (many, rules) = (requests(row.refused_requests), rules(row, |rule, _| refuses(rule)));
        texts.push(format!("the API would refuse {many}, counted in the numbers all the same ({rules})"));
    }
    texts.extend(overlooked(comparison).filter(|_| row.what_if.is_empty()));
    if let Some(why) = &row.unpriced_because {
        let many = requests(row.unpriced_requests);
        let why = match row.what_if.is_empty() {
            true => told(&comparison.unpriced),
            false => harmless(why),
        };
        texts.push(format!("no price for {many}, counted in no cost: {why}"));
    }
    if row.unbounded_requests > 0 {
        let has = if row.unbounded_requests == 1 { "has" } else { "have" };
        texts.push(format!(
            "{} {has} no upper bound: server-side tools or unknown content may cost more",
            requests(row.unbounded_requests)
        ));
    }
    let differs = |rule: Rule, count: u64| {
        let before = as_is.rules.get(rule.id()).copied().unwrap_or(0);
        rule.severity() == Severity::Warning && count != before
    };
    let others = rules(row, differs);
    if !others.is_empty() && !row.what_if.is_empty() {
        texts.push(format!("also {others}"));
    }
    texts.extend(row.notes.iter().map(|note| harmless(&note.value)));
    texts
}

/// The rules that are meant, with the number of requests.
fn rules(row: &Row, is_meant: impl Fn(Rule, u64) -> bool) -> String {
    let by_id: BTreeMap<&str, Rule> = Rule::ALL.iter().map(|rule| (rule.id(), *rule)).collect();
    let meant = row.rules.iter().filter(|(id, count)| is_meant(by_id[*id], **count));
    meant.map(|(id, count)| format!("{id} {}", grouped(*count))).collect::<Vec<_>>().join(", ")
}

fn refuses(rule: Rule) -> bool {
    rule.severity() == Severity::Error && rule != Rule::Unpriced
}
