use std::borrow::Cow;
use std::io::{self, Write};
use std::num::NonZero;

use batchwise_plan::{Fingerprint, Fingerprinting};
use batchwise_prefixes::{PrefixChain, Remarking};
use batchwise_pricing::PriceBook;
use batchwise_records::{Line, Request};

use crate::reading::read_in_order;
use crate::{Marking, ReadError, Source};

/// What a copy with other breakpoints depends on beside the inputs.
#[derive(Clone, Copy)]
pub struct RemarkContext<'c> {
    /// Who knows the models.
    pub book: &'c PriceBook,
    /// Where breakpoints are wanted: of a plan of the same inputs, made by the same process.
    pub marking: &'c Marking,
    /// Whether texts in place of blocks become blocks, so that they can carry breakpoints.
    pub wrap_texts: bool,
    /// How many threads work.
    pub threads: NonZero<usize>,
}

/// What became of the inputs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remarks {
    /// The requests whose breakpoints are others now.
    pub changed: u64,
    /// What was read of each input, so that it can be compared with what was planned.
    pub inputs: Vec<Fingerprint>,
}

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
pub enum RemarkError {
    /// An input could not be read to its end.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The copy could not be written.
    #[error("cannot write the copy")]
    Write(#[source] io::Error),
    /// A line is longer than any request, and was not kept whole.
    #[error("{name}:{line}: the line is too long to be copied, and to be a request")]
    TooLong {
        /// The input.
        name: String,
        /// Its line, counted from 1.
        line: u64,
    },
}

/// Copies the inputs, decompressed and one behind the other, to `out`, and gives each request the breakpoints that
/// `context.marking` wants and no others; those that the API refuses stay. All bytes outside of `cache_control` stay as
/// they are, lines that are no requests and requests of unknown models too. Between two inputs a line feed is added where
/// the first ends without one.
///
/// # Errors
/// When an input cannot be read to its end or has a line that is too long to be kept whole, or `out` cannot be written.
pub fn remark(
    sources: Vec<Source<'_>>,
    context: &RemarkContext<'_>,
    out: &mut dyn Write,
) -> Result<Remarks, RemarkError> {
    let mut remarks = Remarks::default();
    let mut ends_open = false;
    for Source { name, content } in sources {
        let mut content = Fingerprinting::new(content);
        read_in_order(
            &name,
            &mut content,
            context.threads,
            |line| new_line(line, context),
            |chunk, copies| {
                for (line, copy) in chunk.lines().zip(copies) {
                    if line.is_cut() {
                        return Err(RemarkError::TooLong { name: name.clone(), line: line.number });
                    }
                    if std::mem::take(&mut ends_open) {
                        out.write_all(b"\n").map_err(RemarkError::Write)?;
                    }
                    remarks.changed += u64::from(copy.is_some());
                    ends_open = write(&line, copy.as_deref(), out).map_err(RemarkError::Write)?;
                }
                Ok(())
            },
        )?;
        remarks.inputs.push(content.fingerprint());
    }
    Ok(remarks)
}

/// The line with other breakpoints; `None` where it stays as it is.
fn new_line(line: &Line<'_>, context: &RemarkContext<'_>) -> Option<String> {
    let (text, request) = (str::from_utf8(line.content).ok()?, Request::parse(line.content).ok()?);
    let model = context.book.find(&request.model).ok()?;
    let wanted = context.marking.wanted(&PrefixChain::of(&request, &model.id), context.wrap_texts)?;
    let remarked = Remarking { wanted: &wanted.marks, wrap_texts: wanted.wrap_texts }.of(text, &request);
    debug_assert!(remarked.unplaced.is_empty(), "only what can be marked is wanted");
    match remarked.line {
        Cow::Borrowed(_) => None,
        Cow::Owned(line) => Some(line),
    }
}

/// Writes a line with all that belongs to it. Whether it ends without a line feed.
fn write(line: &Line<'_>, new: Option<&str>, out: &mut dyn Write) -> io::Result<bool> {
    const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";
    if line.content_start > line.extent.start {
        out.write_all(BYTE_ORDER_MARK)?;
    }
    out.write_all(new.map_or(line.content, str::as_bytes))?;
    let terminator = line.extent.end - line.content_start - line.content.len() as u64;
    out.write_all(match terminator {
        0 => b"",
        1 => b"\n",
        _ => b"\r\n",
    })?;
    Ok(terminator == 0)
}
