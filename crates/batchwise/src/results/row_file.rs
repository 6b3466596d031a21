use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use batchwise_records::ChunkReader;
use batchwise_results::ResultRow;

use super::{ResultsError, ResultsFolder};
use crate::error::CliError;

/// A row in the file of its batch.
pub(crate) struct FoundRow<'r> {
    pub(crate) row: ResultRow<'r>,
    pub(crate) place: RowPlace,
    /// Its line, counted from 1.
    pub(crate) line: u64,
}

/// Where a row stands in its file, without its line end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RowPlace {
    pub(crate) offset: u64,
    pub(crate) bytes: u64,
}

/// Shows all rows of a file in its order. What is no row is an error.
pub(crate) fn each_row(
    path: &Path,
    visit: &mut dyn FnMut(&FoundRow<'_>) -> Result<(), CliError>,
) -> Result<(), CliError> {
    let failed = |source| CliError::Open { path: path.to_owned(), source };
    let mut chunks = ChunkReader::new(File::open(path).map_err(failed)?, 1 << 20);
    let (mut offset, mut number) = (0, 0);
    while let Some(chunk) = chunks.next_chunk().map_err(failed)? {
        for line in chunk.bytes().split_inclusive(|&byte| byte == b'\n') {
            number += 1;
            let content = line.strip_suffix(b"\n").unwrap_or(line);
            if !content.trim_ascii().is_empty() {
                let problem =
                    |problem: String| ResultsError::Row { path: path.to_owned(), line: number, problem };
                let row = ResultRow::read(line).map_err(|error| problem(error.to_string()))?;
                let place = RowPlace { offset, bytes: content.len() as u64 };
                visit(&FoundRow { row, place, line: number })?;
            }
            offset += line.len() as u64;
        }
    }
    Ok(())
}

/// Reads single rows of the files of a folder.
pub(crate) struct RowReader<'f> {
    folder: &'f ResultsFolder,
    files: HashMap<u32, File>,
    row: Vec<u8>,
}

/// How many files are open at once.
const FILES_MAX: usize = 64;

impl RowReader<'_> {
    pub(crate) fn new(folder: &ResultsFolder) -> RowReader<'_> {
        RowReader { folder, files: HashMap::new(), row: Vec::new() }
    }

    /// The row at a place in the file of a batch.
    pub(crate) fn read(&mut self, batch: u32, place: RowPlace) -> Result<&[u8], CliError> {
        self.read_raw(batch, place)
            .map_err(|source| CliError::Open { path: self.folder.rows_path(batch), source })?;
        Ok(&self.row)
    }

    fn read_raw(&mut self, batch: u32, place: RowPlace) -> io::Result<()> {
        if self.files.len() >= FILES_MAX && !self.files.contains_key(&batch) {
            self.files.clear();
        }
        let file = match self.files.entry(batch) {
            std::collections::hash_map::Entry::Occupied(open) => open.into_mut(),
            std::collections::hash_map::Entry::Vacant(free) => {
                free.insert(File::open(self.folder.rows_path(batch))?)
            }
        };
        file.seek(SeekFrom::Start(place.offset))?;
        self.row.clear();
        let read = file.take(place.bytes).read_to_end(&mut self.row)?;
        if read as u64 == place.bytes { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }
}
