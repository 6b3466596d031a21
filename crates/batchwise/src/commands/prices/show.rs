use std::collections::BTreeMap;

use batchwise_pricing::{Era, Model, Prices, TokenKind};
use batchwise_units::{Rate, Tokens};
use jiff::civil::Date;
use serde::{Serialize, Serializer};

use super::{list::by_kind, print};
use crate::args::BookArgs;
use crate::error::CliError;
use crate::exit::Exit;
use crate::screen::{Table, WIDTH, harmless};
use crate::settings;

/// All that is known about a model.
#[derive(Serialize)]
struct Shown<'m> {
    schema: &'static str,
    price_book: String,
    model: &'m str,
    #[serde(serialize_with = "as_object")]
    facts: Vec<(&'static str, String)>,
    sources: &'m [String],
    notes: &'m [String],
    eras: Vec<ShownEra<'m>>,
}

fn as_object<S: Serializer>(facts: &[(&'static str, String)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(facts.iter().map(|(fact, value)| (fact, value)))
}

/// Prices from a day on.
#[derive(Serialize)]
struct ShownEra<'m> {
    from: String,
    to: Option<String>,
    source: &'m str,
    checked: Option<String>,
    derived: &'m [String],
    notes: &'m [String],
    prices: Vec<ShownPrices>,
}

/// One row of prices of an era.
#[derive(Serialize)]
struct ShownPrices {
    prompt_tokens_over: Option<Tokens>,
    standard: BTreeMap<&'static str, Rate>,
    batch: BTreeMap<&'static str, Rate>,
}

/// `batchwise prices show`: with `--as-of` the era of that day, else all of them.
pub(super) fn run(id: &str, args: &BookArgs, today: Date) -> Result<Exit, CliError> {
    let book = settings::book(args.pricing.as_deref())?;
    let model = book.find(id)?;
    let eras: Vec<&Era> = match args.as_of {
        Some(day) => vec![model.on(day)?],
        None => model.eras().iter().collect(),
    };
    let shown = Shown {
        schema: "batchwise.prices-show/1",
        price_book: book.version_label(),
        model: &model.id,
        facts: facts(model, args.as_of.unwrap_or(today)),
        sources: &model.sources,
        notes: &model.notes,
        eras: eras.into_iter().map(show_era).collect(),
    };
    print(args.format, || draw(&shown), &shown)?;
    Ok(Exit::Fine)
}

fn show_era(era: &Era) -> ShownEra<'_> {
    let row = |over, prices: &Prices| ShownPrices {
        prompt_tokens_over: over,
        standard: by_kind(&prices.standard),
        batch: by_kind(&prices.batch),
    };
    let tiers = era.tiers.iter().map(|tier| row(Some(tier.prompt_over), &tier.prices));
    ShownEra {
        from: era.from.to_string(),
        to: era.to.map(|day| day.to_string()),
        source: &era.source,
        checked: era.checked.map(|day| day.to_string()),
        derived: &era.derived,
        notes: &era.notes,
        prices: std::iter::once(row(None, &era.base)).chain(tiers).collect(),
    }
}

/// What is not known is not listed.
fn facts(model: &Model, day: Date) -> Vec<(&'static str, String)> {
    let status = if model.is_retired_on(day) { "retired" } else { model.status.name() };
    let date = |day: Option<Date>| day.map(|day| day.to_string());
    let tokens = |tokens: Option<Tokens>| tokens.map(|tokens| tokens.to_string());
    let list = |names: &[String]| (!names.is_empty()).then(|| names.join(", "));
    let facts = [
        ("name", Some(model.name.clone())),
        ("aliases", list(&model.aliases)),
        ("status", Some(status.to_owned())),
        ("released", Some(model.released.to_string())),
        ("deprecated_on", date(model.deprecated_on)),
        ("retires_on", date(model.retires_on)),
        ("retires_not_before", date(model.retires_not_before)),
        ("replacement", model.replacement.clone()),
        ("still_on", list(&model.still_on)),
        ("context_window", Some(model.context_window.to_string())),
        ("max_output", Some(model.max_output.to_string())),
        ("max_output_batch_beta", tokens(model.max_output_batch_beta)),
        ("batch_supported", Some(model.batch_supported.to_string())),
        ("inference_geo", Some(model.inference_geo.to_string())),
        ("min_cacheable_tokens", tokens(model.min_cacheable)),
        ("tokenizer", Some(model.tokenizer.to_string())),
        ("image_tier", Some(model.image_tier.to_string())),
        ("tool_prompt_tokens_auto_none", tokens(model.tool_prompt_auto_none)),
        ("tool_prompt_tokens_any_tool", tokens(model.tool_prompt_any_tool)),
        ("forced_tool_choice", Some(model.forced_tool_choice.to_string())),
        ("thinking", model.thinking.clone()),
        ("unconfirmed", list(&model.unconfirmed)),
    ];
    facts.into_iter().filter_map(|(fact, value)| value.map(|value| (fact, value))).collect()
}

fn draw(shown: &Shown<'_>) -> String {
    let mut table = Table::new(2);
    for (fact, value) in &shown.facts {
        table.row([fact.to_string(), value.clone()]);
    }
    let mut text = format!("{} in price book {}\n\n{}", shown.model, shown.price_book, table.draw(2));
    for note in shown.notes {
        text.push_str(&item(note));
    }
    for era in &shown.eras {
        text.push_str(&draw_era(era));
    }
    text.push_str("\nSources\n");
    shown.sources.iter().for_each(|source| text.push_str(&item(source)));
    text
}

fn draw_era(era: &ShownEra<'_>) -> String {
    let to = era.to.as_deref().map(|day| format!(" to {day}")).unwrap_or_default();
    let mut text = format!("\nFrom {}{to}, USD per million tokens\n", era.from);
    let mut table = Table::new(1);
    table.row(std::iter::once("").chain(TokenKind::ALL.map(TokenKind::name)));
    for prices in &era.prices {
        let over = prices.prompt_tokens_over.map(|over| format!(", prompts over {over}")).unwrap_or_default();
        for (mode, rates) in [("standard", &prices.standard), ("batch", &prices.batch)] {
            let cells = TokenKind::ALL.iter().map(|kind| rates[kind.name()].to_string());
            table.row(std::iter::once(format!("{mode}{over}")).chain(cells));
        }
    }
    text.push_str(&table.draw(2));
    let checked = era.checked.as_deref().map(|day| format!(", read {day}")).unwrap_or_default();
    text.push_str(&item(&format!("{}{checked}", era.source)));
    if !era.derived.is_empty() {
        text.push_str(&item(&format!("derived by a documented multiplier: {}", era.derived.join(", "))));
    }
    era.notes.iter().for_each(|note| text.push_str(&item(note)));
    text
}

fn item(text: &str) -> String {
    let options = textwrap::Options::new(WIDTH)
        .initial_indent("  - ")
        .subsequent_indent("    ")
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    textwrap::fill(&harmless(text), options) + "\n"
}
