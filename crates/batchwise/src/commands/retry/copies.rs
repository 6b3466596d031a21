use std::collections::BTreeMap;
use std::io::Write;

use batchwise_results::{IdSum, custom_id};

use super::{AGAIN, HOPELESS};
use crate::error::CliError;
use crate::output::Output;
use crate::results::{ResultsFolder, Roll, each_request};

/// The files of requests.
pub(super) struct Copies {
    pub(super) again: Output,
    pub(super) rejected: Option<Output>,
    /// What is sent again of each batch.
    pub(super) taken: BTreeMap<u32, IdSum>,
}

impl Copies {
    /// Copies the lines of the requests, in the order of the inputs.
    pub(super) fn write(&mut self, folder: &ResultsFolder, roll: &mut Roll) -> Result<(), CliError> {
        let mut entries = roll.entries()?;
        each_request(folder, &mut |request| {
            let (name, _) = folder.input(request.input as usize);
            let entry = entries.next().ok_or_else(|| CliError::Changed { name: name.to_owned() })??;
            let out = match entry.mark {
                AGAIN => Some(&mut self.again),
                HOPELESS => self.rejected.as_mut(),
                _ => None,
            };
            let Some(out) = out else { return Ok(()) };
            if entry.mark == AGAIN {
                let id = custom_id(request.bytes).unwrap_or_default();
                self.taken.entry(request.batch).or_default().add(&id);
            }
            let written = out.write_all(request.bytes).and_then(|()| out.write_all(b"\n"));
            written.map_err(|error| out.failed(error))
        })
    }

    pub(super) fn finish(self) -> Result<(), CliError> {
        self.rejected.map_or(Ok(()), Output::finish)?;
        self.again.finish()
    }
}
