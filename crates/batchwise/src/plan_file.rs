use std::io::{self, Read};
use std::path::Path;

use batchwise_plan::{Fingerprint, Plan};

use crate::error::CliError;
use crate::input;

/// The most bytes of a plan that are read, decompressed: that of a hundred thousand batches.
const PLAN_BYTES_MAX: u64 = 256 << 20;

/// Reads a plan file, which may be compressed; `-` is standard input.
pub(crate) fn read(path: &Path) -> Result<Plan, CliError> {
    Ok(read_with_bytes(path)?.0)
}

/// The same, and the SHA-256 of the file, decompressed.
pub(crate) fn read_with_fingerprint(path: &Path) -> Result<(Plan, Fingerprint), CliError> {
    let (plan, bytes) = read_with_bytes(path)?;
    Ok((plan, Fingerprint::of(&bytes)))
}

/// Reads a plan file as [`read`] does, and hands over its bytes, decompressed.
pub(crate) fn read_with_bytes(path: &Path) -> Result<(Plan, Vec<u8>), CliError> {
    let failed = |source: io::Error| CliError::Open { path: path.to_owned(), source };
    if path.is_dir() {
        return Err(failed(io::ErrorKind::IsADirectory.into()));
    }
    let content = input::open_plan(path)?;
    let mut bytes = Vec::new();
    content.take(PLAN_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > PLAN_BYTES_MAX {
        return Err(CliError::PlanTooLong { path: path.to_owned(), max: PLAN_BYTES_MAX });
    }
    match Plan::read(&bytes) {
        Ok(plan) => Ok((plan, bytes)),
        Err(source) => Err(CliError::Plan { path: path.to_owned(), source }),
    }
}
