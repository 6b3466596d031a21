use std::io::{self, BufRead, BufReader, Read};

use batchwise_plan::{BODY_CLOSING, BODY_OPENING, BODY_SEPARATOR, Batch, BodyDigest, request_line};

use crate::Inputs;

/// The HTTP body of a batch, made from the bytes of the inputs while it is sent.
///
/// Its last bytes are handed out only when all before them were those of the plan, so a body of changed inputs can never be
/// complete. Memory: the longest line.
pub struct BodyStream<'i> {
    inputs: &'i mut dyn Inputs,
    batch: &'i Batch,
    slices: std::slice::Iter<'i, batchwise_plan::Slice>,
    reader: Option<BufReader<io::Take<Box<dyn Read>>>>,
    digest: BodyDigest,
    /// A line as it was read.
    line: Vec<u8>,
    /// What is handed out next, and how much of it was.
    ready: Vec<u8>,
    given: usize,
    requests: u64,
    is_closed: bool,
}

/// How much of an input is read at once.
const BUFFER_BYTES: usize = 256 * 1024;

/// The text of the error when the inputs are not those of the plan.
pub const CHANGED: &str = "the requests are not those of the plan: the input has changed";

impl<'i> BodyStream<'i> {
    /// The body of a batch of the plan whose inputs these are.
    pub fn new(inputs: &'i mut dyn Inputs, batch: &'i Batch) -> BodyStream<'i> {
        BodyStream {
            inputs,
            batch,
            slices: batch.slices.iter(),
            reader: None,
            digest: BodyDigest::default(),
            line: Vec::new(),
            ready: BODY_OPENING.to_vec(),
            given: 0,
            requests: 0,
            is_closed: false,
        }
    }

    /// Makes the next part ready, or leaves nothing ready at the end.
    fn prepare(&mut self) -> io::Result<()> {
        self.ready.clear();
        self.given = 0;
        while !self.is_closed && self.ready.is_empty() {
            match self.next_line()? {
                true => self.add_line(),
                false => self.close()?,
            }
        }
        Ok(())
    }

    /// Reads the next line of the batch's slices, unless there is none.
    fn next_line(&mut self) -> io::Result<bool> {
        loop {
            if let Some(reader) = &mut self.reader {
                self.line.clear();
                if reader.read_until(b'\n', &mut self.line)? > 0 {
                    return Ok(true);
                }
                self.reader = None;
            }
            let Some(slice) = self.slices.next() else { return Ok(false) };
            let content = self.inputs.open_at(slice.input, slice.start)?;
            self.reader = Some(BufReader::with_capacity(BUFFER_BYTES, content.take(slice.end - slice.start)));
        }
    }

    fn add_line(&mut self) {
        let Some(request) = request_line(&self.line) else { return };
        if self.requests > 0 {
            self.ready.extend_from_slice(BODY_SEPARATOR);
        }
        self.ready.extend_from_slice(request);
        self.digest.add(request);
        self.requests += 1;
    }

    fn close(&mut self) -> io::Result<()> {
        self.is_closed = true;
        let digest = std::mem::take(&mut self.digest);
        let is_right = (self.requests, digest.bytes()) == (self.batch.requests, self.batch.body_bytes)
            && digest.finish() == self.batch.body_sha256;
        if !is_right {
            return Err(io::Error::new(io::ErrorKind::InvalidData, CHANGED));
        }
        self.ready.extend_from_slice(BODY_CLOSING);
        Ok(())
    }
}

impl Read for BodyStream<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < buffer.len() {
            if self.given == self.ready.len() {
                self.prepare()?;
                if self.ready.is_empty() {
                    break;
                }
            }
            let length = (buffer.len() - filled).min(self.ready.len() - self.given);
            buffer[filled..filled + length].copy_from_slice(&self.ready[self.given..self.given + length]);
            self.given += length;
            filled += length;
        }
        Ok(filled)
    }
}
