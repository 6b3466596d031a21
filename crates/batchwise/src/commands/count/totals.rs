use std::io::{self, Write};

use batchwise_plan::{Assumption, Findings};
use batchwise_planner::{Count, CountSum};
use batchwise_units::{Estimate, Tokens};
use serde::Serialize;

use super::{Counter, conclude};
use crate::args::{CountBy, CountFormat};
use crate::commands::unless_closed;
use crate::csv_record;
use crate::error::CliError;
use crate::exit::Exit;
use crate::input::Inputs;
use crate::output::Output;
use crate::screen::{self, CountScreen, CountSection};

/// Writes what the requests of each file, model or kind come to, and all of them.
pub(super) fn run(
    counter: &Counter<'_>,
    by: Option<CountBy>,
    inputs: Inputs,
    out: Output,
) -> Result<Exit, CliError> {
    let count = counter.count(inputs, &mut |_| ())?;
    let (format, method) = (counter.args.format, counter.method());
    let sections = sections(&count, by, format);
    unless_closed(out.write_all_with(|out| match format {
        CountFormat::Human => {
            let verbose = counter.args.reading.verbose;
            let screen = CountScreen { count: &count, sections: &sections, method, verbose };
            out.write_all(screen::shown(screen::count(&screen)).as_bytes())
        }
        CountFormat::Csv => write_csv(out, &count, &sections, method),
        CountFormat::Json | CountFormat::Jsonl => write_json(out, &count, &sections, method),
    }))?;
    Ok(conclude(&count, format))
}

/// What there is a row for. People see from the headline which file it was, when there is only one.
fn sections(count: &Count, by: Option<CountBy>, format: CountFormat) -> Vec<CountSection> {
    let one_file = count.files.len() == 1 && format == CountFormat::Human;
    let wanted = |section: CountBy| match by {
        None => section != CountBy::File || !one_file,
        Some(by) => section == by,
    };
    let of_files = |file: &batchwise_planner::FileCount| screen::CountLine {
        name: file.name.clone(),
        sum: file.sum,
        uncounted_lines: Some(file.uncounted_lines),
    };
    let line = |(name, sum): (String, CountSum)| screen::CountLine { name, sum, uncounted_lines: None };
    let kinds = count.kinds.iter().map(|(kind, sum)| (kind.name().to_owned(), *sum));
    let all = [
        (CountBy::File, "file", count.files.iter().map(of_files).collect()),
        (CountBy::Model, "model", count.models.iter().cloned().map(line).collect()),
        (CountBy::Kind, "kind", kinds.map(line).collect::<Vec<_>>()),
    ];
    let wanted = all.into_iter().filter(|(by, ..)| wanted(*by));
    wanted.map(|(_, by, lines)| CountSection { by, lines }).collect()
}

/// A count as JSON. Only the sections that were asked for are there.
#[derive(Serialize)]
struct JsonCount<'c> {
    schema: &'static str,
    verdict: &'static str,
    method: &'c str,
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<Vec<JsonLine<'c>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    models: Option<Vec<JsonLine<'c>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kinds: Option<Vec<JsonLine<'c>>>,
    total: JsonLine<'c>,
    assumptions: &'c [Assumption],
    findings: &'c Findings,
}

/// What some requests come to, as JSON.
#[derive(Serialize)]
struct JsonLine<'c> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'c str>,
    requests: u64,
    tokens: Estimate<Tokens>,
    unknown_model_requests: u64,
    unbounded_requests: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    uncounted_lines: Option<u64>,
}

impl<'c> JsonLine<'c> {
    fn new(name: Option<&'c str>, sum: &CountSum, uncounted_lines: Option<u64>) -> JsonLine<'c> {
        JsonLine {
            name,
            requests: sum.requests,
            tokens: sum.tokens,
            unknown_model_requests: sum.unknown_model_requests,
            unbounded_requests: sum.unbounded_requests,
            uncounted_lines,
        }
    }
}

fn write_json(out: &mut dyn Write, count: &Count, sections: &[CountSection], method: &str) -> io::Result<()> {
    let lines = |by: &str| {
        let section = sections.iter().find(|section| section.by == by)?;
        let lines = section.lines.iter();
        Some(lines.map(|line| JsonLine::new(Some(&line.name), &line.sum, line.uncounted_lines)).collect())
    };
    let count = JsonCount {
        schema: "batchwise.count/1",
        verdict: count.verdict.name(),
        method,
        files: lines("file"),
        models: lines("model"),
        kinds: lines("kind"),
        total: JsonLine::new(None, &count.total, Some(count.uncounted_lines)),
        assumptions: &count.assumptions,
        findings: &count.findings,
    };
    serde_json::to_writer_pretty(&mut *out, &count)?;
    out.write_all(b"\n")
}

const COLUMNS: [&str; 10] = [
    "by",
    "name",
    "requests",
    "tokens_low",
    "tokens_likely",
    "tokens_high",
    "unknown_model_requests",
    "unbounded_requests",
    "uncounted_lines",
    "method",
];

/// One row for each file, model and kind, and one for the total, whose name is empty.
fn write_csv(out: &mut dyn Write, count: &Count, sections: &[CountSection], method: &str) -> io::Result<()> {
    csv_record::write(out, COLUMNS)?;
    for section in sections {
        for line in &section.lines {
            let cells = cells(section.by, &line.name, &line.sum, line.uncounted_lines, method);
            csv_record::write(out, cells)?;
        }
    }
    csv_record::write(out, cells("total", "", &count.total, Some(count.uncounted_lines), method))
}

fn cells(
    by: &str,
    name: &str,
    sum: &CountSum,
    uncounted_lines: Option<u64>,
    method: &str,
) -> [String; COLUMNS.len()] {
    let [low, likely, high] = csv_record::ends(Some(sum.tokens));
    [
        by.to_owned(),
        csv_record::plain(name),
        sum.requests.to_string(),
        low,
        likely,
        high,
        sum.unknown_model_requests.to_string(),
        sum.unbounded_requests.to_string(),
        uncounted_lines.map(|lines| lines.to_string()).unwrap_or_default(),
        method.to_owned(),
    ]
}
