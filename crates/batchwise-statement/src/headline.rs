//! The one sentence that says how much, how sure and how much saved, and what must be known beside it.

use batchwise_units::{amount, grouped, percentage, requests};

use crate::cells::from_to;
use crate::{Basis, Scenario, ScenarioRow, Statement};

/// The headline, and its caveats. `shared_inputs` are the names of inputs that several plans hold.
pub(crate) fn headline(statement: &Statement, shared_inputs: Vec<String>) -> (String, Vec<String>) {
    let row = statement.scenarios.iter().find(|row| row.scenario == Scenario::BatchCached);
    let headline = match row {
        None if statement.requests > 0 => {
            format!("Nobody knows what it costs: not one of {} has a price.", requests(statement.requests))
        }
        None if statement.left_out_lines > 0 => "Nothing is sent, as every line is left out.".to_owned(),
        None => "There is no request that could cost anything.".to_owned(),
        Some(row) => priced(statement, row),
    };
    (headline, caveats(statement, shared_inputs))
}

fn priced(statement: &Statement, row: &ScenarioRow) -> String {
    let range = from_to(&row.cost, statement.places);
    let stated = amount(row.cost.rounded, row.cost.stated, statement.places);
    let what = format!("for {} as batches", requests(statement.requests - statement.unpriced_requests));
    let much = match row.basis.is_empty() {
        true => format!("{stated} likely ({range}) {what}"),
        false => format!("{range} {what}; {stated} with {}", sentences(&row.basis)),
    };
    format!("{much}: {}.", saved(row, statement.places))
}

fn saved(row: &ScenarioRow, places: u32) -> String {
    let Some(saved) = &row.saved else { return String::new() };
    let percent = saved.percent.as_deref().map(|percent| percentage(percent, saved.stated));
    let percent =
        percent.map(|percent| format!(" ({} %)", percent.trim_start_matches('-'))).unwrap_or_default();
    let amount = saved.amount(places);
    match amount.strip_prefix('-') {
        Some(more) => format!("{more}{percent} more than one by one"),
        None => format!("{amount}{percent} less than one by one"),
    }
}

/// What all bases say, as one phrase.
pub(crate) fn sentences(basis: &[Basis]) -> String {
    basis.iter().map(|basis| basis.sentence()).collect::<Vec<_>>().join(", and ")
}

fn caveats(statement: &Statement, shared_inputs: Vec<String>) -> Vec<String> {
    let has = |count: u64| if count == 1 { "has" } else { "have" };
    let mut caveats = Vec::new();
    if statement.verdict != "ok" {
        caveats.push(format!("Verdict {}: what was found is at the end.", statement.verdict));
    }
    if statement.unpriced_requests > 0 {
        let (count, all) = (statement.unpriced_requests, statement.requests);
        let is = if count == 1 { "is" } else { "are" };
        caveats.push(format!(
            "{} of {} {} no price and {is} in no amount.",
            grouped(count),
            requests(all),
            has(count)
        ));
    }
    if statement.unbounded_requests > 0 {
        let count = statement.unbounded_requests;
        caveats.push(format!(
            "{} {} no upper bound: server-side tools or unknown content may cost more.",
            requests(count),
            has(count)
        ));
    }
    if statement.left_out_lines > 0 {
        let lines = if statement.left_out_lines == 1 { "line is" } else { "lines are" };
        caveats.push(format!("{} {lines} in no batch and in no amount.", grouped(statement.left_out_lines)));
    }
    if let Some(path) = shared_inputs.first() {
        let (more, their) = match shared_inputs.len() {
            1 => (String::new(), "its"),
            count => (format!(" and {} more", grouped(count as u64 - 1)), "their"),
        };
        caveats.push(format!("In several plans: {path}{more}; {their} requests count as often."));
    }
    if statement.plans.len() > 1 && !statement.scenarios.is_empty() {
        caveats.push(
            "Ranges of several plans are added end by end, as if they erred all in one direction.".to_owned(),
        );
    }
    caveats
}
