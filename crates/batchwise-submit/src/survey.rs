use std::io::{self, BufRead, BufReader, Read};

use batchwise_plan::{Fingerprinting, Plan, request_line};
use batchwise_results::{IdSum, custom_id};

use crate::Inputs;

/// Why inputs are not those of a plan. Each text can follow `cannot submit: `.
#[derive(Debug, thiserror::Error)]
pub enum SurveyError {
    /// An input cannot be read.
    #[error("cannot read {path}")]
    Unreadable {
        /// As the plan names it.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// An input is not what it was when the plan was made.
    #[error("{path} has changed since the plan was made ({what}): make the plan again")]
    Changed {
        /// As the plan names it.
        path: String,
        /// In what.
        what: String,
    },
    /// A line that the plan calls a request is none.
    #[error(
        "{path}, byte {offset}: the plan calls this line a request, but it has no custom_id: make the plan again"
    )]
    NoRequest {
        /// As the plan names it.
        path: String,
        /// Where the line begins.
        offset: u64,
    },
}

/// Reads all inputs of a plan once, makes sure that they are those it was made of, and adds up the custom_ids of each batch.
///
/// Memory: the longest line, and a few numbers for each slice of the plan.
///
/// # Errors
/// When an input is not the one that was planned. Nothing may be sent then.
pub fn survey(plan: &Plan, inputs: &mut dyn Inputs) -> Result<Vec<IdSum>, SurveyError> {
    let mut sums = vec![IdSum::default(); plan.batches.len()];
    for number in 0..plan.inputs.len() {
        survey_input(plan, number, inputs, &mut sums)?;
    }
    Ok(sums)
}

/// A part of an input that belongs to a batch.
struct Part {
    start: u64,
    end: u64,
    batch: usize,
}

fn survey_input(
    plan: &Plan,
    number: usize,
    inputs: &mut dyn Inputs,
    sums: &mut [IdSum],
) -> Result<(), SurveyError> {
    let input = &plan.inputs[number];
    let unreadable = |source| SurveyError::Unreadable { path: input.path.clone(), source };
    let index = u32::try_from(number).expect("a plan has fewer inputs");
    let mut parts = parts(plan, index).into_iter().peekable();
    let content = inputs.open_at(index, 0).map_err(unreadable)?;
    // One byte more than there should be is enough to see that there are too many.
    let mut reader =
        BufReader::with_capacity(BUFFER_BYTES, Fingerprinting::new(content.take(input.bytes + 1)));
    // That a line is no request mostly means that the input is another one, which is found out at its end.
    let (mut line, mut offset, mut no_request) = (Vec::new(), 0, None);
    loop {
        line.clear();
        // A byte order mark is before the first slice, on its line.
        let end =
            parts.peek().filter(|part| offset < part.start).map_or(u64::MAX, |part| part.start - offset);
        let length = (&mut reader).take(end).read_until(b'\n', &mut line).map_err(unreadable)? as u64;
        if length == 0 {
            break;
        }
        if let Some(part) = parts.peek()
            && (part.start..part.end).contains(&offset)
        {
            if let Some(request) = request_line(&line) {
                match custom_id(request) {
                    Some(id) => sums[part.batch].add(&id),
                    None => no_request = no_request.or(Some(offset)),
                }
            }
            parts.next_if(|part| part.end <= offset + length);
        }
        offset += length;
    }
    let read = reader.get_ref();
    let changed = |what: String| Err(SurveyError::Changed { path: input.path.clone(), what });
    match () {
        () if offset > input.bytes => changed(format!("it has more than its {} bytes", input.bytes)),
        () if offset < input.bytes => changed(format!("it has {offset} of its {} bytes", input.bytes)),
        () if read.fingerprint() != input.sha256 => {
            let [now, before] = [read.fingerprint(), input.sha256].map(|fingerprint| fingerprint.to_string());
            changed(format!("its SHA-256 begins with {:.12}, then with {:.12}", now, before))
        }
        () => match no_request {
            Some(offset) => Err(SurveyError::NoRequest { path: input.path.clone(), offset }),
            None => Ok(()),
        },
    }
}

/// How much of an input is read at once.
const BUFFER_BYTES: usize = 256 * 1024;

/// The parts of an input, in its order.
fn parts(plan: &Plan, input: u32) -> Vec<Part> {
    let slices = plan.batches.iter().enumerate().flat_map(|(batch, whole)| {
        let own = whole.slices.iter().filter(move |slice| slice.input == input);
        own.map(move |slice| Part { start: slice.start, end: slice.end, batch })
    });
    let mut parts: Vec<Part> = slices.collect();
    parts.sort_unstable_by_key(|part| part.start);
    parts
}
