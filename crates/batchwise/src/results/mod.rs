//! The folder of an execution: the plan, the rows that came back, and how they go together with the inputs.

mod error;
mod input_requests;
mod results_folder;
mod retried;
mod roll;
mod row_file;

pub(crate) use error::ResultsError;
pub(crate) use input_requests::each_request;
pub(crate) use results_folder::{ResultsFolder, located};
pub(crate) use retried::Retried;
pub(crate) use roll::{Mark, Roll, RollEntry};
pub(crate) use row_file::{FoundRow, RowPlace, RowReader, each_row};
