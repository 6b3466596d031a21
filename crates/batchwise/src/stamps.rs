use std::fs;
use std::path::Path;
use std::time::SystemTime;

use crate::args::ReadingArgs;
use crate::error::CliError;

/// The length and the time of the last change of each input, where a sample is drawn from them. For a count, whose
/// inputs nobody fingerprints.
pub(crate) struct Stamps(Vec<Stamp>);

/// `None` for what is not there, which has its own error.
type Stamp = Option<(u64, Option<SystemTime>)>;

impl Stamps {
    /// How the inputs are now; of none, where they are read only once.
    pub(crate) fn of(args: &ReadingArgs) -> Stamps {
        let wanted = args.exact.exact.is_some() || args.sample.is_some();
        Stamps(args.files.iter().filter(|_| wanted).map(|path| stamp(path)).collect())
    }

    /// That the inputs are as they were.
    pub(crate) fn check(&self, args: &ReadingArgs) -> Result<(), CliError> {
        match args.files.iter().zip(&self.0).find(|(path, before)| stamp(path) != **before) {
            Some((path, _)) => Err(CliError::Changed { name: path.display().to_string() }),
            None => Ok(()),
        }
    }
}

fn stamp(path: &Path) -> Stamp {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.len(), metadata.modified().ok()))
}
