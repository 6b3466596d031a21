//! What the batches cost, one by one as far as anybody reads.

use batchwise_units::grouped;

use super::grid::Grid;
use super::sections::section;
use crate::cells::COSTS;
use crate::{BatchRow, Statement};

/// How many batches are listed one by one; the others are one sum.
const BATCHES_LISTED: usize = 50;

pub(super) fn batches(statement: &Statement) -> String {
    let all = &statement.batches;
    if all.is_empty() {
        return String::new();
    }
    let cells = |names: [String; 2], row: &BatchRow| -> Vec<String> {
        let counts = [row.requests, row.unpriced_requests, row.body_bytes.0].map(grouped);
        let costs = row.part().cells(statement.places);
        names.into_iter().chain(counts).chain(costs).chain([row.up_to(statement.places)]).collect()
    };
    let named =
        |name: &str, rows: &[BatchRow]| cells([name.to_owned(), String::new()], &statement.sum_of(rows));
    let (listed, rest) = all.split_at(all.len().min(BATCHES_LISTED));
    let of_one = |row: &BatchRow| cells([(row.plan + 1).to_string(), row.number()], row);
    let mut rows: Vec<Vec<String>> = listed.iter().map(of_one).collect();
    if !rest.is_empty() {
        rows.push(named(&format!("the other {}", grouped(rest.len() as u64)), rest));
    }
    let total = (rows.len() > 1).then(|| named("total", all));
    let first = ["plan", "batch", "requests", "unpriced", "body bytes"];
    let header: Vec<&str> = first.into_iter().chain(COSTS).chain(["up to"]).collect();
    let caption = "Cost by batch, US dollars; low and high are with caching; up to: the most it can cost as a batch, unless it \
                   says more, each rounded up";
    section("by-batch", "By batch", &Grid { caption, header: &header, words: 2, rows, total }.html())
}
