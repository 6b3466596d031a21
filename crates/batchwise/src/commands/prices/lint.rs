use std::path::Path;

use batchwise_pricing::{BookErrors, PriceBook, Problem, Severity, lint};
use serde::Serialize;

use super::{is_whole_book, print};
use crate::args::ShowFormat;
use crate::error::CliError;
use crate::exit::Exit;
use crate::screen::{folded, harmless};
use crate::settings;

/// What is wrong with a price book.
#[derive(Serialize)]
struct Report {
    schema: &'static str,
    files: usize,
    problems: Vec<ShownProblem>,
}

/// One problem.
#[derive(Serialize)]
struct ShownProblem {
    severity: &'static str,
    file: String,
    line: u32,
    key: String,
    value: Option<String>,
    message: String,
    #[serde(skip)]
    text: String,
}

/// `batchwise prices lint`: exit code 2 when the book could not be used.
pub(super) fn run(path: &Path, format: ShowFormat) -> Result<Exit, CliError> {
    let files = settings::toml_files(path)?;
    let problems = if is_whole_book(&files) {
        lint(&files)
    } else {
        PriceBook::bundled()
            .overlaid(&files)
            .err()
            .map(|BookErrors { problems }| problems)
            .unwrap_or_default()
    };
    let exit = match problems.iter().any(|problem| problem.severity == Severity::Error) {
        true => Exit::Unusable,
        false => Exit::Fine,
    };
    let problems = problems.into_iter().map(show).collect();
    let report = Report { schema: "batchwise.prices-lint/1", files: files.len(), problems };
    print(format, || draw(&report), &report)?;
    Ok(exit)
}

fn show(problem: Problem) -> ShownProblem {
    ShownProblem {
        severity: match problem.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        text: problem.to_string(),
        file: problem.file,
        line: problem.line,
        key: problem.key,
        value: problem.value,
        message: problem.message,
    }
}

fn draw(report: &Report) -> String {
    let mut text = String::new();
    for problem in &report.problems {
        text.push_str(&folded(&format!("{}: {}", problem.severity, harmless(&problem.text)), "", "  "));
    }
    let files = if report.files == 1 { "1 file".to_owned() } else { format!("{} files", report.files) };
    match report.problems.len() {
        0 => text.push_str(&format!("{files}: nothing is wrong\n")),
        1 => text.push_str(&format!("{files}: 1 problem\n")),
        count => text.push_str(&format!("{files}: {count} problems\n")),
    }
    text
}
