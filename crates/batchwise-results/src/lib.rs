//! What came back of a batch.
//!
//! Results are JSON lines in any order, one for each request; only its `custom_id` says whose it is. A [`RowCheck`] sees
//! them arrive and tells whether they are all there. A [`ResultRow`] is what one line says; it is joined with where its
//! request stands ([`write_joined`]), becomes cells of a table ([`flatten`]), and has a [`Fate`]: whether its request is
//! worth sending again.
//!
//! ```
//! use batchwise_results::{Fate, IdSum, Incomplete, ResultRow, RowCheck, RowCounts};
//!
//! let mut sent = IdSum::default();
//! ["a", "b"].iter().for_each(|id| sent.add(id));
//!
//! let line = br#"{"custom_id":"b","result":{"type":"expired"}}"#;
//! let mut check = RowCheck::new(sent);
//! check.row(line).unwrap();
//! let counted = RowCounts { succeeded: 1, expired: 1, ..RowCounts::default() };
//! assert_eq!(check.finish(&counted), Err(Incomplete::Missing { rows: 1, requests: 2 }));
//!
//! assert_eq!(Fate::of(&ResultRow::read(line).unwrap()), Fate::Again);
//! ```

mod id_sum;
mod members;
mod result_row;
mod row_check;
mod row_counts;

mod flatten;
mod join;
mod reference;

mod fate;
mod message_shape;
mod row_error;
mod tally;

pub use fate::Fate;
pub use flatten::{COLUMNS, Flat, flatten, plain_cell};
pub use id_sum::{IdSum, id_key};
pub use join::write_joined;
pub use members::custom_id;
pub use message_shape::message_shape;
pub use reference::Reference;
pub use result_row::{Outcome, OutcomeKind, ResultRow};
pub use row_check::{Incomplete, RowCheck, RowProblem};
pub use row_counts::RowCounts;
pub use row_error::RowError;
pub use tally::{ErrorGroup, GROUPS_MAX, Tally};
