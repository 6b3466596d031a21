use std::path::Path;

use batchwise_plan::{Fingerprinting, Slice};
use batchwise_planner::ReadError;
use batchwise_records::{ChunkReader, Line};

use super::{ResultsError, ResultsFolder};
use crate::error::CliError;
use crate::input;

/// A request of a batch, where it stands.
pub(crate) struct InputRequest<'l> {
    /// The batch it belongs to.
    pub(crate) batch: u32,
    /// Index into the plan's inputs.
    pub(crate) input: u32,
    /// Its line, counted from 1.
    pub(crate) line: u64,
    /// Whether it is the first of its slice.
    pub(crate) begins_slice: bool,
    /// The line, without its terminator: exactly what is sent.
    pub(crate) bytes: &'l [u8],
}

/// Shows all requests of the plan in the order of the inputs, which must be those that were planned.
///
/// That they are is known only at the end of each: what was made of them counts only if this returns no error.
pub(crate) fn each_request(
    folder: &ResultsFolder,
    visit: &mut dyn FnMut(&InputRequest<'_>) -> Result<(), CliError>,
) -> Result<(), CliError> {
    let mut slices: Vec<(&Slice, u32)> = Vec::new();
    for batch in &folder.plan.batches {
        slices.extend(batch.slices.iter().map(|slice| (slice, batch.index)));
    }
    slices.sort_by_key(|(slice, _)| (slice.input, slice.start));
    let mut requests = vec![0; folder.plan.batches.len()];
    for (index, planned) in folder.plan.inputs.iter().enumerate() {
        let (name, path) = folder.input(index);
        let input = u32::try_from(index).expect("a plan's slices count its inputs so");
        let mine = slices.partition_point(|(slice, _)| slice.input < input);
        let mut walk = SliceWalk { slices: &slices[mine..], input, begins_slice: true };
        let found = read_input(name, path, &mut |line| match walk.request(line) {
            Some(request) => {
                requests[request.batch as usize] += 1;
                visit(&request)
            }
            None => Ok(()),
        })?;
        if found != planned.sha256 {
            return Err(ResultsError::InputChanged { path: path.to_owned(), name: name.to_owned() }.into());
        }
    }
    let differing = folder.plan.batches.iter().zip(requests).find(|(batch, found)| batch.requests != *found);
    match differing {
        Some((batch, found)) => {
            Err(ResultsError::OtherRequests { batch: batch.index, planned: batch.requests, found }.into())
        }
        None => Ok(()),
    }
}

/// Shows all lines of an input, and returns its fingerprint.
fn read_input(
    name: &str,
    path: &Path,
    visit: &mut dyn FnMut(&Line<'_>) -> Result<(), CliError>,
) -> Result<batchwise_plan::Fingerprint, CliError> {
    if input::is_stdin(path) {
        return Err(ResultsError::InputWasPiped.into());
    }
    let content = input::open_plan(path).map_err(|error| match error {
        CliError::Open { path, source } => {
            ResultsError::InputGone { path, name: name.to_owned(), source }.into()
        }
        other => other,
    })?;
    let mut content = Fingerprinting::new(content);
    let mut chunks = ChunkReader::new(&mut content, CHUNK_BYTES);
    let mut bytes = 0;
    loop {
        let failed = |source| ReadError { name: path.display().to_string(), bytes, source };
        let Some(chunk) = chunks.next_chunk().map_err(failed)? else { break };
        chunk.lines().try_for_each(|line| visit(&line))?;
        bytes += chunk.extent_bytes();
    }
    Ok(content.fingerprint())
}

const CHUNK_BYTES: usize = 1 << 20;

/// Goes along with the lines of one input.
struct SliceWalk<'s> {
    /// Those that are not yet over, in their order; later inputs' behind them.
    slices: &'s [(&'s Slice, u32)],
    input: u32,
    begins_slice: bool,
}

impl SliceWalk<'_> {
    /// The request of a line, if it is in a batch.
    fn request<'l>(&mut self, line: &Line<'l>) -> Option<InputRequest<'l>> {
        while let Some(((slice, _), rest)) = self.slices.split_first() {
            if slice.input == self.input && slice.end <= line.content_start {
                self.slices = rest;
                self.begins_slice = true;
            } else {
                break;
            }
        }
        let (slice, batch) = self.slices.first()?;
        if slice.input != self.input || line.content_start < slice.start || line.is_blank() {
            return None;
        }
        let begins_slice = std::mem::replace(&mut self.begins_slice, false);
        let Line { number, content, .. } = *line;
        Some(InputRequest { batch: *batch, input: self.input, line: number, begins_slice, bytes: content })
    }
}
