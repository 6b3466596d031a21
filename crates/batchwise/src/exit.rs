use std::process::ExitCode;

use batchwise_findings::Verdict;

/// What the process tells its caller; of two, the greater counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// Nothing stands in the way.
    Fine,
    /// Something is not there yet: the same again later may do the rest.
    Unfinished,
    /// The API answers a request with an error, or a limit or a budget refuses it.
    Refused,
    /// Usage, unreadable input, unpriced request or internal error.
    Unusable,
}

/// The code for a run that the user interrupted: 128 + SIGINT.
pub(crate) const INTERRUPTED: i32 = 130;

impl Exit {
    /// The exit code of a plan's verdict.
    pub(crate) fn of(verdict: Verdict) -> Exit {
        match verdict {
            Verdict::Ok => Exit::Fine,
            Verdict::Refused => Exit::Refused,
            Verdict::Unusable => Exit::Unusable,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        match exit {
            Exit::Fine => ExitCode::from(0),
            Exit::Unfinished => ExitCode::from(3),
            Exit::Refused => ExitCode::from(1),
            Exit::Unusable => ExitCode::from(2),
        }
    }
}
