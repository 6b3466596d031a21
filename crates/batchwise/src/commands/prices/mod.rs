mod diff;
mod lint;
mod list;
mod show;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use batchwise_findings::{Finding, Rule};
use batchwise_pricing::{Era, PriceBook, Prices, Rates, SourceFile, TokenKind};
use batchwise_units::{Rate, Tokens};
use jiff::civil::Date;
use serde::Serialize;

use crate::args::{PricesArgs, PricesCommand, ShowFormat};
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::Output;
use crate::{screen, settings};

/// `batchwise prices`: looks into the price book.
pub(crate) fn run(args: &PricesArgs, today: Date) -> Result<Exit, CliError> {
    match &args.command {
        PricesCommand::List { book, all } => list::run(book, *all, today),
        PricesCommand::Show { model, book } => show::run(model, book, today),
        PricesCommand::Lint { path, format } => lint::run(path, *format),
        PricesCommand::Diff { a, b, format } => diff::run(a, b, *format),
    }
}

/// One row of prices of an era.
#[derive(Serialize)]
struct ShownPrices {
    prompt_tokens_over: Option<Tokens>,
    standard: BTreeMap<&'static str, Rate>,
    batch: BTreeMap<&'static str, Rate>,
}

impl ShownPrices {
    /// The base prices, then those of each tier.
    fn of(era: &Era) -> Vec<ShownPrices> {
        let row = |(over, prices): (Option<Tokens>, &Prices)| ShownPrices {
            prompt_tokens_over: over,
            standard: by_kind(&prices.standard),
            batch: by_kind(&prices.batch),
        };
        era.levels().map(row).collect()
    }
}

fn by_kind(rates: &Rates) -> BTreeMap<&'static str, Rate> {
    TokenKind::ALL.into_iter().map(|kind| (kind.name(), rates.of(kind))).collect()
}

/// Says on standard error when prices may have changed since the book was put together.
fn warn_if_stale(book: &PriceBook, day: Date) {
    let Some(age) = book.stale_days_on(day) else { return };
    let message = format!("the price book is of {}, {age} days before {day}", book.version());
    let finding = Finding::new(Rule::StalePriceBook, message);
    screen::finding(&finding.with_help("update batchwise, or give current prices with --pricing"));
}

/// Prints the text, or the value as JSON.
fn print(format: ShowFormat, text: impl FnOnce() -> String, value: &impl Serialize) -> Result<(), CliError> {
    let mut out = Output::stdout();
    let printed = match format {
        ShowFormat::Human => screen::shown(text()),
        ShowFormat::Json => serde_json::to_string_pretty(value).expect("it is always JSON") + "\n",
    };
    out.write_all(printed.as_bytes()).map_err(|error| out.failed(error))?;
    out.finish()
}

/// A whole book has a `book.toml`; anything else is an overlay.
fn is_whole_book(files: &[SourceFile]) -> bool {
    files.iter().any(|file| Path::new(&file.path).file_name().is_some_and(|name| name == "book.toml"))
}

/// The book that a user names: `bundled`, a whole book's folder, or the bundled one under an overlay.
fn named_book(path: &Path) -> Result<PriceBook, CliError> {
    if path.as_os_str() == "bundled" {
        return Ok(PriceBook::bundled().clone());
    }
    let files = settings::toml_files(path)?;
    let book =
        if is_whole_book(&files) { PriceBook::parse(&files) } else { PriceBook::bundled().overlaid(&files) };
    book.map_err(CliError::Book)
}
