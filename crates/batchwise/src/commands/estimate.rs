use std::io::{self, Write};

use batchwise_findings::Rule;
use batchwise_plan::Quote;
use batchwise_planner::{Appraisal, Price, Row};
use batchwise_units::{Estimate, Tokens, Usd};
use jiff::civil::Date;
use serde::Serialize;

use super::{make_plan, unless_closed};
use crate::args::{EstimateArgs, RowFormat};
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::Output;
use crate::settings::Settings;
use crate::{csv_record, input};

/// `batchwise estimate`: one row per readable request.
pub(crate) fn run(args: &EstimateArgs, today: Date) -> Result<Exit, CliError> {
    let settings = Settings::new(&args.planning, today)?;
    let inputs = input::open(&args.planning.reading.files)?;
    let mut out = Output::open(args.output.as_deref(), args.planning.inputs())?;
    let settings = settings.calibrated(&args.planning, today)?;
    let method = settings.estimator.method();
    let mut written = match args.format {
        RowFormat::Csv => csv_record::write(&mut out, COLUMNS),
        RowFormat::Jsonl => Ok(()),
    };
    let mut on_row = |row: &Row<'_>| {
        if written.is_ok() {
            written = match args.format {
                RowFormat::Csv => write_csv(&mut out, row, method),
                RowFormat::Jsonl => write_json(&mut out, row, method),
            };
        }
    };
    let plan = make_plan(&args.planning, &settings, inputs, &mut on_row)?.plan;
    unless_closed(written.map_err(|error| out.failed(error)).and_then(|()| out.finish()))?;
    Ok(Exit::of(plan.verdict))
}

/// One request as JSON.
#[derive(Serialize)]
struct JsonRow<'r> {
    file: &'r str,
    line: u64,
    custom_id: &'r str,
    model: &'r str,
    input: Estimate<Tokens>,
    output: Estimate<Tokens>,
    method: &'r str,
    bounded: bool,
    cost: Option<Quote>,
    unpriced_because: Option<&'r str>,
    left_out: Option<&'r str>,
}

fn write_json(out: &mut Output, row: &Row<'_>, method: &str) -> io::Result<()> {
    let appraisal = row.appraisal;
    let row = JsonRow {
        file: row.file,
        line: row.line,
        custom_id: &appraisal.custom_id,
        model: &appraisal.model,
        input: appraisal.tokens.input,
        output: appraisal.tokens.output,
        method,
        bounded: appraisal.bounded,
        cost: appraisal.price.quote(),
        unpriced_because: unpriced_because(appraisal),
        left_out: row.left_out.map(Rule::id),
    };
    serde_json::to_writer(&mut *out, &row)?;
    out.write_all(b"\n")
}

fn unpriced_because(appraisal: &Appraisal) -> Option<&str> {
    match &appraisal.price {
        Price::Unpriced(reason) => Some(&reason.sentence),
        Price::Known { .. } => None,
    }
}

const COLUMNS: [&str; 24] = [
    "file",
    "line",
    "custom_id",
    "model",
    "input_low",
    "input_likely",
    "input_high",
    "output_low",
    "output_likely",
    "output_high",
    "method",
    "standard_low_usd",
    "standard_likely_usd",
    "standard_high_usd",
    "batch_low_usd",
    "batch_likely_usd",
    "batch_high_usd",
    "batch_cached_low_usd",
    "batch_cached_likely_usd",
    "batch_cached_high_usd",
    "batch_bound_usd",
    "bounded",
    "unpriced_because",
    "left_out",
];

/// What is unknown is an empty cell, never a zero.
fn write_csv(out: &mut Output, row: &Row<'_>, method: &str) -> io::Result<()> {
    let appraisal = row.appraisal;
    let quote = appraisal.price.quote();
    let mut cells = vec![
        csv_record::plain(row.file),
        row.line.to_string(),
        appraisal.custom_id.clone(),
        csv_record::plain(&appraisal.model),
    ];
    cells.extend(csv_record::ends(Some(appraisal.tokens.input)));
    cells.extend(csv_record::ends(Some(appraisal.tokens.output)));
    cells.push(method.to_owned());
    for scenario in
        [|quote: Quote| quote.standard, |quote: Quote| quote.batch, |quote: Quote| quote.batch_cached]
    {
        cells.extend(csv_record::ends::<Usd>(quote.map(scenario)));
    }
    cells.push(quote.map(|quote| quote.batch_bound.to_string()).unwrap_or_default());
    cells.push(appraisal.bounded.to_string());
    cells.push(csv_record::plain(unpriced_because(appraisal).unwrap_or_default()));
    cells.push(row.left_out.map(Rule::id).unwrap_or_default().to_owned());
    csv_record::write(out, cells)
}
