use std::env;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

use batchwise_planner::{IDS_IN_MEMORY, PlanError, Scratch};

use crate::error::CliError;

/// Storage in a file without a name in the folder for temporary files, which exists only from the first use on
/// and is gone with the process, however that ends.
pub(crate) struct ScratchFile {
    folder: PathBuf,
    ids_in_memory: usize,
    file: Option<File>,
}

impl ScratchFile {
    /// In the folder that TMPDIR names, or the system's own.
    pub(crate) fn new(ids_in_memory: Option<usize>) -> ScratchFile {
        ScratchFile {
            folder: env::temp_dir(),
            ids_in_memory: ids_in_memory.unwrap_or(IDS_IN_MEMORY),
            file: None,
        }
    }

    /// A plan's error, with the folder where the storage was to blame.
    pub(crate) fn explain(&self, error: PlanError) -> CliError {
        match error {
            PlanError::Read(error) => CliError::Read(error),
            PlanError::Scratch(source) => CliError::Scratch { folder: self.folder.clone(), source },
        }
    }

    fn file(&mut self) -> io::Result<&mut File> {
        if self.file.is_none() {
            // The temporary file's own name would only confuse, so the kind of the error must do.
            self.file = Some(tempfile::tempfile_in(&self.folder).map_err(|error| error.kind())?);
        }
        Ok(self.file.as_mut().expect("it was made just now"))
    }
}

impl Scratch for ScratchFile {
    fn ids_in_memory(&self) -> usize {
        self.ids_in_memory
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let file = self.file()?;
        file.seek(SeekFrom::End(0))?;
        file.write_all(bytes)
    }

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let file = self.file()?;
        file.seek(SeekFrom::Start(offset))?;
        file.read_exact(buffer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_folder(folder: PathBuf) -> ScratchFile {
        ScratchFile { folder, ids_in_memory: 1, file: None }
    }

    #[test]
    fn what_is_appended_can_be_read_and_leaves_no_name() {
        let folder = tempfile::tempdir().unwrap();
        let mut scratch = in_folder(folder.path().to_owned());
        scratch.append(b"first ").unwrap();
        let mut read = [0; 4];
        scratch.read_at(2, &mut read).unwrap();
        assert_eq!(&read, b"rst ");
        scratch.append(b"second").unwrap();
        scratch.read_at(5, &mut read).unwrap();
        assert_eq!(&read, b" sec");
        assert_eq!(scratch.read_at(9, &mut read).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        assert_eq!(folder.path().read_dir().unwrap().count(), 0);
    }

    #[test]
    fn a_folder_that_is_not_there_is_an_error_when_it_is_needed() {
        let folder = tempfile::tempdir().unwrap();
        let mut scratch = in_folder(folder.path().join("missing"));
        assert_eq!(scratch.append(b"1").unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
