use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use batchwise_policy::Policy;

use super::unless_closed;
use crate::args::{PolicyArgs, PolicyCommand};
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::Output;
use crate::{policy_file, screen};

/// `batchwise policy init|show`.
pub(crate) fn run(args: &PolicyArgs) -> Result<Exit, CliError> {
    match &args.command {
        PolicyCommand::Init { path } => init(path),
        PolicyCommand::Show { policy } => show(policy.as_deref()),
    }
}

/// Writes the template. What is there is never replaced.
fn init(path: &Path) -> Result<Exit, CliError> {
    if path.as_os_str() == "-" {
        unless_closed(Output::stdout().write_all_with(|out| out.write_all(Policy::template().as_bytes())))?;
        return Ok(Exit::Fine);
    }
    let failed = |source| CliError::PolicyInit { path: path.to_owned(), source };
    let mut file = OpenOptions::new().write(true).create_new(true).open(path).map_err(failed)?;
    file.write_all(Policy::template().as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
    Ok(Exit::Fine)
}

/// Prints the policy that holds in the current folder, or the named one.
fn show(path: Option<&Path>) -> Result<Exit, CliError> {
    let here = PathBuf::from("-");
    let found = policy_file::find(path, false, [&here])?;
    let head = match &found.path {
        Some(path) => screen_path(path),
        None => format!("no {} here or above: these are the defaults", policy_file::NAME),
    };
    let policy = found.policy.show(screen::told_width());
    let text = screen::shown_toml(screen::folded(&head, "# ", "# ") + &policy);
    unless_closed(Output::stdout().write_all_with(|out| out.write_all(text.as_bytes())))?;
    Ok(Exit::Fine)
}

fn screen_path(path: &Path) -> String {
    screen::harmless(&path.display().to_string())
}
