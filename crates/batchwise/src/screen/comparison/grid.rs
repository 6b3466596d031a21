use batchwise_plan::Quote;
use batchwise_report::{Saved, SavedAt};
use batchwise_units::{Estimate, Tokens, Usd, amount, dollars, places};

use super::names::Names;
use crate::comparison::{Comparison, Effect, End, Row, Sensitivity, common_end};
use crate::screen::{grouped, harmless};

/// A table that can do without some of its columns.
pub(super) struct Grid {
    pub(super) title: String,
    /// What stands above the names of the rows.
    pub(super) head: String,
    pub(super) names: Vec<String>,
    pub(super) columns: Vec<Column>,
    /// Behind each row, in no column.
    pub(super) notes: Vec<String>,
}

/// One column of a [`Grid`].
pub(super) struct Column {
    pub(super) head: String,
    pub(super) cells: Vec<String>,
    /// Those with the highest number are left out first where there is no room; those with 0 never.
    pub(super) spare: u8,
}

/// All tables that say something, in the order in which they are read.
pub(super) fn grids(comparison: &Comparison, names: &Names) -> Vec<Grid> {
    let is_priced = comparison.rows.iter().any(|row| row.quote.is_some());
    let costs = is_priced.then(|| costs(comparison, names));
    let tokens = (comparison.requests > 0).then(|| tokens(comparison, names));
    [costs, services(comparison, names), tokens, effects(comparison)].into_iter().flatten().collect()
}

fn column(head: &str, spare: u8, cells: impl IntoIterator<Item = String>) -> Column {
    Column { head: head.to_owned(), spare, cells: cells.into_iter().collect() }
}

fn says_something(column: &Column) -> bool {
    column.cells.iter().any(|cell| cell != "-")
}

/// What it costs as batches with caching, and how much more than as it is.
fn costs(comparison: &Comparison, names: &Names) -> Grid {
    let rows = &comparison.rows;
    let cached = |row: &Row| row.quote.map(|quote| quote.batch_cached);
    let places = cost_places(comparison);
    let end = |of: fn(Estimate<Usd>) -> Option<Usd>| {
        rows.iter().map(move |row| money(cached(row).and_then(of), places))
    };
    let compared = common_end(rows.iter().filter_map(|row| row.change.as_ref())).map(|at| {
        let (change, percent) = changes(rows.iter().map(|row| row.change.as_ref()), at, places);
        [column(&format!("change, {}", at.name()), 2, change), column("%", 1, percent)]
    });
    Grid {
        title: "As batches with caching, USD".to_owned(),
        head: names.head.clone(),
        names: names.rows.clone(),
        columns: [
            column("low", 0, end(|cost| Some(cost.low()))),
            column("likely", 0, end(|cost| cost.likely())),
            column("high", 0, end(|cost| Some(cost.high()))),
        ]
        .into_iter()
        .chain(compared.into_iter().flatten().filter(says_something))
        .collect(),
        notes: rows.iter().map(status).collect(),
    }
}

/// How many decimals the costs of all rows have as batches with caching.
pub(super) fn cost_places(comparison: &Comparison) -> u32 {
    let quotes = comparison.rows.iter().filter_map(|row| row.quote);
    places(quotes.flat_map(|quote| ends(quote.batch_cached)))
}

/// What is wrong with the numbers of a row, in a few words.
pub(super) fn status(row: &Row) -> String {
    let part = |count: u64, word: &str| (count > 0).then(|| format!("{word} {}", grouped(count)));
    let parts = [
        part(row.refused_requests, "refused"),
        part(row.unpriced_requests, "unpriced"),
        part(row.unbounded_requests, "no upper bound"),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// What it costs as it can be sent: at the likely values where all are known, else at the high ends. Nothing where nothing
/// has a price.
fn services(comparison: &Comparison, names: &Names) -> Option<Grid> {
    let quotes: Vec<Option<Quote>> = comparison.rows.iter().map(|row| row.quote).collect();
    let costs = |quote: Quote| [quote.standard, quote.batch, quote.batch_cached];
    let known = quotes.iter().flatten().flat_map(|quote| costs(*quote));
    let end = End::of_all(known.clone())?;
    let places = places(known.flat_map(ends));
    let of = |service: usize| {
        quotes.iter().map(move |quote| money(quote.and_then(|quote| end.of(costs(quote)[service])), places))
    };
    // A saving that is known at the likely costs is told there, beside whatever else.
    let saved = quotes.iter().map(|quote| match quote.as_ref().and_then(Saved::of) {
        None => "-".to_owned(),
        Some(Saved { percent, at: SavedAt::Likely }) if end == End::High => format!("likely {percent}"),
        Some(Saved { percent, .. }) => percent,
    });
    let most = comparison.rows.iter().map(|row| up_to(row, places));
    Some(Grid {
        title: format!("By service, USD, {}", end.name()),
        head: names.head.clone(),
        names: names.rows.clone(),
        columns: vec![
            column("standard", 0, of(0)),
            column("batch", 0, of(1)),
            column("with caching", 0, of(2)),
            column("saved, %", 1, saved),
            column("up to", 2, most),
        ],
        notes: Vec::new(),
    })
}

/// The most that a row can cost, rounded up. What has no price or no upper bound comes on top of it.
fn up_to(row: &Row, places: u32) -> String {
    let Some(quote) = row.quote else { return "-".to_owned() };
    let bound = dollars(quote.batch_bound.rounded_up(places), places);
    match (row.unpriced_requests, row.unbounded_requests) {
        (0, 0) => bound,
        _ => format!("{bound} and more"),
    }
}

fn tokens(comparison: &Comparison, names: &Names) -> Grid {
    let rows = &comparison.rows;
    let count = |tokens: Option<Tokens>| tokens.map_or_else(|| "-".to_owned(), |tokens| grouped(tokens.0));
    let input =
        |of: fn(Estimate<Tokens>) -> Option<Tokens>| rows.iter().map(move |row| count(of(row.tokens.input)));
    let output =
        |of: fn(Estimate<Tokens>) -> Option<Tokens>| rows.iter().map(move |row| count(of(row.tokens.output)));
    Grid {
        title: "Tokens".to_owned(),
        head: names.head.clone(),
        names: names.rows.clone(),
        columns: vec![
            column("input, low", 2, input(|tokens| Some(tokens.low()))),
            column("input, likely", 0, input(|tokens| tokens.likely())),
            column("input, high", 1, input(|tokens| Some(tokens.high()))),
            column("output, likely", 0, output(|tokens| tokens.likely())),
            column("at most", 0, output(|tokens| Some(tokens.high()))),
        ],
        notes: Vec::new(),
    }
}

/// What moves the total most; nothing where nothing can be said.
fn effects(comparison: &Comparison) -> Option<Grid> {
    let end = comparison.sensitivities_at?;
    let listed = listed(comparison);
    let effects = || listed.iter().map(|sensitivity| sensitivity.effect.as_ref());
    let sizes = effects().flatten().flat_map(|effect| [Some(effect.high), effect.likely]).flatten();
    let places = places(sizes.map(|usd| usd.max(Usd::ZERO - usd)));
    let (likely, percent_likely) = changes(effects(), End::Likely, places);
    let (high, percent_high) = changes(effects(), End::High, places);
    Some(Grid {
        title: format!("What moves the total most{}, USD", end.in_words()),
        head: "one change, all else as it is".to_owned(),
        names: listed.iter().map(|sensitivity| harmless(&sensitivity.change)).collect(),
        columns: [
            column("instead of", 1, listed.iter().map(|sensitivity| harmless(&sensitivity.instead_of))),
            column("likely", 0, likely),
            column("%", 0, percent_likely),
            column("high", 0, high),
            column("%", 2, percent_high),
        ]
        .into_iter()
        .filter(says_something)
        .collect(),
        notes: listed.iter().map(|sensitivity| note(sensitivity, end)).collect(),
    })
}

/// The changes that are shown.
pub(super) fn listed(comparison: &Comparison) -> Vec<&Sensitivity> {
    match comparison.sensitivities_at {
        Some(end) => extremes(&comparison.sensitivities, end),
        None => Vec::new(),
    }
}

/// What is wrong with the numbers of a change, and where the end at which changes are compared does not move.
fn note(sensitivity: &Sensitivity, end: End) -> String {
    let refused = sensitivity.refused_requests;
    let refused = (refused > 0).then(|| format!("refused {}", grouped(refused)));
    let unmoved = sensitivity.effect.as_ref().is_some_and(|effect| {
        end == End::High && effect.high == Usd::ZERO && !sensitivity.what_if.is_empty()
    });
    let unmoved = unmoved.then(|| "same high end".to_owned());
    refused.into_iter().chain(unmoved).collect::<Vec<_>>().join(", ")
}

/// Of the changes of one condition, which come in the order of their size, the one that makes the workload dearest and the
/// one that makes it cheapest, at the end at which all are compared.
fn extremes(all: &[Sensitivity], end: End) -> Vec<&Sensitivity> {
    let moved = |one: &Sensitivity| one.effect.as_ref().map(|effect| effect.order(end));
    let is_extreme = |one: &&Sensitivity| {
        let same =
            || all.iter().filter(|other| other.what_if.keys().eq(one.what_if.keys())).filter_map(moved);
        let most = same().max() == moved(one) || same().min() == moved(one);
        let is_first = all
            .iter()
            .find(|other| other.what_if.keys().eq(one.what_if.keys()) && moved(other) == moved(one));
        most && is_first.is_some_and(|first| std::ptr::eq(first, *one))
    };
    all.iter().filter(is_extreme).collect()
}

/// Differences and their percentages, with a sign.
fn changes<'e>(
    effects: impl Iterator<Item = Option<&'e Effect>> + Clone,
    end: End,
    places: u32,
) -> (Vec<String>, Vec<String>) {
    let moved = |effect: &Effect| effect.at(end);
    let signed = |usd: Usd| plus(usd > Usd::ZERO, money(Some(usd), places));
    let or_nothing = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    let amounts = effects.clone().map(|effect| or_nothing(effect.and_then(moved).map(signed)));
    let shares = effects.map(|effect| {
        let rises = effect.and_then(moved).is_some_and(|usd| usd > Usd::ZERO);
        or_nothing(effect.and_then(|effect| effect.percent(end)).map(|share| plus(rises, share)))
    });
    (amounts.collect(), shares.collect())
}

fn plus(rises: bool, text: String) -> String {
    if rises { format!("+{text}") } else { text }
}

fn money(usd: Option<Usd>, places: u32) -> String {
    usd.map_or_else(|| "-".to_owned(), |usd| amount(usd.rounded_to(places), usd, places))
}

fn ends(cost: Estimate<Usd>) -> impl Iterator<Item = Usd> {
    [Some(cost.low()), cost.likely(), Some(cost.high())].into_iter().flatten()
}
