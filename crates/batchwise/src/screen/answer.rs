use batchwise_plan::Quote;
use batchwise_report::saved;
use batchwise_units::{Estimate, Usd, dollars, places};

/// How much, how sure, and how much saved, in one line.
pub(super) fn answer(quote: &Quote) -> String {
    let how = if quote.batch_cached == quote.batch { "as batches" } else { "as batches with caching" };
    let saved = saved(quote).map(|saved| format!(", {saved}")).unwrap_or_default();
    format!("{} {how}{saved}", range(quote.batch_cached))
}

/// A cost with its range, for a sentence.
pub(super) fn range(cost: Estimate<Usd>) -> String {
    let ends = [Some(cost.low()), cost.likely(), Some(cost.high())];
    let places = places(ends.into_iter().flatten());
    let [low, likely, high] = ends.map(|usd| usd.map(|usd| dollars(usd, places)).unwrap_or_default());
    match cost.likely() {
        Some(_) => format!("{likely} likely ({low} to {high})"),
        None => format!("{low} to {high}"),
    }
}
