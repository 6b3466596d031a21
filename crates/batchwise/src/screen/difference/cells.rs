use batchwise_diff::{Compared, Difference, Quantity, RangeCompared, Unlike};
use batchwise_units::{Usd, group};

use super::words::{Line, own};
use batchwise_units::places;

/// What a row is about, and its cells: base, head, change, and the change in percent.
pub(super) type Row = (Line, [String; 4]);

/// One row for each end; one for all where the ends are the same; none where there is nothing in either plan.
pub(super) fn range_rows<Q: Quantity>(
    label: &str,
    range: &RangeCompared<Q>,
    show: impl Fn(Q) -> String,
) -> Vec<Row> {
    let nothing = |compared: &Compared<Q>| {
        [compared.base, compared.head].into_iter().flatten().all(|side| side == Q::default())
    };
    let exact = range.likely == range.low && range.likely == range.high;
    let ends = [("low", &range.low), ("likely", &range.likely), ("high", &range.high)];
    let row = |label: String, compared: &Compared<Q>| (vec![own(label)], cells(compared, &show));
    match () {
        () if range.ends().into_iter().all(nothing) => Vec::new(),
        () if exact => vec![row(label.to_owned(), &range.high)],
        () => {
            let known = ends.into_iter().filter(|(_, end)| end.base.is_some() || end.head.is_some());
            known.map(|(end, compared)| row(format!("{label}, {end}"), compared)).collect()
        }
    }
}

/// Base, head, change, and the change in percent.
pub(super) fn cells<Q: Quantity>(compared: &Compared<Q>, show: impl Fn(Q) -> String) -> [String; 4] {
    let side = |value: Option<Q>| value.map_or("unknown".to_owned(), &show);
    let change = match (compared.change, compared.unlike) {
        (Some(change), _) if change == Q::default() => "=".to_owned(),
        (Some(change), _) => signed(&show(change)),
        (None, Some(Unlike::OneUnknown)) | (None, None) => "-".to_owned(),
        (None, Some(_)) => "not compared".to_owned(),
    };
    let moved = compared.change.is_some_and(|change| change != Q::default());
    let percent = match &compared.percent {
        _ if !moved => String::new(),
        Some(percent) => signed(percent),
        None if compared.base == Some(Q::default()) => "new".to_owned(),
        None => String::new(),
    };
    [side(compared.base), side(compared.head), change, percent]
}

/// A count, perhaps negative, with commas.
pub(super) fn whole(count: i128) -> String {
    let digits = group(&count.unsigned_abs().to_string());
    if count < 0 { format!("-{digits}") } else { digits }
}

/// With a plus where there is no minus.
pub(super) fn signed(number: &str) -> String {
    if number.starts_with('-') { number.to_owned() } else { format!("+{number}") }
}

/// How many decimals all amounts have.
pub(super) fn places_of(difference: &Difference) -> u32 {
    let costs = difference.models.iter().map(|model| &model.cost).chain([&difference.cost]);
    let compared = costs.flat_map(|cost| {
        cost.scenarios().into_iter().flat_map(|range| range.ends()).chain([&cost.batch_bound])
    });
    let amounts = compared.flat_map(|compared| [compared.base, compared.head, compared.change]).flatten();
    places(amounts.filter_map(|usd| if usd < Usd::ZERO { Usd::ZERO.checked_sub(usd) } else { Some(usd) }))
}
