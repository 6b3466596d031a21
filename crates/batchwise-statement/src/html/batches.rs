//! What the batches cost, one by one as far as anybody reads.

use batchwise_units::{Estimate, Usd, dollars, grouped};

use super::grid::Grid;
use super::sections::section;
use crate::cells::{COSTS, amount, rounded};
use crate::{BatchRow, Costs, Scenario, Statement};

/// How many batches are listed one by one; the others are one sum.
const BATCHES_LISTED: usize = 50;

pub(super) fn batches(statement: &Statement) -> String {
    let all = &statement.batches;
    if all.is_empty() {
        return String::new();
    }
    let (listed, rest) = all.split_at(all.len().min(BATCHES_LISTED));
    let of_one = |row: &BatchRow| {
        let names = [(row.plan + 1).to_string(), row.number()];
        cells(names, std::slice::from_ref(row), statement)
    };
    let mut rows: Vec<Vec<String>> = listed.iter().map(of_one).collect();
    let named = |name: &str| [name.to_owned(), String::new()];
    if !rest.is_empty() {
        rows.push(cells(named(&format!("the other {}", grouped(rest.len() as u64))), rest, statement));
    }
    let total = (rows.len() > 1).then(|| cells(named("total"), all, statement));
    let first = ["plan", "batch", "requests", "unpriced", "body bytes"];
    let header: Vec<&str> = first.into_iter().chain(COSTS).chain(["up to"]).collect();
    let caption =
        "Cost by batch, US dollars; low and high are with caching; up to: the most it can cost as a batch";
    section("by-batch", "By batch", &Grid { caption, header: &header, words: 2, rows, total }.html())
}

/// What some batches add up to. Their rounded costs are those of the lines, so that the table foots; the ends of the range of
/// all of them are those of the statement.
fn cells(names: [String; 2], rows: &[BatchRow], statement: &Statement) -> Vec<String> {
    let places = statement.places;
    let sum = |number: fn(&BatchRow) -> u64| grouped(rows.iter().map(number).fold(0, u64::saturating_add));
    let priced: Vec<&Costs> = rows.iter().filter_map(|row| row.costs.as_ref()).collect();
    let unpriced = || "unpriced".to_owned();
    let cost = |scenario: Scenario| match priced[..] {
        [] => unpriced(),
        _ => amount(
            priced.iter().map(|costs| costs.of(scenario).rounded).sum(),
            priced.iter().map(|costs| costs.of(scenario).stated).sum(),
            places,
        ),
    };
    let range = match (&priced[..], statement.costs()) {
        ([], _) => None,
        (_, Some(all)) if rows.len() == statement.batches.len() => Some(all.batch_cached.range),
        (some, _) => Some(some.iter().map(|costs| costs.batch_cached.range).sum::<Estimate<Usd>>()),
    };
    let ends = range.map_or([unpriced(), unpriced()], |range| {
        [range.low(), range.high()].map(|usd| rounded(usd, places))
    });
    let bounds: Vec<Usd> = rows.iter().filter_map(|row| row.bound).collect();
    let bound = match bounds[..] {
        [] => unpriced(),
        _ => dollars(bounds.into_iter().sum::<Usd>().rounded_up(places), places),
    };
    let counts = [sum(|row| row.requests), sum(|row| row.unpriced_requests), sum(|row| row.body_bytes.0)];
    let costs = Scenario::ALL.map(cost).into_iter().chain(ends).chain([bound]);
    names.into_iter().chain(counts).chain(costs).collect()
}
