use std::path::Path;

use batchwise_pricing::{Change, diff};
use batchwise_units::Tokens;
use serde::Serialize;

use super::{ShownPrices, named_book, print};
use crate::args::ShowFormat;
use crate::error::CliError;
use crate::exit::Exit;
use crate::screen::{folded, harmless};

/// What differs between two books.
#[derive(Serialize)]
struct Report {
    schema: &'static str,
    a: String,
    b: String,
    changes: Vec<ShownChange>,
}

/// One difference. What does not apply to its kind is null.
#[derive(Default, Serialize)]
struct ShownChange {
    kind: &'static str,
    model: Option<String>,
    fact: Option<String>,
    from: Option<String>,
    prompt_tokens_over: Option<Tokens>,
    mode: Option<&'static str>,
    token_kind: Option<&'static str>,
    old: Option<String>,
    new: Option<String>,
    prices: Option<Vec<ShownPrices>>,
    text: String,
}

/// `batchwise prices diff`.
pub(super) fn run(a: &Path, b: &Path, format: ShowFormat) -> Result<Exit, CliError> {
    let (book_a, book_b) = (named_book(a)?, named_book(b)?);
    let report = Report {
        schema: "batchwise.prices-diff/1",
        a: book_a.version_label(),
        b: book_b.version_label(),
        changes: diff(&book_a, &book_b).into_iter().map(show).collect(),
    };
    print(format, || draw(&report), &report)?;
    Ok(Exit::Fine)
}

fn show(change: Change) -> ShownChange {
    let text = change.to_string();
    let shown = match change {
        Change::Fact { model, fact, old, new } => {
            ShownChange { kind: "fact", model, fact: Some(fact), old, new, ..ShownChange::default() }
        }
        Change::ModelAdded { model } => of_model("model_added", model),
        Change::ModelRemoved { model } => of_model("model_removed", model),
        Change::EraAdded { model, era } => ShownChange {
            from: Some(era.from.to_string()),
            prices: Some(ShownPrices::of(&era)),
            ..of_model("era_added", model)
        },
        Change::EraRemoved { model, era } => ShownChange {
            from: Some(era.from.to_string()),
            prices: Some(ShownPrices::of(&era)),
            ..of_model("era_removed", model)
        },
        Change::Price { model, from, prompt_over, batch, kind, old, new } => ShownChange {
            from: Some(from.to_string()),
            prompt_tokens_over: prompt_over,
            mode: Some(if batch { "batch" } else { "standard" }),
            token_kind: Some(kind.name()),
            old: old.map(|rate| rate.to_string()),
            new: new.map(|rate| rate.to_string()),
            ..of_model("price", model)
        },
    };
    ShownChange { text, ..shown }
}

fn of_model(kind: &'static str, model: String) -> ShownChange {
    ShownChange { kind, model: Some(model), ..ShownChange::default() }
}

fn draw(report: &Report) -> String {
    let text: String = report.changes.iter().map(draw_change).collect();
    if text.is_empty() { "no difference\n".to_owned() } else { text }
}

/// Prices have lines of their own. Facts are what users write: a line feed in one must not look like a change.
fn draw_change(change: &ShownChange) -> String {
    match change.prices {
        Some(_) => change.text.lines().map(draw_line).collect(),
        None => draw_line(&change.text),
    }
}

fn draw_line(line: &str) -> String {
    let further_in = if line.starts_with(' ') { "  " } else { "" };
    folded(&harmless(line.trim_start()), further_in, &format!("{further_in}    "))
}
