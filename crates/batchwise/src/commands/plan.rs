use std::collections::BTreeMap;
use std::io;

use batchwise_findings::Severity;
use batchwise_plan::Plan;
use batchwise_planner::{Planned, RemarkContext, RemarkError, Remarks, remark};
use batchwise_units::requests;
use jiff::civil::Date;

use super::{make_plan, unless_closed};
use crate::args::{PlanArgs, PlanFormat, Tag};
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::{self, Output};
use crate::settings::Settings;
use crate::{input, screen};

/// `batchwise plan`: quotes, checks and splits a workload.
pub(crate) fn run(args: &PlanArgs, today: Date) -> Result<Exit, CliError> {
    let mut settings = Settings::new(&args.planning, today)?;
    settings.terms.tags = tags(args)?;
    if args.fix.is_some() {
        input::refuse_streams(&args.planning.reading.files, "--fix", "twice")?;
    }
    output::refuse_twice(args.outputs())?;
    let inputs = input::open(&args.planning.reading.files)?;
    let open = |path| Output::file(path, args.planning.inputs());
    let file = args.output.as_deref().map(open).transpose()?;
    let copy = args.fix.as_deref().map(open).transpose()?;
    // Standard output takes one of them, so `-o -` means the plan, and `--fix -` the requests.
    let is_taken = file.iter().chain(&copy).any(Output::is_stdout);
    if args.format == PlanFormat::Json && copy.as_ref().is_some_and(Output::is_stdout) {
        return Err(CliError::OutputTwice { path: "-".into() });
    }
    let settings = settings.calibrated(&args.planning, today)?;
    let planned = make_plan(&args.planning, &settings, inputs, &mut |_| ())?;
    let plan = &planned.plan;
    if let Some(file) = file {
        unless_closed(file.write_all_with(|out| plan.write_json(out)))?;
    }
    if !is_taken {
        unless_closed(Output::stdout().write_all_with(|out| print(plan, args.format, out)))?;
    }
    if let Some(copy) = copy {
        fix(args, &settings, &planned, copy)?;
    }
    Ok(Exit::of(plan.verdict))
}

/// The tags by key.
fn tags(args: &PlanArgs) -> Result<BTreeMap<String, String>, CliError> {
    let mut tags = BTreeMap::new();
    for Tag { key, value } in &args.tags {
        if tags.insert(key.clone(), value.clone()).is_some() {
            return Err(CliError::TagTwice { key: key.clone() });
        }
    }
    Ok(tags)
}

/// Writes the requests with other breakpoints.
fn fix(args: &PlanArgs, settings: &Settings, planned: &Planned, mut copy: Output) -> Result<(), CliError> {
    let context = RemarkContext {
        book: &settings.book,
        marking: &planned.marking,
        wrap_texts: args.wrap_texts,
        threads: settings.threads,
    };
    let sources = input::open(&args.planning.reading.files)?.sources;
    let remarks = match remark(sources, &context, &mut copy) {
        Ok(remarks) => remarks,
        Err(RemarkError::Write(source)) => return unless_closed(Err(copy.failed(source))),
        Err(RemarkError::Read(error)) => return Err(error.into()),
        Err(error @ RemarkError::TooLong { .. }) => return Err(CliError::Remark(error)),
    };
    let read = planned.plan.inputs.iter().zip(&remarks.inputs);
    if let Some((input, _)) = read.into_iter().find(|(input, now)| input.sha256 != **now) {
        return Err(CliError::Changed { name: input.path.clone() });
    }
    unless_closed(copy.finish())?;
    if !args.planning.reading.quiet {
        screen::tell(Severity::Note, &told(args, planned, &remarks));
    }
    Ok(())
}

fn told(args: &PlanArgs, planned: &Planned, remarks: &Remarks) -> String {
    let copy = args.fix.as_deref().map(|path| path.display().to_string()).unwrap_or_default();
    let mut text = match remarks.changed {
        0 => format!("no request needs other breakpoints; {copy} is a copy"),
        changed => format!("{copy} has other breakpoints in {}", requests(changed)),
    };
    if planned.marking.gains_from_blocks() && !args.wrap_texts {
        text.push_str("; texts in place of blocks can carry none: with --wrap-texts they become blocks, which saves more");
    }
    text
}

fn print(plan: &Plan, format: PlanFormat, out: &mut dyn io::Write) -> io::Result<()> {
    match format {
        PlanFormat::Json => plan.write_json(out),
        PlanFormat::Human => out.write_all(screen::shown(screen::quote(plan)).as_bytes()),
    }
}
