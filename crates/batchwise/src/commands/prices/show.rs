use batchwise_pricing::{Era, Model, TokenKind};
use batchwise_units::Tokens;
use jiff::civil::Date;
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::{ShownPrices, print, warn_if_stale};
use crate::args::BookArgs;
use crate::error::CliError;
use crate::exit::Exit;
use crate::screen::{Table, filled, harmless, width, wrapped};
use crate::settings;

/// All that is known about a model.
#[derive(Serialize)]
struct Shown<'m> {
    schema: &'static str,
    price_book: String,
    model: &'m str,
    #[serde(serialize_with = "as_object")]
    facts: Vec<Fact>,
    sources: &'m [String],
    notes: &'m [String],
    eras: Vec<ShownEra<'m>>,
}

/// The key of a fact, as in the price files, and its value; null where that is not known.
type Fact = (&'static str, Value);

fn as_object<S: Serializer>(facts: &[Fact], serializer: S) -> Result<S::Ok, S::Error> {
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

/// `batchwise prices show`: with `--as-of` the era of that day, else all of them.
pub(super) fn run(id: &str, args: &BookArgs, today: Date) -> Result<Exit, CliError> {
    let book = settings::book(args.pricing.as_deref())?;
    let model = book.find(id)?;
    let day = args.as_of.unwrap_or(today);
    let eras: Vec<&Era> = match args.as_of {
        Some(day) => vec![model.on(day)?],
        None => model.eras().iter().collect(),
    };
    warn_if_stale(&book, day);
    let shown = Shown {
        schema: "batchwise.prices-show/1",
        price_book: book.version_label(),
        model: &model.id,
        facts: facts(model, day),
        sources: &model.sources,
        notes: &model.notes,
        eras: eras.into_iter().map(show_era).collect(),
    };
    print(args.format, || draw(&shown), &shown)?;
    Ok(Exit::Fine)
}

fn show_era(era: &Era) -> ShownEra<'_> {
    ShownEra {
        from: era.from.to_string(),
        to: era.to.map(|day| day.to_string()),
        source: &era.source,
        checked: era.checked.map(|day| day.to_string()),
        derived: &era.derived,
        notes: &era.notes,
        prices: ShownPrices::of(era),
    }
}

fn facts(model: &Model, day: Date) -> Vec<Fact> {
    let status = if model.is_retired_on(day) { "retired" } else { model.status.name() };
    let date = |day: Option<Date>| Value::from(day.map(|day| day.to_string()));
    let tokens = |tokens: Option<Tokens>| Value::from(tokens.map(|tokens| tokens.0));
    vec![
        ("name", model.name.as_str().into()),
        ("aliases", model.aliases.as_slice().into()),
        ("status", status.into()),
        ("released", date(Some(model.released))),
        ("deprecated_on", date(model.deprecated_on)),
        ("retires_on", date(model.retires_on)),
        ("retires_not_before", date(model.retires_not_before)),
        ("replacement", model.replacement.as_deref().into()),
        ("still_on", model.still_on.as_slice().into()),
        ("context_window", tokens(Some(model.context_window))),
        ("max_output", tokens(Some(model.max_output))),
        ("max_output_batch_beta", tokens(model.max_output_batch_beta)),
        ("batch_supported", model.batch_supported.into()),
        ("inference_geo", model.inference_geo.into()),
        ("min_cacheable_tokens", tokens(model.min_cacheable)),
        ("tokenizer", model.tokenizer.name().into()),
        ("image_tier", model.image_tier.name().into()),
        ("tool_prompt_tokens_auto_none", tokens(model.tool_prompt_auto_none)),
        ("tool_prompt_tokens_any_tool", tokens(model.tool_prompt_any_tool)),
        ("forced_tool_choice", model.forced_tool_choice.into()),
        ("thinking_optional", model.thinking_optional.into()),
        ("sampling_parameters", model.sampling_parameters.into()),
        ("thinking", model.thinking.as_deref().into()),
        ("unconfirmed", model.unconfirmed.as_slice().into()),
    ]
}

/// A fact for people; nothing where there is nothing to say.
fn in_words(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(harmless(text)),
        Value::Array(items) if items.is_empty() => None,
        Value::Array(items) => Some(items.iter().filter_map(in_words).collect::<Vec<_>>().join(", ")),
        other => Some(other.to_string()),
    }
}

fn draw(shown: &Shown<'_>) -> String {
    let title = wrapped(&harmless(&format!("{} in price book {}", shown.model, shown.price_book)), "");
    let mut text = format!("{title}\n{}", draw_facts(&shown.facts));
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

/// One line for each fact; of a long one, the further lines stand below its beginning.
fn draw_facts(facts: &[Fact]) -> String {
    let known = || facts.iter().filter_map(|(fact, value)| Some((fact, in_words(value)?)));
    let widest = known().map(|(fact, _)| fact.len()).max().unwrap_or(0);
    let rest = " ".repeat(widest + 4);
    let line =
        |(fact, value): (&&str, String)| filled(&value, width(), &format!("  {fact:widest$}  "), &rest);
    known().map(line).collect()
}

fn draw_era(era: &ShownEra<'_>) -> String {
    let to = era.to.as_deref().map(|day| format!(" to {day}")).unwrap_or_default();
    let mut text = format!("\nFrom {}{to}, USD per million tokens\n", era.from);
    let mut table = Table::new(1);
    table.row(std::iter::once("").chain(TokenKind::ALL.map(|kind| heads(kind)[0])));
    table.row(std::iter::once("").chain(TokenKind::ALL.map(|kind| heads(kind)[1])));
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

/// What stands above the prices of a kind, in two lines.
fn heads(kind: TokenKind) -> [&'static str; 2] {
    match kind {
        TokenKind::Input => ["", "input"],
        TokenKind::CacheWrite5m => ["cache", "write 5m"],
        TokenKind::CacheWrite1h => ["cache", "write 1h"],
        TokenKind::CacheRead => ["cache", "read"],
        TokenKind::Output => ["", "output"],
    }
}

fn item(text: &str) -> String {
    filled(&harmless(text), width(), "  - ", "    ")
}
