//! Corrects an estimator by real counts of a sample.
//!
//! A [`Survey`] goes once over the whole workload, sorts the requests into strata (model, kind, size) and keeps
//! candidates for the sample. Its [`Design`] says which of them to count. From the counts comes a
//! [`Calibration`]: for each cell of strata the ratio of real to estimated tokens, with intervals. A
//! [`CalibratedEstimator`] applies it to another estimator.
//!
//! A [`TextSample`] needs no counts of the API: it holds pieces of text that were counted here, and corrects by them the
//! rough count of all others, which a [`SampledEstimator`] is.
//!
//! Nothing here asks the API or anything else: the same workload and the same counts give the same calibration.
//! The statistics are in floating point, with additions, multiplications, divisions and square roots only,
//! which are the same on every machine; no money comes near them.

mod calibrated_estimator;
mod calibration;
mod content;

mod design;
mod stratum;
mod survey;

mod sampled_estimator;
mod text_sample;

mod ratio;
mod student;

pub use calibrated_estimator::{CalibratedEstimator, Provenance};
pub use calibration::{Calibration, CellReport, Counted};
pub use content::Content;
pub use design::{Design, Pick};
pub use ratio::{Factor, Interval};
pub use sampled_estimator::SampledEstimator;
pub use stratum::{SizeClass, Stratum};
pub use survey::Survey;
pub use text_sample::{TextFit, TextSample, TextStratum};
