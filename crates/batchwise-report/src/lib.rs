//! What a gate says about request files, in the form that each platform shows.
//!
//! A [`Desk`] takes findings as they come, with the severity that they have for the user, keeps the first of each rule and
//! counts all. At the end it is a [`CheckReport`], and each format is one function from that to text. No format trusts a
//! name or an excerpt: what users put into their files cannot forge output.

mod annotations;
mod check_json;
mod check_report;
mod code_quality;
mod desk;
mod identity;
mod junit;
mod markdown;
mod plain;
mod sarif;
mod saved;
mod workload;

pub use annotations::annotations;
pub use check_json::check_json;
pub use check_report::{CheckReport, CheckedFile, Counts, RuleCount, Told};
pub use code_quality::code_quality;
pub use desk::{Desk, KEPT_MAX};
pub use junit::junit;
pub use markdown::markdown;
pub use sarif::sarif;
pub use saved::{Saved, SavedAt, saved};
pub use workload::workload;
