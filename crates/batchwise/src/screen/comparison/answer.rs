use batchwise_plan::Quote;
use batchwise_units::{Usd, requests};

use super::names::Names;
use super::remarks::told;
use crate::comparison::{Comparison, End, Row, common_end};
use crate::screen::answer::range;
use crate::screen::{self, grouped, harmless};

/// What people ask first: how much, how sure, how much saved, and what is the least.
pub(super) fn answer(comparison: &Comparison, names: &Names) -> Vec<String> {
    let mut lines = vec![headline(comparison, names)];
    lines.extend(match comparison.rows[0].quote {
        Some(quote) => vec![as_it_is(&comparison.rows[0], quote)],
        None => unknown(comparison),
    });
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

/// Why not one request has a price, and the way out.
fn unknown(comparison: &Comparison) -> Vec<String> {
    let [why, help] = match (comparison.requests, comparison.left_out_lines) {
        (0, 0) => [
            "no cost, as there is no request".to_owned(),
            "write one request per line, `{\"custom_id\": …, \"params\": {…}}`".to_owned(),
        ],
        (0, _) => [
            "no cost, as every line is left out".to_owned(),
            "`batchwise check` tells what is wrong with each of them".to_owned(),
        ],
        (count, _) => [
            format!(
                "the cost is unknown, as not one of {} has a price: {}",
                requests(count),
                told(&comparison.unpriced)
            ),
            "--what-if model=NAME or all-models tells what models with a price would cost, --pricing PATH gives these a \
             price, and `batchwise prices list` names those that have one"
                .to_owned(),
        ],
    };
    vec![format!("As it is: {why}"), format!("To go on: {help}")]
}

fn as_it_is(row: &Row, quote: Quote) -> String {
    let without = match row.unpriced_requests {
        0 => String::new(),
        count => format!("; {} without a price not included", requests(count)),
    };
    format!("As it is: {}{without}{}", screen::answer::answer(&quote), unbounded(row))
}

/// What the high end of a row does not hold.
fn unbounded(row: &Row) -> String {
    match row.unbounded_requests {
        0 => String::new(),
        1 => "; 1 request has no upper bound".to_owned(),
        count => format!("; {} have no upper bound", requests(count)),
    }
}

/// The cheapest variant that has a price for each request and that the API takes, if that is cheaper: by the likely costs
/// where all are known, else by the high ends. Where nothing has a price as it is, the cheapest of the variants.
fn least(comparison: &Comparison, names: &Names) -> Option<String> {
    let rows = comparison.rows.iter().zip(&names.rows);
    let fit = rows.filter(|(row, _)| row.status == "ok");
    if comparison.rows[0].quote.is_none() {
        let priced: Vec<_> =
            fit.filter_map(|(row, name)| Some((row.quote?.batch_cached, name, row))).collect();
        let end = End::of_all(priced.iter().map(|(cost, ..)| *cost))?;
        let by = if end == End::Likely || priced.len() == 1 { "" } else { ", by the high ends" };
        let (least, name, row) = priced.into_iter().min_by_key(|(cost, ..)| end.of(*cost))?;
        return Some(format!(
            "The least of what has a price{by}: {name}, {}{}",
            range(least),
            unbounded(row)
        ));
    }
    let fit: Vec<_> = fit.filter_map(|(row, name)| Some((row.change.as_ref()?, row.quote?, name))).collect();
    let end = common_end(fit.iter().map(|(change, ..)| *change))?;
    let (change, quote, name) = fit.into_iter().min_by_key(|(change, ..)| change.at(end))?;
    let percent = change.percent(end).filter(|_| change.at(end) < Some(Usd::ZERO))?;
    let less = percent.trim_start_matches('-');
    Some(format!("The least: {name}, {}, {less} % less{}", range(quote.batch_cached), end.in_words()))
}
