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
        "{} belongs to the execution of another plan: give that plan, or another folder with --journal",
        folder.display()
    )]
    OtherPlan { folder: PathBuf },
    #[error(
        "the execution in {} was begun with the {what} {before}, not {now}: its batches are there, so go on as it was begun",
        folder.display()
    )]
    OtherWay { folder: PathBuf, what: &'static str, before: String, now: String },
    #[error(
        "this plan has been sent already, by the execution in {}: name that folder with --journal to go on with it, or add \
         --again to pay for all of it once more",
        folder.display()
    )]
    Repetition { folder: PathBuf },
    #[error("there is nobody to ask: add --yes to send without asking. {what}")]
    NobodyToAsk { what: String },
    #[error(transparent)]
    Survey(SurveyError),
    #[error(transparent)]
    Folder(#[from] FolderError),
    #[error(transparent)]
    Execution(ExecutionError),
}
