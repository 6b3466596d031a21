use batchwise_diff::{
    AssumptionChange, Compared, CostCompared, Difference, ModelChange, ModelState, RangeCompared, RuleChange,
    Unlike,
};
use batchwise_units::{Usd, group, grouped};

use batchwise_units::{dollars, places};

/// How many models, rules and assumptions are told; the JSON has all.
const TOLD_MAX: usize = 20;

/// How many characters of a name and of a value are told.
const NAME_MAX: usize = 48;
const VALUE_MAX: usize = 200;

/// What is told about a difference, before it is drawn.
pub(super) struct Sheet {
    /// Which files are compared.
    pub(super) names: Line,
    /// What it comes to, in one sentence.
    pub(super) sentence: Line,
    /// What to know before the numbers are believed.
    pub(super) cautions: Vec<Line>,
    pub(super) tables: Vec<SheetTable>,
    /// What else changed.
    pub(super) changes: Vec<Line>,
    /// Whether there is nothing but the sentence.
    pub(super) same: bool,
}

/// A table of five columns: what, base, head, change, and the change in percent or another word about it.
pub(super) struct SheetTable {
    pub(super) title: &'static str,
    pub(super) last_column: &'static str,
    pub(super) rows: Vec<(Line, [String; 4])>,
    /// How many rows there are beyond those told.
    pub(super) more: Option<String>,
}

/// A text of our words and of theirs.
pub(super) type Line = Vec<Piece>;

/// A part of a text.
pub(super) enum Piece {
    /// Our words and numbers.
    Own(String),
    /// What stands in a file, or is the name of one: to be made harmless.
    Foreign(String),
}

impl Sheet {
    pub(super) fn of(difference: &Difference, [base, head]: &[String; 2]) -> Sheet {
        let places = places_of(difference);
        let names = vec![name(base), own(" -> "), name(head)];
        let sentence = match difference.same {
            true => vec![
                own("no difference: "),
                name(base),
                own(" and "),
                name(head),
                own(" plan the same requests at the same cost"),
            ],
            false => vec![own(sentence(difference, places))],
        };
        let tables = vec![
            counts(difference),
            costs(difference, places),
            models(&difference.models, places),
            rules(&difference.findings.rules),
        ];
        Sheet {
            names,
            sentence,
            cautions: cautions(difference),
            tables: tables.into_iter().filter(|table| !table.rows.is_empty()).collect(),
            changes: changes(difference),
            same: difference.same,
        }
    }
}

pub(super) fn own(text: impl Into<String>) -> Piece {
    Piece::Own(text.into())
}

fn name(text: &str) -> Piece {
    Piece::Foreign(shortened(text, NAME_MAX))
}

fn shortened(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The bound is what budgets are held to, and always known where there is a price.
fn sentence(difference: &Difference, places: u32) -> String {
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

fn cautions(difference: &Difference) -> Vec<Line> {
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

fn model_rows(model: &ModelChange, places: u32) -> Vec<(Line, [String; 4])> {
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

fn changes(difference: &Difference) -> Vec<Line> {
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
        let book = |side: &batchwise_diff::Side| {
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
        values => Piece::Foreign(shortened(&values.join("; "), VALUE_MAX)),
    };
    vec![name(&change.key), own(": "), values(&change.base), own(" -> "), values(&change.head)]
}

fn more_of(count: usize, what: &str) -> String {
    format!("… and {} more {what}; --format json lists all", grouped(count as u64))
}

fn table(title: &'static str, rows: Vec<(Line, [String; 4])>) -> SheetTable {
    SheetTable { title, last_column: "%", rows, more: None }
}

/// One row for each end; one for all where the ends are the same; none where there is nothing in either plan.
fn range_rows<Q: Shown>(
    label: &str,
    range: &RangeCompared<Q>,
    show: impl Fn(Q) -> String,
) -> Vec<(Line, [String; 4])> {
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
fn cells<Q: Shown>(compared: &Compared<Q>, show: impl Fn(Q) -> String) -> [String; 4] {
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

/// What cells can show.
trait Shown: batchwise_diff::Quantity {}
impl<Q: batchwise_diff::Quantity> Shown for Q {}

fn whole(count: i128) -> String {
    let digits = group(&count.unsigned_abs().to_string());
    if count < 0 { format!("-{digits}") } else { digits }
}

/// With a plus where there is no minus.
fn signed(number: &str) -> String {
    if number.starts_with('-') { number.to_owned() } else { format!("+{number}") }
}

/// How many decimals all amounts have.
fn places_of(difference: &Difference) -> u32 {
    let costs = difference.models.iter().take(TOLD_MAX).map(|model| &model.cost).chain([&difference.cost]);
    let compared = costs.flat_map(|cost| {
        cost.scenarios().into_iter().flat_map(|range| range.ends()).chain([&cost.batch_bound])
    });
    let amounts = compared.flat_map(|compared| [compared.base, compared.head, compared.change]).flatten();
    places(amounts.filter_map(|usd| if usd < Usd::ZERO { Usd::ZERO.checked_sub(usd) } else { Some(usd) }))
}
