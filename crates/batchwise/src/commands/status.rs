use std::collections::BTreeMap;

use batchwise_findings::Severity;
use batchwise_submit::{Folder, Status};

use super::unless_closed;
use crate::args::{StatusArgs, StatusFormat};
use crate::error::CliError;
use crate::execution::{RunClock, SubmitError, client, running, shown};
use crate::exit::Exit;
use crate::output::Output;
use crate::{network, plan_file, screen};

/// `batchwise status`: how far an execution is.
pub(crate) fn run(args: &StatusArgs) -> Result<Exit, CliError> {
    let journal = Folder::look(&args.journal).map_err(SubmitError::Folder)?;
    let plan = plan_file::read(&Folder::plan_path(&args.journal))?;
    let execution = journal.execution();
    let mut answers = BTreeMap::new();
    if !args.offline && !running(execution).is_empty() {
        match network::has_api_key() {
            true => {
                let (found, errors) = shown(&mut client(execution.begun(), RunClock::start())?, execution);
                for (batch, error) in errors {
                    let message = format!(
                        "what follows of batch {batch} is from the journal, as of all without numbers: {error}"
                    );
                    screen::tell(Severity::Warning, &message);
                }
                answers = found;
            }
            false => screen::tell(
                Severity::Note,
                "what follows is from the journal only: with a key in ANTHROPIC_API_KEY the API is asked too",
            ),
        }
    }
    let status = Status::of(&plan, execution, &answers);
    print(&status, args.format)?;
    Ok(if status.finished { Exit::Fine } else { Exit::Unfinished })
}

/// Prints a status.
pub(crate) fn print(status: &Status, format: StatusFormat) -> Result<(), CliError> {
    let text = match format {
        StatusFormat::Human => screen::shown(screen::status(status)),
        StatusFormat::Json => serde_json::to_string_pretty(status).expect("it is always JSON") + "\n",
    };
    unless_closed(Output::stdout().write_all_with(|out| out.write_all(text.as_bytes())))
}
