//! What the batches cost, one by one as far as anybody reads.

use batchwise_units::{Usd, dollars, grouped};

use super::grid::Grid;
use super::sections::section;
use crate::grid::amount;
use crate::{BatchRow, Costs, Scenario, Statement};

/// How many batches are listed one by one; the others are one sum.
const BATCHES_LISTED: usize = 50;

pub(super) fn batches(statement: &Statement) -> String {
    if statement.batches.is_empty() {
        return String::new();
    }
    let several_plans = statement.plans.len() > 1;
    let (listed, rest) = statement.batches.split_at(statement.batches.len().min(BATCHES_LISTED));
    let label = |row: &BatchRow| {
        let number = row.batch.map_or("all".to_owned(), |index| grouped(u64::from(index) + 1));
        if several_plans { format!("{}.{number}", row.plan + 1) } else { number }
    };
    let mut rows: Vec<Vec<String>> =
        listed.iter().map(|row| batch_cells(label(row), std::slice::from_ref(row), statement)).collect();
    if !rest.is_empty() {
        rows.push(batch_cells(format!("the other {}", grouped(rest.len() as u64)), rest, statement));
    }
    let total = (rows.len() > 1).then(|| batch_cells("total".to_owned(), &statement.batches, statement));
    let label = if several_plans { "plan.batch" } else { "batch" };
    let header = [label, "requests", "unpriced", "body bytes", "standard", "batch", "with caching", "up to"];
    let caption = "Cost by batch, US dollars; up to: the most it can cost as a batch";
    section("by-batch", "By batch", &Grid { caption, header: &header, words: 1, rows, total }.html())
}

/// What some batches add up to. Their rounded costs are those of the lines, so that the table foots.
fn batch_cells(label: String, rows: &[BatchRow], statement: &Statement) -> Vec<String> {
    let places = statement.places;
    let sum = |number: fn(&BatchRow) -> u64| grouped(rows.iter().map(number).fold(0, u64::saturating_add));
    let priced: Vec<&Costs> = rows.iter().filter_map(|row| row.costs.as_ref()).collect();
    let cost = |scenario: Scenario| match priced[..] {
        [] => "unpriced".to_owned(),
        _ => amount(
            priced.iter().map(|costs| costs.of(scenario).rounded).sum(),
            priced.iter().map(|costs| costs.of(scenario).stated).sum(),
            places,
        ),
    };
    let bounds: Vec<Usd> = rows.iter().filter_map(|row| row.bound).collect();
    let bound = match bounds[..] {
        [] => "unpriced".to_owned(),
        _ => dollars(bounds.into_iter().sum::<Usd>().rounded_up(places), places),
    };
    let counts = [sum(|row| row.requests), sum(|row| row.unpriced_requests), sum(|row| row.body_bytes.0)];
    [label].into_iter().chain(counts).chain(Scenario::ALL.map(cost)).chain([bound]).collect()
}
