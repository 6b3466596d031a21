//! Where the policy is found.

use std::fs;
use std::path::{Path, PathBuf};

use batchwise_policy::Policy;

use crate::error::CliError;
use crate::{input, screen};

/// How a policy file is called.
pub(crate) const NAME: &str = "batchwise.toml";

/// A policy and where it comes from.
pub(crate) struct PolicyFile {
    /// `None` where there is none.
    pub(crate) path: Option<PathBuf>,
    pub(crate) policy: Policy,
}

/// The policy that is named, or the one beside the first file or in the nearest folder above it; none with `without`.
///
/// The search ends at the first folder that holds a `.git`: what lies above is not the project's.
pub(crate) fn find<'f>(
    named: Option<&Path>,
    without: bool,
    files: impl IntoIterator<Item = &'f PathBuf>,
) -> Result<PolicyFile, CliError> {
    if without {
        return Ok(PolicyFile { path: None, policy: Policy::none() });
    }
    if let Some(path) = named {
        return read(path);
    }
    let mut found = files.into_iter().map(|file| nearest(file));
    let first = found.next().flatten();
    if let Some(other) = found.find(|other| *other != first) {
        return Err(CliError::TwoPolicies { first, other });
    }
    match first {
        Some(path) => read(&path),
        None => Ok(PolicyFile { path: None, policy: Policy::none() }),
    }
}

/// The policy file that belongs to `file`. That of standard input is that of the current folder.
fn nearest(file: &Path) -> Option<PathBuf> {
    let absolute = std::path::absolute(if input::is_stdin(file) { Path::new(".") } else { file }).ok()?;
    let start = if input::is_stdin(file) { Some(absolute.as_path()) } else { absolute.parent() };
    for folder in start?.ancestors() {
        let path = folder.join(NAME);
        // Whatever has that name is meant to be the policy: one that cannot be read must not mean that there is none.
        if path.symlink_metadata().is_ok() {
            return Some(relative(path));
        }
        if folder.join(".git").exists() {
            return None;
        }
    }
    None
}

/// As a user would write it: from the current folder on, where it lies below.
fn relative(path: PathBuf) -> PathBuf {
    let here = std::path::absolute(".").ok();
    let below = here.and_then(|here| path.strip_prefix(here).map(Path::to_owned).ok());
    below.unwrap_or(path)
}

/// Reads a policy; what is wrong with it is drawn on standard error.
pub(crate) fn read(path: &Path) -> Result<PolicyFile, CliError> {
    let text =
        fs::read_to_string(path).map_err(|source| CliError::PolicyFile { path: path.to_owned(), source })?;
    match Policy::parse(&path.display().to_string(), &text) {
        Ok(policy) => Ok(PolicyFile { path: Some(path.to_owned()), policy }),
        Err(problems) => {
            problems.problems.iter().for_each(screen::finding);
            Err(CliError::Policy { path: path.to_owned() })
        }
    }
}
