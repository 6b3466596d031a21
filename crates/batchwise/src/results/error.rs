use std::io;
use std::path::PathBuf;

use batchwise_units::grouped;

/// Why the results of a folder cannot be used. Each text can follow `error: `.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ResultsError {
    #[error("{} is not the folder of an execution: there is no plan.json in it", folder.display())]
    NoPlan { folder: PathBuf },
    #[error("cannot use the plan {}: its batches are not numbered from 0 in their order", path.display())]
    Numbering { path: PathBuf },
    #[error("--input {text} names no input of the plan: write OLD=NEW, where OLD is {known}")]
    NoSuchInput { text: String, known: String },
    #[error("cannot read {}, an input of the plan: say where it lies now with --input {name}=FILE", path.display())]
    InputGone { path: PathBuf, name: String, source: io::Error },
    #[error("the plan was made from standard input: say where its requests lie now with --input -=FILE")]
    InputWasPiped,
    #[error(
        "{} is not the file that was planned (its SHA-256 differs): restore that one, or say where it lies with --input \
         {name}=FILE",
        path.display()
    )]
    InputChanged { path: PathBuf, name: String },
    #[error("the plan counts {} requests in batch {batch}, and its inputs hold {}", grouped(*planned), grouped(*found))]
    OtherRequests { batch: u32, planned: u64, found: u64 },
    #[error(
        "{} was changed since it was saved (its SHA-256 differs): `batchwise submit` with the plan fetches it again",
        path.display()
    )]
    Altered { path: PathBuf },
    #[error("{}, line {line}: {problem}", path.display())]
    Row { path: PathBuf, line: u64, problem: String },
    #[error(
        "{} has no row for the request in line {line} of {input}: the file is not complete; remove it, and let it be \
         fetched again",
        path.display()
    )]
    NoRow { path: PathBuf, line: u64, input: String },
    #[error(
        "{} was written by an earlier retry of this folder and may have been sent since; other requests would be in it now, \
         so choose another name",
        path.display()
    )]
    RetriedUnder { path: PathBuf },
    #[error("cannot understand line {line} of {}, which says what was retried before", path.display())]
    Retried { path: PathBuf, line: usize },
    #[error("--plan {} needs a file of requests to plan, so -o cannot be standard output", path.display())]
    PlanOfStream { path: PathBuf },
}
