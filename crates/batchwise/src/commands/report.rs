use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use batchwise_findings::Verdict;
use batchwise_statement::{PlanPart, Statement};

use super::unless_closed;
use crate::args::{ReportArgs, ReportFormat};
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::{self, Output};
use crate::screen;
use crate::{input, plan_file};

/// `batchwise report`: what saved plans cost, for people and finance. The exit code is that of the worst plan.
pub(crate) fn run(args: &ReportArgs) -> Result<Exit, CliError> {
    if args.plans.iter().filter(|path| input::is_stdin(path)).count() > 1 {
        return Err(CliError::StdinTwice);
    }
    let beside = metadata_path(args)?;
    output::refuse_twice(args.output.iter().chain(&beside).map(PathBuf::as_path))?;
    let out = Output::open(args.output.as_deref(), &args.plans)?;
    if args.format == ReportFormat::Xlsx && out.is_stdout() && io::stdout().is_terminal() {
        return Err(CliError::XlsxOnTerminal);
    }
    let beside = beside.map(|path| Output::file(&path, &args.plans)).transpose()?;

    let read = |path: &PathBuf| Ok((name(path)?, plan_file::read_with_fingerprint(path)?));
    let plans = args.plans.iter().map(read).collect::<Result<Vec<_>, CliError>>()?;
    let parts: Vec<PlanPart<'_>> =
        plans.iter().map(|(name, (plan, sha256))| PlanPart { name, sha256: *sha256, plan }).collect();
    let statement = Statement::of(&parts)?;
    let bytes = match args.format {
        ReportFormat::Table => screen::shown(
            String::from_utf8_lossy(&batchwise_statement::table(&statement, screen::width())).into_owned(),
        )
        .into_bytes(),
        ReportFormat::Md => batchwise_statement::markdown(&statement),
        ReportFormat::Csv => batchwise_statement::csv(&statement),
        ReportFormat::Json => batchwise_statement::json(&statement),
        ReportFormat::Xlsx => batchwise_statement::xlsx(&statement)?,
        ReportFormat::Html => batchwise_statement::html(&statement),
        ReportFormat::Focus => {
            let files = batchwise_statement::focus(&statement)?;
            let beside = beside.expect("focus has a file for its metadata");
            beside.write_all_with(|out| out.write_all(&files.metadata))?;
            files.rows
        }
    };
    unless_closed(out.write_all_with(|out| out.write_all(&bytes)))?;
    Ok(Exit::of(worst(parts.iter().map(|part| part.plan.verdict))))
}

/// Where the metadata go: beside the rows.
fn metadata_path(args: &ReportArgs) -> Result<Option<PathBuf>, CliError> {
    if args.format != ReportFormat::Focus {
        return Ok(None);
    }
    match args.output.as_deref().filter(|path| !input::is_stdin(path)) {
        None => Err(CliError::FocusFile),
        Some(path) => {
            let mut beside = OsString::from(path);
            beside.push(".metadata.json");
            Ok(Some(beside.into()))
        }
    }
}

fn name(path: &Path) -> Result<String, CliError> {
    let name = path.to_str().map(str::to_owned);
    name.ok_or_else(|| CliError::NotUnicode { path: path.to_owned() })
}

fn worst(verdicts: impl Iterator<Item = Verdict>) -> Verdict {
    let weight = |verdict: &Verdict| match verdict {
        Verdict::Ok => 0,
        Verdict::Refused => 1,
        Verdict::Unusable => 2,
    };
    verdicts.max_by_key(weight).unwrap_or(Verdict::Ok)
}
