use std::io::{self, Read};
use std::num::NonZero;

use batchwise_records::{Chunk, ChunkReader, Line};

use crate::{ReadError, pipeline};

/// How much of an input is handed to a thread at once.
pub(crate) const CHUNK_BYTES: usize = 1 << 20;

/// Reads an input to its end: `work` turns its lines into something, on several threads, and `take` gets the
/// chunks in their order, each with what its lines were turned into.
///
/// # Errors
/// When the input cannot be read to its end, and the first error of `take`.
pub(crate) fn read_in_order<T: Send, E: From<ReadError>>(
    name: &str,
    content: &mut dyn Read,
    threads: NonZero<usize>,
    work: impl Fn(&Line<'_>) -> T + Sync,
    take: impl FnMut(&Chunk, Vec<T>) -> Result<(), E>,
) -> Result<(), E> {
    read_in_chunks(name, content, (threads, CHUNK_BYTES), work, take)
}

/// The same in chunks of about so many bytes.
pub(crate) fn read_in_chunks<T: Send, E: From<ReadError>>(
    name: &str,
    content: &mut dyn Read,
    (threads, chunk_bytes): (NonZero<usize>, usize),
    work: impl Fn(&Line<'_>) -> T + Sync,
    mut take: impl FnMut(&Chunk, Vec<T>) -> Result<(), E>,
) -> Result<(), E> {
    let mut content = Metered { inner: content, bytes: 0 };
    let mut chunks = ChunkReader::new(&mut content, chunk_bytes);
    let read = pipeline::in_order(
        threads,
        || chunks.next_chunk().map_err(Stop::Reading),
        |chunk| chunk.bytes().len(),
        |chunk| {
            let results = chunk.lines().map(|line| work(&line)).collect();
            (chunk, results)
        },
        |(chunk, results): (Chunk, Vec<T>)| take(&chunk, results).map_err(Stop::Taking),
    );
    read.map_err(|stop| match stop {
        Stop::Reading(source) => ReadError { name: name.to_owned(), bytes: content.bytes, source }.into(),
        Stop::Taking(error) => error,
    })
}

/// What ended the reading before its time.
enum Stop<E> {
    Reading(io::Error),
    Taking(E),
}

/// An input that knows how far it was read.
struct Metered<'r> {
    inner: &'r mut dyn Read,
    bytes: u64,
}

impl Read for Metered<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        self.bytes += length as u64;
        Ok(length)
    }
}
