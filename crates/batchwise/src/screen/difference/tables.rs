use batchwise_diff::{
    Compared, CostCompared, Difference, ModelChange, ModelState, RangeCompared, RuleChange,
};
use batchwise_units::Usd;

use super::cells::{Row, cells, range_rows, signed, whole};
use super::sheet::{TOLD_MAX, more_of};
use super::words::{name, own};
use batchwise_units::dollars;

/// A table of five columns: what, base, head, change, and the change in percent or another word about it.
pub(super) struct SheetTable {
    pub(super) title: &'static str,
    pub(super) last_column: &'static str,
    pub(super) rows: Vec<Row>,
    /// How many rows there are beyond those told.
    pub(super) more: Option<String>,
}

/// All tables with something in them.
pub(super) fn tables(difference: &Difference, places: u32) -> Vec<SheetTable> {
    let tables = [
        counts(difference),
        costs(difference, places),
        models(&difference.models, places),
        rules(&difference.findings.rules),
    ];
    tables.into_iter().filter(|table| !table.rows.is_empty()).collect()
}

fn counts(difference: &Difference) -> SheetTable {
    let count = |label: &str, compared: &Compared<i128>| (vec![own(label)], cells(compared, whole));
    let mut rows = vec![
        count("requests", &difference.requests),
        count("batches", &difference.batches),
        count("body bytes", &difference.body_bytes),
    ];
    let tokens = &difference.tokens;
    rows.extend(range_rows("input tokens", &tokens.input, whole));
    rows.extend(range_rows("before a cache breakpoint", &tokens.cache_marked, whole));
    rows.extend(range_rows("output tokens", &tokens.output, whole));
    table("", rows)
}

fn costs(difference: &Difference, places: u32) -> SheetTable {
    let amount = |usd: Usd| dollars(usd, places);
    let mut rows: Vec<_> = scenarios(&difference.cost)
        .into_iter()
        .flat_map(|(label, range)| range_rows(label, range, amount))
        .collect();
    let bound = cells(&difference.cost.batch_bound, |usd| dollars(usd.rounded_up(places), places));
    let exact_change = difference.cost.batch_bound.change.filter(|change| *change != Usd::ZERO);
    let change = exact_change.map_or(bound[2].clone(), |change| signed(&amount(change)));
    rows.push((
        vec![own("as batches up to")],
        [bound[0].clone(), bound[1].clone(), change, bound[3].clone()],
    ));
    let saved = [
        ("saved by batches", &difference.savings.batch),
        ("saved with caching", &difference.savings.batch_cached),
    ];
    rows.extend(saved.into_iter().map(|(label, range)| {
        let (end, compared) = best_end(range);
        (vec![own(format!("{label}, {end}"))], cells(compared, amount))
    }));
    table("USD", rows)
}

fn scenarios(cost: &CostCompared) -> [(&'static str, &RangeCompared<Usd>); 3] {
    let [standard, batch, batch_cached] = cost.scenarios();
    [("standard", standard), ("batch", batch), ("batch with caching", batch_cached)]
}

/// The likely values where both are known, else the high ends: never one of each.
fn best_end<Q>(range: &RangeCompared<Q>) -> (&'static str, &Compared<Q>) {
    match (&range.likely.base, &range.likely.head) {
        (Some(_), Some(_)) => ("likely", &range.likely),
        _ => ("high", &range.high),
    }
}

/// The models in which something that is told has changed, the largest change of costs first.
fn models(models: &[ModelChange], places: u32) -> SheetTable {
    let shows =
        |model: &&ModelChange| model_rows(model, places).iter().any(|(_, cells)| cells[0] != cells[1]);
    let mut largest: Vec<&ModelChange> = models.iter().filter(shows).collect();
    let weight = |model: &ModelChange| {
        let size =
            |change: Usd| if change < Usd::ZERO { Usd::ZERO.checked_sub(change) } else { Some(change) };
        model.cost.batch_bound.change.and_then(size)
    };
    // What is not compared may be the largest change of all.
    largest.sort_by_key(|model| std::cmp::Reverse((weight(model).is_none(), weight(model))));
    let rows = largest.iter().take(TOLD_MAX).flat_map(|model| model_rows(model, places)).collect();
    let more = largest.len().checked_sub(TOLD_MAX + 1).map(|more| more_of(more + 1, "models"));
    SheetTable { more, ..table("models", rows) }
}

fn model_rows(model: &ModelChange, places: u32) -> Vec<Row> {
    let state = match model.state {
        ModelState::New => ", new",
        ModelState::Gone => ", gone",
        ModelState::Changed if model.rates_changed => ", at other prices",
        ModelState::Changed => "",
    };
    let label = vec![name(&model.model), own(format!("{state}: requests"))];
    let mut rows = vec![(label, cells(&model.requests, whole))];
    let (end, input) = best_end(&model.tokens.input);
    rows.push((vec![own(format!("  input tokens, {end}"))], cells(input, whole)));
    rows.extend(scenarios(&model.cost).into_iter().map(|(label, range)| {
        let (end, compared) = best_end(range);
        (vec![own(format!("  {label}, {end}"))], cells(compared, |usd| dollars(usd, places)))
    }));
    rows
}

fn rules(rules: &[RuleChange]) -> SheetTable {
    let row = |change: &RuleChange| {
        let [base, head, change_by, _] = cells(&change.findings, whole);
        (vec![name(&change.rule)], [base, head, change_by, change.state.name().to_owned()])
    };
    SheetTable {
        title: "findings",
        last_column: "",
        rows: rules.iter().take(TOLD_MAX).map(row).collect(),
        more: rules.len().checked_sub(TOLD_MAX + 1).map(|more| more_of(more + 1, "rules")),
    }
}

fn table(title: &'static str, rows: Vec<Row>) -> SheetTable {
    SheetTable { title, last_column: "%", rows, more: None }
}
