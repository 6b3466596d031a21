use std::io::{self, Write};

use batchwise_planner::CountedRow;
use batchwise_units::{Estimate, Tokens};
use serde::Serialize;

use super::{Counter, conclude};
use crate::args::CountFormat;
use crate::commands::unless_closed;
use crate::csv_record;
use crate::error::CliError;
use crate::exit::Exit;
use crate::input::Inputs;
use crate::output::Output;
use crate::screen;
use crate::screen::CountRows;

/// Writes one row per readable request, in input order, as they are read.
pub(super) fn run(counter: &Counter<'_>, inputs: Inputs, mut out: Output) -> Result<Exit, CliError> {
    let (format, method) = (counter.args.format, counter.method());
    let mut screen = CountRows::new(inputs.sources.len() > 1);
    let mut written = match format {
        CountFormat::Human => out.write_all(screen::shown(screen.head(method)).as_bytes()),
        CountFormat::Csv => csv_record::write(&mut out, COLUMNS),
        CountFormat::Json | CountFormat::Jsonl => Ok(()),
    };
    let mut on_row = |row: &CountedRow<'_>| {
        if written.is_ok() {
            written = match format {
                CountFormat::Human => out.write_all(screen::shown(screen.row(row)).as_bytes()),
                CountFormat::Csv => write_csv(&mut out, row, method),
                CountFormat::Json | CountFormat::Jsonl => write_json(&mut out, row, method),
            };
        }
    };
    let count = counter.count(inputs, &mut on_row)?;
    if written.is_ok() && format == CountFormat::Human {
        written = out.write_all(screen::shown(screen.total(&count)).as_bytes());
    }
    unless_closed(written.map_err(|error| out.failed(error)).and_then(|()| out.finish()))?;
    Ok(conclude(&count, format))
}

/// One request as JSON.
#[derive(Serialize)]
struct JsonRow<'r> {
    file: &'r str,
    line: u64,
    custom_id: &'r str,
    model: &'r str,
    kind: &'r str,
    tokens: Estimate<Tokens>,
    method: &'r str,
    model_known: bool,
    bounded: bool,
}

fn write_json(out: &mut Output, row: &CountedRow<'_>, method: &str) -> io::Result<()> {
    let request = row.request;
    let row = JsonRow {
        file: row.file,
        line: row.line,
        custom_id: &request.custom_id,
        model: &request.model,
        kind: request.kind.name(),
        tokens: request.tokens,
        method,
        model_known: request.model_known,
        bounded: request.bounded,
    };
    serde_json::to_writer(&mut *out, &row)?;
    out.write_all(b"\n")
}

const COLUMNS: [&str; 11] = [
    "file",
    "line",
    "custom_id",
    "model",
    "kind",
    "tokens_low",
    "tokens_likely",
    "tokens_high",
    "method",
    "model_known",
    "bounded",
];

fn write_csv(out: &mut Output, row: &CountedRow<'_>, method: &str) -> io::Result<()> {
    let request = row.request;
    let [low, likely, high] = csv_record::ends(Some(request.tokens));
    let cells: [&str; COLUMNS.len()] = [
        &csv_record::plain(row.file),
        &row.line.to_string(),
        &request.custom_id,
        &csv_record::plain(&request.model),
        request.kind.name(),
        &low,
        &likely,
        &high,
        method,
        &request.model_known.to_string(),
        &request.bounded.to_string(),
    ];
    csv_record::write(out, cells)
}
