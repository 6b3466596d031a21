use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use batchwise_results::IdSum;
use serde::{Deserialize, Serialize};

use super::{ResultsError, ResultsFolder};
use crate::error::CliError;
use crate::output::Output;

/// Which batches were looked through for what is worth sending again, and where that was written: `retried.jsonl`.
pub(crate) struct Retried {
    path: PathBuf,
    pub(crate) batches: Vec<RetriedBatch>,
}

/// One batch that was looked through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RetriedBatch {
    pub(crate) batch: u32,
    /// The file with its requests, by its whole path.
    pub(crate) file: PathBuf,
    /// Which of them are in it, as an [`IdSum`] writes itself.
    pub(crate) ids: String,
}

impl Retried {
    pub(crate) fn read(folder: &ResultsFolder) -> Result<Retried, CliError> {
        let path = folder.retried_path();
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(source) => return Err(CliError::Open { path, source }),
        };
        let batch = |(index, line)| {
            let wrong = |_| ResultsError::Retried { path: path.clone(), line: index + 1 };
            serde_json::from_str(line).map_err(wrong)
        };
        let batches = text.lines().enumerate().map(batch).collect::<Result<_, _>>()?;
        Ok(Retried { path, batches })
    }

    /// Where the requests of a batch went before.
    pub(crate) fn file_of(&self, batch: u32) -> Option<&Path> {
        self.batches.iter().find(|retried| retried.batch == batch).map(|retried| retried.file.as_path())
    }

    /// Whether a batch that was taken before would now be taken with other requests, as when a newer version knows more
    /// types of errors.
    pub(crate) fn differs(&self, batch: u32, ids: IdSum) -> bool {
        self.batches.iter().any(|retried| retried.batch == batch && retried.ids != ids.to_string())
    }

    /// Adds batches that were looked through, with what was taken of each.
    pub(crate) fn write(
        mut self,
        batches: impl Iterator<Item = (u32, IdSum)>,
        file: &Path,
    ) -> Result<(), CliError> {
        let new: Vec<(u32, IdSum)> = batches.filter(|(batch, _)| self.file_of(*batch).is_none()).collect();
        let entry =
            |(batch, ids): (u32, IdSum)| RetriedBatch { batch, file: file.to_owned(), ids: ids.to_string() };
        self.batches.extend(new.into_iter().map(entry));
        Output::file(&self.path, [])?.write_all_with(|out| {
            for batch in &self.batches {
                serde_json::to_writer(&mut *out, batch)?;
                out.write_all(b"\n")?;
            }
            Ok(())
        })
    }
}
