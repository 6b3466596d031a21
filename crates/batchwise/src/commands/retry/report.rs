use std::path::Path;

use batchwise_results::{ErrorGroup, Fate, OutcomeKind, Tally};
use serde::Serialize;

use super::choice::Choice;
use crate::args::{RetryArgs, RetryFormat};
use crate::results::ResultsFolder;
use crate::screen;

/// What `retry` found, as JSON and for the screen.
#[derive(Serialize)]
pub(crate) struct RetryReport<'r> {
    pub(crate) schema: &'static str,
    pub(crate) folder: String,
    /// Requests of batches whose rows were looked through, or that were never created and asked for.
    pub(crate) requests: u64,
    pub(crate) done: Count,
    pub(crate) again: Again,
    pub(crate) hopeless: Rejected,
    pub(crate) unknown: Count,
    pub(crate) outcomes: Outcomes,
    pub(crate) errors: Vec<ErrorLine<'r>>,
    pub(crate) ungrouped_errors: u64,
    pub(crate) without_results: Batches<'r>,
    pub(crate) retried_before: Batches<'r>,
}

#[derive(Serialize)]
pub(crate) struct Count {
    pub(crate) requests: u64,
}

#[derive(Serialize)]
pub(crate) struct Again {
    pub(crate) requests: u64,
    pub(crate) unsent: u64,
    pub(crate) file: String,
}

#[derive(Serialize)]
pub(crate) struct Rejected {
    pub(crate) requests: u64,
    pub(crate) file: Option<String>,
}

#[derive(Serialize)]
pub(crate) struct Outcomes {
    pub(crate) succeeded: u64,
    pub(crate) errored: u64,
    pub(crate) canceled: u64,
    pub(crate) expired: u64,
    pub(crate) other: u64,
}

#[derive(Serialize)]
pub(crate) struct ErrorLine<'r> {
    pub(crate) fate: &'static str,
    pub(crate) error: &'r str,
    pub(crate) message: &'r str,
    pub(crate) requests: u64,
    pub(crate) example: &'r str,
}

#[derive(Serialize)]
pub(crate) struct Batches<'r> {
    pub(crate) batches: &'r [u32],
    pub(crate) requests: u64,
}

impl<'r> RetryReport<'r> {
    pub(super) fn new(
        args: &RetryArgs,
        folder: &ResultsFolder,
        choice: &'r Choice,
        tally: &'r Tally,
    ) -> RetryReport<'r> {
        let of = |batches: &[u32]| -> u64 {
            let of = |batch: &u32| folder.plan.batches[*batch as usize].requests;
            batches.iter().map(of).sum()
        };
        let name = |path: &Path| path.display().to_string();
        let unsent = of(&choice.unsent);
        let outcome = |kind| tally.outcomes.of(kind);
        RetryReport {
            schema: "batchwise.retry/1",
            folder: name(&args.folder.folder),
            requests: tally.outcomes.total() + unsent,
            done: Count { requests: tally.of(Fate::Done) },
            again: Again { requests: tally.of(Fate::Again) + unsent, unsent, file: name(&args.output) },
            hopeless: Rejected {
                requests: tally.of(Fate::Hopeless),
                file: args.rejected.as_deref().map(name),
            },
            unknown: Count { requests: tally.of(Fate::Unknown) },
            outcomes: Outcomes {
                succeeded: outcome(OutcomeKind::Succeeded),
                errored: outcome(OutcomeKind::Errored),
                canceled: outcome(OutcomeKind::Canceled),
                expired: outcome(OutcomeKind::Expired),
                other: outcome(OutcomeKind::Other),
            },
            errors: tally.groups().into_iter().map(group).collect(),
            ungrouped_errors: tally.ungrouped(),
            without_results: Batches { batches: &choice.missing, requests: of(&choice.missing) },
            retried_before: Batches { batches: &choice.earlier, requests: of(&choice.earlier) },
        }
    }

    pub(crate) fn text(&self, format: RetryFormat) -> String {
        match format {
            RetryFormat::Json => serde_json::to_string_pretty(self).expect("it is always JSON") + "\n",
            RetryFormat::Human => screen::shown(screen::retry(self)),
        }
    }
}

fn group(group: &ErrorGroup) -> ErrorLine<'_> {
    ErrorLine {
        fate: group.fate.name(),
        error: &group.error,
        message: &group.message,
        requests: group.requests,
        example: &group.example,
    }
}
