use batchwise_units::{Estimate, Usd, dollars, places, requests};

use super::names::Names;
use crate::comparison::{Comparison, Row, common_end, saved};
use crate::screen::{grouped, harmless};

/// What people ask first: how much, how sure, how much saved, and what is the least.
pub(super) fn answer(comparison: &Comparison, names: &Names) -> Vec<String> {
    let mut lines = vec![headline(comparison, names)];
    lines.extend(as_it_is(&comparison.rows[0]));
    lines.extend(least(comparison, names));
    lines
}

fn headline(comparison: &Comparison, names: &Names) -> String {
    let files: Vec<String> = comparison.inputs.iter().map(|input| harmless(&input.path)).collect();
    let common = names.common.as_ref().map(|common| format!(", all with {common}")).unwrap_or_default();
    let variants = match comparison.rows.len() - 1 {
        0 => "as they are".to_owned(),
        1 => "as they are and 1 variant".to_owned(),
        count => format!("as they are and {} variants{common}", grouped(count as u64)),
    };
    let left_out = match comparison.left_out_lines {
        0 => String::new(),
        1 => "; 1 line is left out of all numbers".to_owned(),
        count => format!("; {} lines are left out of all numbers", grouped(count)),
    };
    format!("{}: {}, {variants}{left_out}", files.join(", "), requests(comparison.requests))
}

fn as_it_is(row: &Row) -> Option<String> {
    let quote = row.quote?;
    let saved = saved(&quote).map(|(percent, end)| match percent.strip_prefix('-') {
        Some(more) => format!(", {more} % more than one by one{}", end.in_words()),
        None => format!(", {percent} % less than one by one{}", end.in_words()),
    });
    let without = match row.unpriced_requests {
        0 => String::new(),
        count => format!("; {} without a price not included", requests(count)),
    };
    let (cost, saved) = (cost(quote.batch_cached), saved.unwrap_or_default());
    Some(format!("As it is: {cost} as batches with caching{saved}{without}"))
}

/// The cheapest variant that has a price for each request and that the API takes, if that is cheaper: by the likely costs
/// where all are known, else by the high ends.
fn least(comparison: &Comparison, names: &Names) -> Option<String> {
    let rows = comparison.rows.iter().zip(&names.rows);
    let fit = rows.filter(|(row, _)| row.status == "ok");
    let fit: Vec<_> = fit.filter_map(|(row, name)| Some((row.change.as_ref()?, row.quote?, name))).collect();
    let end = common_end(fit.iter().map(|(change, ..)| *change));
    let (change, quote, name) = fit.into_iter().min_by_key(|(change, ..)| change.at(end))?;
    let less = change.percent(end).filter(|_| change.at(end) < Some(Usd::ZERO))?.trim_start_matches('-');
    Some(format!("The least: {name}, {}, {less} % less{}", cost(quote.batch_cached), end.in_words()))
}

fn cost(cost: Estimate<Usd>) -> String {
    let ends = [Some(cost.low()), cost.likely(), Some(cost.high())].into_iter().flatten();
    let places = places(ends);
    let shown = |usd| dollars(usd, places);
    match cost.likely() {
        Some(likely) => format!("{} likely ({} to {})", shown(likely), shown(cost.low()), shown(cost.high())),
        None => format!("{} to {}", shown(cost.low()), shown(cost.high())),
    }
}
