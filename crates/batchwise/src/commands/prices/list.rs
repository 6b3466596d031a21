use std::collections::BTreeMap;

use batchwise_pricing::Model;
use batchwise_units::{Rate, Tokens};
use jiff::civil::Date;
use serde::Serialize;

use super::{ShownPrices, print, warn_if_stale};
use crate::args::BookArgs;
use crate::error::CliError;
use crate::exit::Exit;
use crate::screen::{Table, harmless, wrapped};
use crate::settings;

/// The prices of all models on a day.
#[derive(Serialize)]
struct List {
    schema: &'static str,
    priced_on: String,
    price_book: String,
    models: Vec<Row>,
}

/// One row of prices of one model.
#[derive(Serialize)]
struct Row {
    model: String,
    status: &'static str,
    prompt_tokens_over: Option<Tokens>,
    standard: Option<BTreeMap<&'static str, Rate>>,
    batch: Option<BTreeMap<&'static str, Rate>>,
    /// Why there are none.
    no_price: Option<String>,
}

/// `batchwise prices list`.
pub(super) fn run(args: &BookArgs, all: bool, today: Date) -> Result<Exit, CliError> {
    let book = settings::book(args.pricing.as_deref())?;
    let day = args.as_of.unwrap_or(today);
    warn_if_stale(&book, day);
    let listed =
        book.models().iter().filter(|model| all || !model.is_retired_on(day) && model.released <= day);
    let list = List {
        schema: "batchwise.prices-list/1",
        priced_on: day.to_string(),
        price_book: book.version_label(),
        models: listed.flat_map(|model| rows(model, day)).collect(),
    };
    print(args.format, || draw(&list), &list)?;
    Ok(Exit::Fine)
}

fn rows(model: &Model, day: Date) -> Vec<Row> {
    let status = if model.is_retired_on(day) { "retired" } else { model.status.name() };
    let row = |prompt_tokens_over, standard, batch, no_price| {
        let model = model.id.clone();
        Row { model, status, prompt_tokens_over, standard, batch, no_price }
    };
    match model.on(day) {
        Err(error) => vec![row(None, None, None, Some(error.to_string()))],
        Ok(era) => {
            let rows = ShownPrices::of(era).into_iter();
            rows.map(|at| row(at.prompt_tokens_over, Some(at.standard), Some(at.batch), None)).collect()
        }
    }
}

fn draw(list: &List) -> String {
    let mut table = Table::new(2);
    table.row(["", "", "", "", "batch", "batch", "write", "write", ""]);
    table.row(["model", "status", "in", "out", "in", "out", "5m", "1h", "read"]);
    for row in &list.models {
        let name = match row.prompt_tokens_over {
            Some(over) => format!("  prompts over {over}"),
            None => row.model.clone(),
        };
        let rate = |rates: &Option<BTreeMap<&str, Rate>>, kind: &str| match rates {
            Some(rates) => rates[kind].to_string(),
            None => "-".to_owned(),
        };
        let batch = |kind| rate(&row.batch, kind);
        table.row([
            name,
            row.status.to_owned(),
            rate(&row.standard, "input"),
            rate(&row.standard, "output"),
            batch("input"),
            batch("output"),
            batch("cache_write_5m"),
            batch("cache_write_1h"),
            batch("cache_read"),
        ]);
    }
    let title = format!(
        "USD per million tokens on {}, price book {}; cache prices are those in a batch",
        list.priced_on, list.price_book
    );
    format!("{}\n{}", wrapped(&harmless(&title), ""), table.draw(0))
}
