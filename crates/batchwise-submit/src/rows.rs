use std::io::{self, BufRead, BufReader, Read, Write};

use batchwise_api::{ApiError, BatchId};
use batchwise_plan::{Fingerprint, Fingerprinting};
use batchwise_results::{IdSum, RowCheck, RowCounts, custom_id};

use crate::executor::told;
use crate::{Batches, Clock, Vault};

/// What came of fetching the results of a batch.
pub(crate) enum Fetched {
    /// All of them.
    Whole(ResultsFile),
    /// All of them, but not as many of each kind as the API counted.
    Miscounted(ResultsFile, String),
    /// Not all of them, which another attempt may cure.
    Failed(String),
    /// None, as the server says.
    Unavailable(String),
    /// Those of other requests.
    OfOthers(String),
    /// The user wanted to stop.
    Interrupted,
}

/// Results as they were written.
pub(crate) struct ResultsFile {
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    pub(crate) sha256: Fingerprint,
    pub(crate) counts: RowCounts,
}

/// How much is read at once.
const BUFFER_BYTES: usize = 256 * 1024;

/// Fetches the results of a batch into the vault as they come, and checks them on the way. They are not kept yet.
///
/// Errors are those of the vault.
pub(crate) fn fetch(
    batches: &mut dyn Batches,
    vault: &mut dyn Vault,
    clock: &dyn Clock,
    batch: u32,
    id: &BatchId,
    ids: IdSum,
    counts: RowCounts,
) -> io::Result<Fetched> {
    let content = match batches.results(id) {
        Ok(content) => content,
        Err(ApiError::NotFound(answer)) => return Ok(Fetched::Unavailable(answer.to_string())),
        Err(ApiError::Interrupted) => return Ok(Fetched::Interrupted),
        Err(error) => return Ok(Fetched::Failed(told(&error))),
    };
    let mut out = vault.begin_results(batch)?;
    let mut reader = BufReader::with_capacity(BUFFER_BYTES, Fingerprinting::new(content));
    let mut check = RowCheck::new(ids);
    let mut line = Vec::new();
    loop {
        line.clear();
        match (&mut reader).take(LINE_BYTES_MAX).read_until(b'\n', &mut line) {
            Ok(0) => break,
            Ok(_) => (),
            Err(error) => return Ok(Fetched::Failed(format!("the connection broke: {error}"))),
        }
        if clock.stop_is_wanted() {
            return Ok(Fetched::Interrupted);
        }
        out.write_all(&line)?;
        if let Err(problem) = check.row(&line) {
            let is_ours = problem.may_be_cured();
            return Ok(if is_ours {
                Fetched::Failed(told(&problem))
            } else {
                Fetched::OfOthers(told(&problem))
            });
        }
    }
    out.flush()?;
    drop(out);
    let (bytes, sha256) = (reader.get_ref().length(), reader.get_ref().fingerprint());
    let whole = |counts: RowCounts| ResultsFile { rows: counts.total(), bytes, sha256, counts };
    // With rows of types that nobody knows, it would be enough that all are there.
    let leniently = check.clone().finish(&RowCounts { other: 1, ..counts });
    Ok(match (check.finish(&counts), leniently) {
        (Ok(found), _) => Fetched::Whole(whole(found)),
        (Err(miscounted), Ok(found)) => Fetched::Miscounted(whole(found), told(&miscounted)),
        (Err(incomplete), Err(_)) if incomplete.may_be_cured() => Fetched::Failed(told(&incomplete)),
        (Err(incomplete), Err(_)) => Fetched::OfOthers(told(&incomplete)),
    })
}

/// Whether the results of a batch are those of the requests with these ids; `None` when they cannot be had now.
pub(crate) fn are_results_of(
    batches: &mut dyn Batches,
    clock: &dyn Clock,
    id: &BatchId,
    ids: IdSum,
) -> Option<bool> {
    let mut reader = BufReader::with_capacity(BUFFER_BYTES, batches.results(id).ok()?);
    let (mut line, mut found) = (Vec::new(), IdSum::default());
    loop {
        line.clear();
        if (&mut reader).take(LINE_BYTES_MAX).read_until(b'\n', &mut line).ok()? == 0 {
            break;
        }
        if clock.stop_is_wanted() {
            return None;
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        found.add(&custom_id(&line)?);
        if found.count() > ids.count() {
            return Some(false);
        }
    }
    // Fewer rows may only mean that the answer was cut.
    (found.count() == ids.count()).then_some(found == ids)
}

/// A row is no longer than this: no reply is.
const LINE_BYTES_MAX: u64 = 256 << 20;
