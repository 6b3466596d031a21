use batchwise_findings::Verdict;
use batchwise_plan::{Batch, Input, ModelLine, Plan, RatesUsed, Saving};
use batchwise_units::{Estimate, Tokens, Usd, dollars, places, requests};

use super::answer::answer;
use super::cache::cache;
use super::grouped;
use super::{Table, harmless, wrapped};

/// How many batches are listed one by one.
const BATCHES_LISTED: usize = 10;

/// The quote for people: what it costs and saves, by model and batch, on what assumptions, and what is
/// wrong. No wider than the screen.
pub(crate) fn quote(plan: &Plan) -> String {
    let places = places_of(plan);
    let sections = [
        headline(plan),
        costs(plan, places),
        cache(plan, places),
        models(plan, places),
        batches(plan, places),
        waves(plan),
        assumptions(plan),
        prices(plan),
        verdict(plan),
    ];
    let mut text = sections.into_iter().filter(|section| !section.is_empty()).collect::<Vec<_>>().join("\n");
    text.push('\n');
    while text.ends_with("\n\n") {
        text.pop();
    }
    text
}

fn headline(plan: &Plan) -> String {
    let batches = match plan.batches.len() {
        1 => "1 batch".to_owned(),
        count => format!("{} batches", grouped(count as u64)),
    };
    let waves = match plan.waves.len() {
        0 | 1 => String::new(),
        count => format!(" of {} waves", grouped(count as u64)),
    };
    let content = format!("{} in {batches}{waves}", requests(plan.requests));
    let mut text = match &plan.inputs[..] {
        [input] => wrapped(&format!("{}: {content}", harmless(&input.path)), ""),
        inputs => {
            let file = |(number, input): (usize, &Input)| {
                wrapped(&format!("{number}: {}, {}", harmless(&input.path), requests(input.requests)), "  ")
            };
            format!("{} files: {content}\n", inputs.len()) + &(1..).zip(inputs).map(file).collect::<String>()
        }
    };
    text.extend(plan.quote.as_ref().map(|quote| wrapped(&answer(quote), "")));
    if plan.unpriced_requests > 0 {
        let priced = grouped(plan.requests - plan.unpriced_requests);
        let unpriced = grouped(plan.unpriced_requests);
        text.push_str(&format!(
            "priced {priced} / unpriced {unpriced}: all costs are those of the priced requests\n"
        ));
    }
    if plan.unbounded_requests > 0 {
        let (count, are) =
            (requests(plan.unbounded_requests), if plan.unbounded_requests == 1 { "has" } else { "have" });
        text.push_str(&format!("{count} {are} no upper bound: server-side tools or unknown content\n"));
    }
    if plan.left_out_lines > 0 {
        let lines = if plan.left_out_lines == 1 { "line is" } else { "lines are" };
        let count = grouped(plan.left_out_lines);
        text.push_str(&format!("{count} {lines} left out of the batches and of all numbers below\n"));
    }
    text
}

/// How many decimals all amounts of the screen have.
fn places_of(plan: &Plan) -> u32 {
    let shown = plan.batches.iter().take(BATCHES_LISTED).filter_map(|batch| batch.quote);
    let quotes =
        plan.quote.into_iter().chain(plan.models.iter().filter_map(|model| model.quote)).chain(shown);
    let amounts = quotes.flat_map(|quote| {
        [quote.standard, quote.batch, quote.batch_cached].map(ends).into_iter().flatten().flatten()
    });
    places(amounts)
}

fn costs(plan: &Plan, places: u32) -> String {
    let Some((quote, savings)) = plan.quote.as_ref().zip(plan.savings.as_ref()) else { return String::new() };
    let rows = [
        ("standard, one by one", quote.standard, None),
        ("batch", quote.batch, Some(&savings.batch)),
        ("batch with caching", quote.batch_cached, Some(&savings.batch_cached)),
    ];
    let all_likely = savings.batch.likely.is_some() && savings.batch_cached.likely.is_some();
    let mut table = Table::new(1);
    table.row([
        "USD",
        "low",
        "likely",
        "high",
        if all_likely { "saved, likely" } else { "saved, high" },
        "%",
    ]);
    for (name, cost, saving) in rows {
        let mut cells = vec![name.to_owned()];
        cells.extend(ends(cost).map(|amount| amount.map_or("-".to_owned(), |usd| dollars(usd, places))));
        cells.extend(saving.into_iter().flat_map(|saving| saved(saving, all_likely, places)));
        table.row(cells);
    }
    table.draw(0) + "\n" + &reading_help(plan)
}

/// The saving at the likely values, or at the high ends: the same for all rows, so that they can be compared.
fn saved(saving: &Saving, likely: bool, places: u32) -> [String; 2] {
    let (amount, percent) = match saving.likely.filter(|_| likely) {
        Some(amount) => (amount, &saving.percent_likely),
        None => (saving.high, &saving.percent_high),
    };
    [dollars(amount, places), percent.clone().unwrap_or("-".to_owned())]
}

fn ends<T: Copy + Ord>(estimate: Estimate<T>) -> [Option<T>; 3] {
    [Some(estimate.low()), estimate.likely(), Some(estimate.high())]
}

fn reading_help(plan: &Plan) -> String {
    let no_reply_length = plan.tokens.output.likely().is_none();
    let no_hit_rate = plan.quote.is_some_and(|quote| quote.batch_cached.likely().is_none());
    let missing = match plan.tokens.input.likely() {
        None => Some("some input has only bounds"),
        Some(_) if no_reply_length => Some("no reply length was given (--output-tokens)"),
        Some(_) if no_hit_rate => Some("with caching, no hit rate was given (--cache)"),
        Some(_) => None,
    };
    let range = if plan.tokens.input.likely().is_some() { "95 % range" } else { "range and bounds" };
    let mut lines = vec![
        format!("low: input at the low end of its {range}, no reply at all"),
        format!("high: input at the high end of its {range}, every reply as long as its `max_tokens`"),
    ];
    lines.extend(missing.map(|why| format!("likely: unknown where it says -, because {why}")));
    lines.iter().map(|line| wrapped(line, "  ")).collect()
}

fn models(plan: &Plan, places: u32) -> String {
    let mut text = String::from("Models\n");
    for model in &plan.models {
        text.push_str(&model_block(model, plan.unbounded_requests > 0, places));
    }
    if plan.models.is_empty() { String::new() } else { text }
}

/// What a model is used for. `unbounded` is whether requests of the plan have no upper bound: which model's is not told.
fn model_block(model: &ModelLine, unbounded: bool, places: u32) -> String {
    let name = harmless(&model.model);
    let alias = model.priced_as.as_ref().filter(|id| **id != model.model);
    let alias = alias.map(|id| format!(" (priced as {id})")).unwrap_or_default();
    let mut text = wrapped(&format!("{name}{alias}: {}", requests(model.requests)), "  ");
    if let Some(reason) = &model.unpriced_because {
        let count = grouped(model.unpriced_requests);
        text.push_str(&wrapped(&format!("unpriced ({count}): {}", harmless(reason)), "    "));
    }
    text.push_str(&wrapped(&format!("input {}", token_range(model.tokens.input)), "    "));
    if model.tokens.cache_marked.high() > Tokens::ZERO {
        let marked =
            format!("of these before a cache breakpoint: {}", token_range(model.tokens.cache_marked));
        text.push_str(&wrapped(&marked, "    "));
    }
    text.push_str(&wrapped(&format!("output {}", token_range(model.tokens.output)), "    "));
    if let Some(quote) = model.quote {
        let most = dollars(quote.batch_bound.rounded_up(places), places);
        let most =
            if model.unpriced_requests > 0 { format!("{most} and more") } else { format!("up to {most}") };
        let but = if unbounded { ", but for requests without an upper bound" } else { "" };
        let note =
            format!("{most} as batches with every input at its high end, whatever the cache does{but}");
        text.push_str(&wrapped(&note, "    "));
    }
    text + &rate_table(&model.rates)
}

fn token_range(range: Estimate<Tokens>) -> String {
    let (low, high) = (grouped(range.low().0), grouped(range.high().0));
    match range.likely() {
        Some(likely) if low == high => format!("{} tokens", grouped(likely.0)),
        Some(likely) => format!("{} tokens likely ({low} to {high})", grouped(likely.0)),
        None => format!("{low} to {high} tokens"),
    }
}

/// The prices as a small table, and where they are from.
fn rate_table(rates: &[RatesUsed]) -> String {
    let Some(first) = rates.first() else { return String::new() };
    let kinds = ["input", "output", "cache_write_5m", "cache_write_1h", "cache_read"];
    let mut table = Table::new(1);
    table.row(["USD per million tokens", "in", "out", "write 5m", "write 1h", "read"]);
    for row in rates {
        for mode in ["standard", "batch"] {
            let tier = row.prompt_tokens_over.map(|over| format!(", prompts over {}", grouped(over.0)));
            let geo = if row.geo == "us" { ", US" } else { "" };
            let name = format!("  {mode}{}{geo}", tier.unwrap_or_default());
            let prices = kinds.map(|kind| row.usd_per_mtok[mode][kind].to_string());
            table.row(std::iter::once(name).chain(prices));
        }
    }
    let checked = first.checked.as_ref().map(|day| format!(", read {day}")).unwrap_or_default();
    let origin = format!("since {}{checked}: {}", first.since, harmless(&first.source));
    table.draw(4) + &wrapped(&origin, "      ")
}

fn batches(plan: &Plan, places: u32) -> String {
    if plan.batches.is_empty() {
        return String::new();
    }
    let mut table = Table::new(0);
    table.row(["batch", "requests", "body bytes", "from line", "uncached low", "likely", "up to"]);
    for batch in plan.batches.iter().take(BATCHES_LISTED) {
        let first = &batch.slices[0];
        let file = if plan.inputs.len() > 1 { format!("file {}, ", first.input + 1) } else { String::new() };
        let place = format!("{file}{}", grouped(first.first_line));
        let cells = [batch.index.to_string(), grouped(batch.requests), grouped(batch.body_bytes.0), place];
        table.row(cells.into_iter().chain(batch_costs(batch, places)));
    }
    let mut text = format!("Batches\n{}", table.draw(2));
    if plan.batches.iter().take(BATCHES_LISTED).any(|batch| batch.quote.is_some() && !is_bounded(batch)) {
        text.push_str(&wrapped("+: and more, as requests in it have no price or no upper bound", "  "));
    }
    if plan.batches.len() > BATCHES_LISTED {
        let more = grouped((plan.batches.len() - BATCHES_LISTED) as u64);
        text.push_str(&format!("  … and {more} more; --format json lists all\n"));
    }
    text
}

/// What each wave waits for, where there are several.
fn waves(plan: &Plan) -> String {
    if plan.waves.len() < 2 {
        return String::new();
    }
    let mut text = "Waves\n".to_owned();
    for wave in plan.waves.iter().take(BATCHES_LISTED) {
        let batches = match wave.batches {
            1 => "1 batch".to_owned(),
            count => format!("{} batches", grouped(count)),
        };
        let line = format!(
            "{}: {batches}, {}; waits for: {}",
            wave.wave,
            requests(wave.requests),
            harmless(&wave.waits_for)
        );
        text.push_str(&wrapped(&line, "  "));
    }
    if plan.waves.len() > BATCHES_LISTED {
        let more = grouped((plan.waves.len() - BATCHES_LISTED) as u64);
        text.push_str(&format!("  … and {more} more; --format json lists all\n"));
    }
    text + &wrapped(
        "A batch that has not ended after 24 hours expires; what is left of it is neither answered nor billed.",
        "  ",
    )
}

fn batch_costs(batch: &Batch, places: u32) -> [String; 3] {
    let Some(quote) = batch.quote else { return ["-", "-", "-"].map(str::to_owned) };
    let shown = |usd: Option<Usd>| usd.map_or("-".to_owned(), |usd| dollars(usd, places));
    let most = shown(Some(quote.batch_bound.rounded_up(places)));
    let most = if is_bounded(batch) { most } else { format!("{most}+") };
    [shown(Some(quote.batch.low())), shown(quote.batch.likely()), most]
}

/// Whether nothing in it can cost more than its bound.
fn is_bounded(batch: &Batch) -> bool {
    batch.unpriced_requests == 0 && batch.unbounded_requests == 0
}

fn assumptions(plan: &Plan) -> String {
    let lines = plan.assumptions.iter().map(|assumption| {
        let text = format!("{}: {} [{}]", assumption.key, assumption.value, assumption.source);
        wrapped(&harmless(&text), "  ")
    });
    format!("Assumptions\n{}", lines.collect::<String>())
}

fn prices(plan: &Plan) -> String {
    let book = &plan.price_book;
    format!("Price book {}, sha256 {}…, prices of {}\n", book.version, &book.sha256[..16], plan.priced_on)
}

fn verdict(plan: &Plan) -> String {
    let count =
        |number: u64, word: &str| format!("{} {word}{}", grouped(number), if number == 1 { "" } else { "s" });
    let found =
        format!("{}, {}", count(plan.findings.error, "error"), count(plan.findings.warning, "warning"));
    match plan.verdict {
        Verdict::Ok if plan.findings.warning == 0 => "No errors, no warnings.\n".to_owned(),
        Verdict::Ok => format!("{found}: nothing stands in the way.\n"),
        Verdict::Refused => format!("{found}: refused by the API, a limit or a budget (exit code 1).\n"),
        Verdict::Unusable => format!("{found}: unusable as it is (exit code 2).\n"),
    }
}
