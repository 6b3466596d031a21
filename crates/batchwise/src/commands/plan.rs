use std::io::Write;

use jiff::civil::Date;

use super::{make_plan, open_inputs};
use crate::args::{PlanArgs, PlanFormat};
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::Output;
use crate::screen;

/// `batchwise plan`: quotes, checks and splits a workload.
pub(crate) fn run(args: &PlanArgs, today: Date) -> Result<Exit, CliError> {
    let inputs = open_inputs(&args.planning.files)?;
    let file = args.output.as_deref().map(|path| Output::file(path, &args.planning.files)).transpose()?;
    let plan = make_plan(&args.planning, inputs, today, &mut |_| ())?;
    let json = plan.to_json();
    if let Some(file) = file {
        print(file, &json)?;
    }
    match args.format {
        PlanFormat::Json => print(Output::stdout(), &json)?,
        PlanFormat::Human => print(Output::stdout(), &screen::quote(&plan))?,
    }
    Ok(Exit::of(plan.verdict))
}

fn print(mut out: Output, text: &str) -> Result<(), CliError> {
    out.write_all(text.as_bytes()).map_err(|error| out.failed(error))?;
    out.finish()
}
