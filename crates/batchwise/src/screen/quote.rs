use batchwise_plan::{Batch, ModelLine, Plan, Quote, RatesUsed, Saving};
use batchwise_units::{Estimate, Tokens};

use super::number::{dollars, grouped, places};
use super::{Table, WIDTH, harmless};

/// How many batches are listed one by one.
const BATCHES_LISTED: usize = 10;

/// The quote for people: what it costs and saves, by model and batch, on what assumptions, and what is
/// wrong. At most [`WIDTH`] columns wide.
pub(crate) fn quote(plan: &Plan) -> String {
    let sections = [
        headline(plan),
        costs(plan),
        reading_help(plan),
        models(plan),
        batches(plan),
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
    let inputs = match &plan.inputs[..] {
        [input] => harmless(&input.path),
        inputs => format!("{} files", inputs.len()),
    };
    let batches = match plan.batches.len() {
        1 => "1 batch".to_owned(),
        count => format!("{} batches", grouped(count as u64)),
    };
    let mut text = format!("{inputs}: {} in {batches}\n", requests(plan.requests));
    if plan.unpriced_requests > 0 {
        let priced = plan.requests - plan.unpriced_requests;
        text.push_str(&format!(
            "priced {} / unpriced {}: the costs below cover the priced requests only\n",
            grouped(priced),
            grouped(plan.unpriced_requests)
        ));
    }
    if plan.left_out_lines > 0 {
        let lines = if plan.left_out_lines == 1 { "line is" } else { "lines are" };
        text.push_str(&format!(
            "{} {lines} left out of the batches and of all numbers below\n",
            grouped(plan.left_out_lines)
        ));
    }
    text
}

fn costs(plan: &Plan) -> String {
    if plan.requests == plan.unpriced_requests {
        return String::new();
    }
    let quote = &plan.quote;
    let rows = [
        ("standard, one by one", quote.standard, None),
        ("batch", quote.batch, Some(&plan.savings.batch)),
        ("batch with caching", quote.batch_cached, Some(&plan.savings.batch_cached)),
    ];
    let places = places(rows.iter().flat_map(|(_, cost, _)| ends(*cost)).flatten());
    let mut table = Table::new(1);
    table.row(["USD", "low", "likely", "high", "saved", "%"]);
    for (name, cost, saving) in rows {
        let mut cells = vec![name.to_owned()];
        cells.extend(ends(cost).map(|amount| amount.map_or("-".to_owned(), |usd| dollars(usd, places))));
        cells.extend(saving.into_iter().flat_map(|saving| saved(saving, places)));
        table.row(cells);
    }
    table.draw(0)
}

/// The saving at the likely values, or at the high ends where there are none.
fn saved(saving: &Saving, places: u32) -> [String; 2] {
    let (amount, percent) = match saving.likely {
        Some(likely) => (likely, &saving.percent_likely),
        None => (saving.high, &saving.percent_high),
    };
    [dollars(amount, places), percent.clone().unwrap_or("-".to_owned())]
}

fn ends<T: Copy + Ord>(estimate: Estimate<T>) -> [Option<T>; 3] {
    [Some(estimate.low()), estimate.likely(), Some(estimate.high())]
}

fn reading_help(plan: &Plan) -> String {
    let mut lines = vec![
        "low: input at the low end of its range, no reply at all".to_owned(),
        "high: input at the high end of its range, every reply as long as its `max_tokens` (a bound)"
            .to_owned(),
    ];
    match plan.quote.batch.likely() {
        Some(_) => lines.push("likely: the expected input and reply; `saved` compares likely with likely".to_owned()),
        None if plan.tokens.output.likely().is_none() => lines.push(
            "likely: unknown, because no reply length was given (--output-tokens); `saved` compares the high ends"
                .to_owned(),
        ),
        None => lines.push("likely: unknown, because some input has only bounds; `saved` compares the high ends".to_owned()),
    }
    lines.iter().map(|line| wrapped(line, "  ")).collect()
}

fn models(plan: &Plan) -> String {
    let mut text = String::from("Models\n");
    for model in &plan.models {
        text.push_str(&model_block(model));
    }
    if plan.models.is_empty() { String::new() } else { text }
}

fn model_block(model: &ModelLine) -> String {
    let name = harmless(&model.model);
    let alias = model.priced_as.as_ref().filter(|id| **id != model.model);
    let alias = alias.map(|id| format!(" (priced as {id})")).unwrap_or_default();
    let mut text = wrapped(&format!("{name}{alias}: {}", requests(model.requests)), "  ");
    if let Some(reason) = &model.unpriced_because {
        let count = grouped(model.unpriced_requests);
        text.push_str(&wrapped(&format!("unpriced ({count}): {}", harmless(reason)), "    "));
    }
    text.push_str(&wrapped(&format!("input {}", token_range(model.tokens.input)), "    "));
    text.push_str(&wrapped(&format!("output {}", token_range(model.tokens.output)), "    "));
    if model.requests > model.unpriced_requests {
        text.push_str(&wrapped(&batch_cost(&model.quote), "    "));
    }
    text + &rate_table(&model.rates)
}

fn batch_cost(quote: &Quote) -> String {
    let places = places([quote.batch_bound].into_iter());
    format!("at most {} as batches, whatever the cache does", dollars(quote.batch_bound, places))
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
    let checked = if first.checked.is_empty() { String::new() } else { format!(", read {}", first.checked) };
    let origin = format!("since {}{checked}: {}", first.since, harmless(&first.source));
    table.draw(4) + &wrapped(&origin, "      ")
}

fn batches(plan: &Plan) -> String {
    if plan.batches.is_empty() {
        return String::new();
    }
    let shown = || plan.batches.iter().take(BATCHES_LISTED);
    let costs = |batch: &Batch| {
        [Some(batch.quote.batch.low()), batch.quote.batch.likely(), Some(batch.quote.batch_bound)]
    };
    let places = places(shown().flat_map(costs).flatten());
    let mut table = Table::new(0);
    table.row(["batch", "requests", "body bytes", "from line", "low", "likely", "bound"]);
    for batch in shown() {
        let first = &batch.slices[0];
        let file = if plan.inputs.len() > 1 { format!("file {}, ", first.input + 1) } else { String::new() };
        let place = format!("{file}{}", grouped(first.first_line));
        let cells =
            [(batch.index + 1).to_string(), grouped(batch.requests), grouped(batch.body_bytes.0), place];
        let costs = costs(batch).map(|cost| cost.map_or("-".to_owned(), |usd| dollars(usd, places)));
        table.row(cells.into_iter().chain(costs));
    }
    let mut text = format!("Batches\n{}", table.draw(2));
    if plan.batches.len() > BATCHES_LISTED {
        let more = grouped((plan.batches.len() - BATCHES_LISTED) as u64);
        text.push_str(&format!("  … and {more} more; --format json lists all\n"));
    }
    text
}

fn assumptions(plan: &Plan) -> String {
    let lines = plan.assumptions.iter().map(|assumption| {
        let text = format!("{}: {} [{}]", assumption.key, harmless(&assumption.value), assumption.source);
        textwrap::fill(&text, textwrap::Options::new(WIDTH).initial_indent("  ").subsequent_indent("    "))
            + "\n"
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
        "ok" if plan.findings.warning == 0 => "Nothing is wrong with it.\n".to_owned(),
        "ok" => format!("{found}: nothing stands in the way.\n"),
        "refused" => format!("{found}: refused by a limit or budget (exit code 1).\n"),
        _ => format!("{found}: unusable as it is (exit code 2).\n"),
    }
}

fn requests(count: u64) -> String {
    if count == 1 { "1 request".to_owned() } else { format!("{} requests", grouped(count)) }
}

/// Breaks a text into lines of at most [`WIDTH`] columns, never inside a name or an address.
fn wrapped(text: &str, indent: &str) -> String {
    let rest = format!("{indent}  ");
    let options = textwrap::Options::new(WIDTH).initial_indent(indent).subsequent_indent(&rest);
    let options = options.word_splitter(textwrap::WordSplitter::NoHyphenation);
    textwrap::fill(text, options) + "\n"
}
