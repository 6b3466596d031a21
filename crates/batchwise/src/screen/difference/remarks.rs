use batchwise_diff::{AssumptionChange, Compared, Difference, Side, Unlike};
use batchwise_units::{Usd, group};

use super::cells::signed;
use super::sheet::{TOLD_MAX, more_of};
use super::words::{Line, name, own, value};
use batchwise_units::dollars;

/// What it comes to. The bound is what budgets are held to, and always known where there is a price.
pub(super) fn sentence(difference: &Difference, places: u32) -> String {
    let bound = &difference.cost.batch_bound;
    let amount = |usd: Usd| dollars(usd.rounded_up(places), places);
    match (bound.base.map(amount), bound.head.map(amount), bound.change) {
        (Some(_), Some(head), Some(change)) if change == Usd::ZERO => {
            format!("As batches up to {head}, as before.")
        }
        (Some(base), Some(head), Some(change)) => {
            let percent = bound.percent.as_ref().map(|percent| format!(", {} %", signed(percent)));
            let change = signed(&dollars(change, places));
            format!("As batches up to {head} instead of {base}: {change}{}.", percent.unwrap_or_default())
        }
        (base, head, _) => {
            let known = |amount: Option<String>| amount.unwrap_or("an unknown amount".to_owned());
            let why = bound.unlike.map(|unlike| format!(" ({})", reason(unlike))).unwrap_or_default();
            format!("As batches up to {}, before up to {}: not compared{why}.", known(head), known(base))
        }
    }
}

fn reason(unlike: Unlike) -> &'static str {
    match unlike {
        Unlike::OneUnknown => "one is unknown",
        Unlike::Unpriced => "other requests lack a price",
        Unlike::Tokenizer => "counted otherwise",
        Unlike::Cache => "cache assumed otherwise",
        Unlike::Digits => "too many digits",
    }
}

/// What to know before the numbers are believed.
pub(super) fn cautions(difference: &Difference) -> Vec<Line> {
    let mut cautions = Vec::new();
    let pair = |compared: &Compared<i128>| {
        let count = |side: Option<i128>| side.map_or(String::new(), |count| group(&count.to_string()));
        format!("{} before, {} now", count(compared.base), count(compared.head))
    };
    let either = |compared: &Compared<i128>| compared.base.max(compared.head) > Some(0);
    let (base, head) = (&difference.base, &difference.head);
    if difference.tokens.input.high.unlike == Some(Unlike::Tokenizer) {
        let method = |side: &Option<String>| name(side.as_deref().unwrap_or("another method"));
        cautions.push(vec![
            own("not compared: input tokens were counted by "),
            method(&base.tokenizer),
            own(" before and are by "),
            method(&head.tokenizer),
            own(" now, so neither they nor costs are alike"),
        ]);
    }
    if difference.cost.batch_cached.high.unlike == Some(Unlike::Cache) {
        let text =
            "not compared: the ends of batch with caching, because another thing is assumed about the cache";
        cautions.push(vec![own(text)]);
    }
    if either(&difference.unpriced_requests) {
        let text =
            format!("costs leave out requests without a price: {}", pair(&difference.unpriced_requests));
        cautions.push(vec![own(text)]);
    }
    if either(&difference.left_out_lines) {
        let text = format!("lines in no batch and in no number: {}", pair(&difference.left_out_lines));
        cautions.push(vec![own(text)]);
    }
    if either(&difference.unbounded_requests) {
        let count = pair(&difference.unbounded_requests);
        let text = format!("requests for which no high end is a bound: {count}");
        cautions.push(vec![own(text)]);
    }
    cautions
}

/// What changed that is no number.
pub(super) fn changes(difference: &Difference) -> Vec<Line> {
    let (base, head) = (&difference.base, &difference.head);
    let step = |what: &str, before: &str, after: &str| {
        vec![own(format!("{what}: ")), name(before), own(" -> "), name(after)]
    };
    let mut changes = Vec::new();
    if base.verdict != head.verdict {
        changes.push(vec![own(format!("verdict: {} -> {}", base.verdict, head.verdict))]);
    }
    if base.priced_on != head.priced_on {
        changes.push(step("priced on", &base.priced_on, &head.priced_on));
    }
    if base.price_book != head.price_book {
        let book = |side: &Side| {
            let hash: String = side.price_book.sha256.chars().take(8).collect();
            format!("{}, sha256 {hash}…", side.price_book.version)
        };
        changes.push(step("price book", &book(base), &book(head)));
    }
    if base.limits.usd_max != head.limits.usd_max {
        let budget = |usd: Option<Usd>| usd.map_or("none".to_owned(), |usd| format!("${usd}"));
        let (before, after) = (budget(base.limits.usd_max), budget(head.limits.usd_max));
        changes.push(vec![own(format!("budget of a batch: {before} -> {after}"))]);
    }
    let content = if base.has_content_of(head) { "the same content" } else { "other content" };
    changes.push(vec![own(format!("inputs: {content}"))]);
    // The day and the book have told about the prices.
    let prices_told = base.priced_on != head.priced_on || base.price_book != head.price_book;
    let told = difference.assumptions.iter().filter(|change| !(prices_told && change.key == "prices"));
    let told: Vec<&AssumptionChange> = told.collect();
    changes.extend(told.iter().take(TOLD_MAX).map(|change| assumption(change)));
    let more = told.len().checked_sub(TOLD_MAX + 1);
    changes.extend(more.map(|more| vec![own(more_of(more + 1, "assumptions"))]));
    changes
}

fn assumption(change: &AssumptionChange) -> Line {
    let values = |values: &[String]| match values {
        [] => own("nothing"),
        values => value(&values.join("; ")),
    };
    vec![name(&change.key), own(": "), values(&change.base), own(" -> "), values(&change.head)]
}
