use std::io;

use batchwise_diff::{Difference, difference};

use crate::args::{DiffArgs, DiffFormat};
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::Output;
use crate::{input, plan_file, screen};

/// `batchwise diff`: what changed between two plans. That something did is no fault.
pub(crate) fn run(args: &DiffArgs) -> Result<Exit, CliError> {
    if input::is_stdin(&args.base) && input::is_stdin(&args.head) {
        return Err(CliError::StdinTwice);
    }
    let out = Output::open(args.output.as_deref(), [&args.base, &args.head])?;
    let difference = difference(&plan_file::read(&args.base)?, &plan_file::read(&args.head)?);
    out.write_all_with(|out| print(args, &difference, out))?;
    Ok(Exit::Fine)
}

fn print(args: &DiffArgs, difference: &Difference, out: &mut dyn io::Write) -> io::Result<()> {
    let names = [&args.base, &args.head].map(|path| path.display().to_string());
    let text = match args.format {
        DiffFormat::Human => screen::shown(screen::difference(difference, &names)),
        DiffFormat::Markdown => screen::difference_in_markdown(difference, &names),
        DiffFormat::Json => serde_json::to_string_pretty(difference).expect("it is always JSON") + "\n",
    };
    out.write_all(text.as_bytes())
}
