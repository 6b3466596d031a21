use std::io;

use batchwise_plan::Plan;
use jiff::civil::Date;

use super::{make_plan, unless_closed};
use crate::args::{PlanArgs, PlanFormat};
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::Output;
use crate::settings::Settings;
use crate::{input, screen};

/// `batchwise plan`: quotes, checks and splits a workload.
pub(crate) fn run(args: &PlanArgs, today: Date) -> Result<Exit, CliError> {
    let settings = Settings::new(&args.planning, today)?;
    let inputs = input::open(&args.planning.reading.files)?;
    let file = args.output.as_deref().map(|path| Output::file(path, args.planning.inputs())).transpose()?;
    // Standard output takes one of the two, so `-o -` means the plan.
    let plan_on_stdout = file.as_ref().is_some_and(Output::is_stdout);
    let settings = settings.calibrated(&args.planning, today)?;
    let plan = make_plan(&args.planning, &settings, inputs, &mut |_| ())?.plan;
    if let Some(file) = file {
        unless_closed(file.write_all_with(|out| plan.write_json(out)))?;
    }
    if !plan_on_stdout {
        unless_closed(Output::stdout().write_all_with(|out| print(&plan, args.format, out)))?;
    }
    Ok(Exit::of(plan.verdict))
}

fn print(plan: &Plan, format: PlanFormat, out: &mut dyn io::Write) -> io::Result<()> {
    match format {
        PlanFormat::Json => plan.write_json(out),
        PlanFormat::Human => out.write_all(screen::quote(plan).as_bytes()),
    }
}
