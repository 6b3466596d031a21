use std::collections::HashMap;
use std::env;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};

use batchwise_results::{custom_id, id_key};

use super::{FoundRow, ResultsError, ResultsFolder, each_request, each_row};
use crate::error::CliError;

/// All requests of a plan in the order of the inputs, each with a mark: 24 bytes in a file without a name.
///
/// First the mark is the key of the request's id; then, batch by batch, it becomes what was found out about its row. So no
/// more than the rows of one batch are in memory, however the batches lie in the inputs.
pub(crate) struct Roll {
    file: File,
    /// Which requests lie together, in the order of the inputs.
    stretches: Vec<Stretch>,
}

/// What is kept of a request's row.
pub(crate) type Mark = [u8; 16];

/// A request on the roll.
pub(crate) struct RollEntry {
    pub(crate) batch: u32,
    pub(crate) input: u32,
    pub(crate) line: u64,
    pub(crate) mark: Mark,
}

/// The requests of one slice.
#[derive(Clone, Copy)]
struct Stretch {
    batch: u32,
    input: u32,
    /// The place of its first entry.
    first: u64,
    entries: u64,
}

const ENTRY_BYTES: usize = 24;

impl Roll {
    /// Goes over the inputs once, and makes sure that they are those that were planned.
    pub(crate) fn of(folder: &ResultsFolder) -> Result<Roll, CliError> {
        let file = tempfile::tempfile().map_err(|error| failed(error.kind().into()))?;
        let mut out = BufWriter::new(file);
        let mut stretches: Vec<Stretch> = Vec::new();
        let mut entries = 0;
        each_request(folder, &mut |request| {
            if request.begins_slice {
                let stretch =
                    Stretch { batch: request.batch, input: request.input, first: entries, entries: 0 };
                stretches.push(stretch);
            }
            stretches.last_mut().expect("the first request begins one").entries += 1;
            entries += 1;
            // What has no id is no request of a plan; its key is that of no id that a row can have.
            let key = custom_id(request.bytes).map_or(0, |id| id_key(&id));
            let written = out.write_all(&key.to_be_bytes());
            written.and_then(|()| out.write_all(&request.line.to_be_bytes())).map_err(failed)
        })?;
        let file = out.into_inner().map_err(|error| failed(error.into_error()))?;
        Ok(Roll { file, stretches })
    }

    /// Gives every request of a batch the mark that `mark` makes of its row.
    ///
    /// # Errors
    /// When a row is none, comes twice or belongs to no request of the batch, and when a request has none.
    pub(crate) fn settle(
        &mut self,
        folder: &ResultsFolder,
        batch: u32,
        mark: &mut dyn FnMut(&FoundRow<'_>) -> Mark,
    ) -> Result<(), CliError> {
        let path = folder.rows_path(batch);
        let wrong = |line, problem| ResultsError::Row { path: path.clone(), line, problem };
        let mut rows: HashMap<u128, (Mark, u64)> = HashMap::new();
        each_row(&path, &mut |found| {
            let id = &found.row.custom_id;
            match rows.insert(id_key(id), (mark(found), found.line)) {
                Some(_) => Err(wrong(found.line, format!("the row of `{id}` comes twice")).into()),
                None => Ok(()),
            }
        })?;
        self.change(batch, &mut |entry| {
            let key = u128::from_be_bytes(entry.mark);
            let (input, _) = folder.input(entry.input as usize);
            let none =
                || ResultsError::NoRow { path: path.clone(), line: entry.line, input: input.to_owned() };
            Ok(rows.remove(&key).ok_or_else(none)?.0)
        })?;
        match rows.values().map(|(_, line)| *line).min() {
            Some(line) => {
                Err(wrong(line, format!("its `custom_id` is of no request of batch {batch}")).into())
            }
            None => Ok(()),
        }
    }

    /// Gives every request of a batch the same mark.
    pub(crate) fn settle_all(&mut self, batch: u32, mark: Mark) -> Result<(), CliError> {
        self.change(batch, &mut |_| Ok(mark))
    }

    fn change(
        &mut self,
        batch: u32,
        mark: &mut dyn FnMut(&RollEntry) -> Result<Mark, CliError>,
    ) -> Result<(), CliError> {
        let mut bytes = Vec::new();
        for stretch in self.stretches.iter().filter(|stretch| stretch.batch == batch) {
            let start = SeekFrom::Start(stretch.first * ENTRY_BYTES as u64);
            self.file.seek(start).map_err(failed)?;
            bytes.clear();
            let length = stretch.entries * ENTRY_BYTES as u64;
            (&self.file).take(length).read_to_end(&mut bytes).map_err(failed)?;
            for entry in bytes.chunks_exact_mut(ENTRY_BYTES) {
                let marked = mark(&stretch.entry(entry))?;
                entry[..marked.len()].copy_from_slice(&marked);
            }
            self.file.seek(start).and_then(|_| self.file.write_all(&bytes)).map_err(failed)?;
        }
        Ok(())
    }

    /// All entries in the order of the inputs.
    pub(crate) fn entries(&mut self) -> Result<impl Iterator<Item = Result<RollEntry, CliError>>, CliError> {
        self.file.seek(SeekFrom::Start(0)).map_err(failed)?;
        let mut file = BufReader::new(&self.file);
        let mut entry = [0; ENTRY_BYTES];
        let each = |stretch: &Stretch| {
            std::iter::repeat_n(*stretch, usize::try_from(stretch.entries).unwrap_or(usize::MAX))
        };
        let places = self.stretches.iter().flat_map(each);
        Ok(places.map(move |stretch| {
            file.read_exact(&mut entry).map_err(failed)?;
            Ok(stretch.entry(&entry))
        }))
    }
}

impl Stretch {
    fn entry(&self, bytes: &[u8]) -> RollEntry {
        let (mark, line) = bytes.split_at(size_of::<Mark>());
        RollEntry {
            batch: self.batch,
            input: self.input,
            line: u64::from_be_bytes(line.try_into().expect("eight bytes are left")),
            mark: mark.try_into().expect("it is as long as a mark"),
        }
    }
}

fn failed(source: io::Error) -> CliError {
    CliError::Scratch { folder: env::temp_dir(), source }
}
