use std::path::PathBuf;

use batchwise_submit::{ExecutionError, FolderError, SurveyError};

/// Why a plan is not executed. Each text can follow `error: `.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SubmitError {
    #[error(
        "the plan is unusable: something in its inputs could not be read or priced. `batchwise plan` says what"
    )]
    Unusable,
    #[error("name the folder of the execution with --journal, as the plan comes from standard input")]
    NoFolder,
    #[error(
        "the plan was made from standard input: save those requests to a file, and say where with --input -=FILE"
    )]
    Piped,
    #[error(
        "{} belongs to the execution of another plan, of which a copy is in it as plan.json: give that to go on with it, or name \
         another folder with --journal for this one",
        folder.display()
    )]
    OtherPlan { folder: PathBuf },
    #[error(
        "the execution in {} was begun with the {what} {before}, not {now}: its batches are there, so go on as it was begun",
        folder.display()
    )]
    OtherWay { folder: PathBuf, what: &'static str, before: String, now: String },
    #[error(
        "the same requests have been sent already, or will be, by the execution in {}: name that folder with --journal to go on \
         with it, or add --again to pay for them once more",
        folder.display()
    )]
    Repetition { folder: PathBuf },
    #[error("--resolve {batch}=…: that batch is not {wanted}; `batchwise status` tells how the batches are")]
    NothingToResolve { batch: u32, wanted: &'static str },
    #[error(
        "batch {batch} has {requests} requests, and a tier of {max} never takes so many: plan smaller batches with --tier"
    )]
    Tier { batch: u32, requests: u64, max: u64 },
    #[error("there is nobody to ask: add --yes to cancel without asking. {what}")]
    NobodyToAskToCancel { what: String },
    #[error("there is nobody to ask: add --yes to send without asking. {what}")]
    NobodyToAsk { what: String },
    #[error("cannot read {path}, an input of the plan: say where it lies now with --input {path}=FILE")]
    Input { path: String, source: std::io::Error },
    #[error(transparent)]
    Survey(SurveyError),
    #[error(transparent)]
    Folder(#[from] FolderError),
    #[error(transparent)]
    Execution(ExecutionError),
}

impl From<SurveyError> for SubmitError {
    fn from(error: SurveyError) -> SubmitError {
        match error {
            SurveyError::Unreadable { path, source } => SubmitError::Input { path, source },
            error => SubmitError::Survey(error),
        }
    }
}
