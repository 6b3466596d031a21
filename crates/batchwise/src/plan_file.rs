use std::fs;
use std::path::Path;

use batchwise_plan::Plan;

use crate::error::CliError;

/// Reads a plan that was written by `plan -o`.
pub(crate) fn read(path: &Path) -> Result<Plan, CliError> {
    let bytes = fs::read(path).map_err(|source| CliError::Open { path: path.to_owned(), source })?;
    Plan::read(&bytes).map_err(|source| CliError::Plan { path: path.to_owned(), source })
}
