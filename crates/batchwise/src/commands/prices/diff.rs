use std::path::Path;

use batchwise_pricing::diff;
use serde::Serialize;

use super::{named_book, print};
use crate::args::ShowFormat;
use crate::error::CliError;
use crate::exit::Exit;
use crate::screen::harmless;

/// What differs between two books.
#[derive(Serialize)]
struct Report {
    schema: &'static str,
    a: String,
    b: String,
    changes: Vec<String>,
}

/// `batchwise prices diff`.
pub(super) fn run(a: &Path, b: &Path, format: ShowFormat) -> Result<Exit, CliError> {
    let (book_a, book_b) = (named_book(a)?, named_book(b)?);
    let report = Report {
        schema: "batchwise.prices-diff/1",
        a: book_a.version_label(),
        b: book_b.version_label(),
        changes: diff(&book_a, &book_b).iter().map(ToString::to_string).collect(),
    };
    print(format, || draw(&report), &report)?;
    Ok(Exit::Fine)
}

fn draw(report: &Report) -> String {
    let lines = report.changes.iter().map(|change| format!("{}\n", harmless(change)));
    let text: String = lines.collect();
    if text.is_empty() { "no difference\n".to_owned() } else { text }
}
