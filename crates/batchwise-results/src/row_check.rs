use std::collections::HashSet;

use batchwise_units::grouped;

use crate::{IdSum, OutcomeKind, ResultRow, RowCounts, id_key};

/// Checks the rows of one batch as they arrive: each is JSON with a `custom_id` and a `result`, none comes twice, and in the
/// end there are as many of each type as the API counted, and they are those of the requests.
///
/// Memory: 16 bytes for each row in a hash table, with its empty places some 20 to 40; that is at most 2.3 MB for
/// the 100,000 requests of the largest batch.
#[derive(Clone, Debug)]
pub struct RowCheck {
    expected: IdSum,
    seen: HashSet<u128>,
    sum: IdSum,
    counts: RowCounts,
}

/// Why a row cannot be one of the batch. Each text can follow `the results of batch 3: `.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RowProblem {
    /// A whole line is not JSON.
    #[error("a row is not JSON")]
    NotJson,
    /// The last line has no end, and is no JSON yet.
    #[error("the last row is cut in the middle")]
    Cut,
    /// Nobody can tell whose result it is.
    #[error("a row has no `custom_id`")]
    NoId,
    /// It says nothing of the request.
    #[error("a row has no `result`")]
    NoResult,
    /// An id came before.
    #[error("the row of `{custom_id}` comes twice")]
    Twice {
        /// The id.
        custom_id: String,
    },
    /// So many different ids cannot be those of the requests.
    #[error("there are more rows than the {} requests that were sent, so the batch is another one", grouped(*requests))]
    TooMany {
        /// How many were sent.
        requests: u64,
    },
}

/// Why rows that are good one by one are not the results of the batch. Each text can follow `the results of batch 3: `.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Incomplete {
    /// Requests have no row.
    #[error("rows are missing: {} of {} are there", grouped(*rows), grouped(*requests))]
    Missing {
        /// How many rows came.
        rows: u64,
        /// How many requests were sent.
        requests: u64,
    },
    /// As many rows as requests, but not of these.
    #[error("the rows have other ids than were sent, so the batch is another one")]
    OtherIds,
    /// Every request has its row, but they say something else than the API's counts.
    #[error("counts differ: {} rows are `{}`, and the API counted {}", grouped(*rows), kind.name(), grouped(*counted))]
    Counts {
        /// The first type that differs.
        kind: OutcomeKind,
        /// How many rows are of it.
        rows: u64,
        /// How many there are by the API's count.
        counted: u64,
    },
}

impl RowCheck {
    /// Expects the rows of the requests with these ids.
    pub fn new(expected: IdSum) -> RowCheck {
        RowCheck { expected, seen: HashSet::new(), sum: IdSum::default(), counts: RowCounts::default() }
    }

    /// Takes the next line, with its `\n` where it has one. Lines of white space mean nothing.
    ///
    /// # Errors
    /// When it cannot be a row of the batch. The check has then not counted it and can go on.
    pub fn row(&mut self, line: &[u8]) -> Result<(), RowProblem> {
        if line.iter().all(u8::is_ascii_whitespace) {
            return Ok(());
        }
        let row = ResultRow::read(line)?;
        let key = id_key(&row.custom_id);
        if self.seen.contains(&key) {
            return Err(RowProblem::Twice { custom_id: row.custom_id.into_owned() });
        }
        if self.sum.count() >= self.expected.count() {
            return Err(RowProblem::TooMany { requests: self.expected.count() });
        }
        self.seen.insert(key);
        self.sum.add_key(key);
        self.counts.add(row.outcome.kind);
        Ok(())
    }

    /// That all rows have come, held against what the API counted. Returns what came.
    ///
    /// Where there are rows of unknown types, or the API counts such, nobody knows how the two go together: then it is
    /// enough that every request has its row.
    ///
    /// # Errors
    /// When they are not those of the requests, or not what the API counted.
    pub fn finish(self, counts: &RowCounts) -> Result<RowCounts, Incomplete> {
        let (rows, requests) = (self.sum.count(), self.expected.count());
        if rows < requests {
            return Err(Incomplete::Missing { rows, requests });
        }
        if self.sum != self.expected {
            return Err(Incomplete::OtherIds);
        }
        let is_known = self.counts.other == 0 && counts.other == 0;
        let differs = |kind: &OutcomeKind| self.counts.of(*kind) != counts.of(*kind);
        match OutcomeKind::ALL.into_iter().find(differs).filter(|_| is_known) {
            Some(kind) => {
                Err(Incomplete::Counts { kind, rows: self.counts.of(kind), counted: counts.of(kind) })
            }
            None => Ok(self.counts),
        }
    }
}

impl RowProblem {
    /// Whether fetching the results again may cure it. Nothing makes another batch ours.
    pub fn may_be_cured(&self) -> bool {
        !matches!(self, RowProblem::TooMany { .. })
    }
}

impl Incomplete {
    /// Whether fetching the results, and the counts, again may cure it. Nothing makes another batch ours.
    pub fn may_be_cured(&self) -> bool {
        !matches!(self, Incomplete::OtherIds)
    }
}
