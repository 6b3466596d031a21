use std::path::PathBuf;

use batchwise_findings::Severity;
use batchwise_report::{CheckReport, annotations, check_json, code_quality, junit, markdown, sarif};
use batchwise_rules::explain;

use crate::args::{CheckArgs, CheckFormat};
use crate::error::CliError;
use crate::output::Output;
use crate::screen::{self, CheckScreen};

/// A report in one format, and where it goes.
pub(super) struct Sheet {
    format: CheckFormat,
    out: Output,
}

impl Sheet {
    /// All reports that are asked for, with their files opened: the main one first.
    pub(super) fn open_all(args: &CheckArgs, read: &[&PathBuf]) -> Result<Vec<Sheet>, CliError> {
        let main = Output::open(args.output.as_deref(), read.iter().copied())?;
        let mut sheets = vec![Sheet { format: args.format, out: main }];
        for report in &args.reports {
            let out = Output::file(&report.path, read.iter().copied())?;
            sheets.push(Sheet { format: report.format, out });
        }
        Ok(sheets)
    }
}

/// Writes the report to its place.
pub(super) fn write(
    sheet: Sheet,
    report: &CheckReport,
    args: &CheckArgs,
    fails_on: Severity,
) -> Result<(), CliError> {
    let text = match sheet.format {
        CheckFormat::Human => {
            let reading = &args.planning.reading;
            let colours = sheet.out.is_stdout() && screen::stdout_takes_colours();
            screen::shown(screen::check(&CheckScreen {
                report,
                drawn: args.drawn(),
                quiet: reading.quiet,
                fails_on,
                colours,
            }))
        }
        CheckFormat::Json => check_json(report),
        CheckFormat::Sarif => sarif(report, |rule| explain(rule).to_owned()),
        CheckFormat::Github => annotations(report),
        CheckFormat::Gitlab => code_quality(report),
        CheckFormat::Junit => junit(report),
        CheckFormat::Markdown => markdown(report),
    };
    sheet.out.write_all_with(|out| out.write_all(text.as_bytes()))
}
