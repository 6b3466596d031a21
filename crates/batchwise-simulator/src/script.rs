use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

use crate::chance::Chance;

/// What goes wrong, in the order of the file: each call gets the first fault that is meant for it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Script(pub Vec<FaultLine>);

/// One `[[fault]]` of the file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultLine {
    /// The calls that it is meant for.
    pub on: Operation,
    /// What happens.
    #[serde(rename = "do")]
    pub what: What,
    /// The first of those calls that it hits, counted from 1.
    #[serde(default = "one")]
    pub from: u64,
    /// How many of them in a row; 0 means all that follow.
    #[serde(default = "one")]
    pub times: u64,
    /// How often in a hundred it hits one of these, by the seed.
    #[serde(default = "always")]
    pub percent: u8,
    /// `answer`: with this status.
    pub status: Option<u16>,
    /// `answer`: with this header, in seconds.
    pub retry_after: Option<u64>,
    /// `answer`: although the call took effect. What a gateway does that waits too long.
    #[serde(default)]
    pub after_accepting: bool,
    /// `slow`: by so many milliseconds of real time, after the call took effect. `list-lag`: without the batches of the last
    /// so many milliseconds of the server's time.
    pub milliseconds: Option<u64>,
    /// The faults of results: after so many rows; by default half of them.
    pub rows: Option<u64>,
}

fn one() -> u64 {
    1
}

fn always() -> u8 {
    100
}

/// A call by what it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Operation {
    /// Makes a batch.
    Create,
    /// Asks about a batch.
    Retrieve,
    /// Asks for all.
    List,
    /// Stops a batch.
    Cancel,
    /// Removes a batch.
    Delete,
    /// Downloads what came out.
    Results,
    /// Counts tokens.
    CountTokens,
    /// Asks about models.
    Models,
    /// Anything; as the call of something that does not exist, only this.
    Any,
}

/// What can go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// The connection is closed before the call takes effect.
    DropBefore,
    /// The call takes effect, and the connection is closed without an answer.
    DropAfter,
    /// The answer comes late.
    Slow,
    /// Another answer.
    Answer,
    /// 429 of the monthly cap.
    SpendCap,
    /// 404 although the batch is there.
    NotFound,
    /// The newest batches are missing from the list.
    ListLag,
    /// The results end before their `content-length`.
    CutLength,
    /// The results end without their last chunk.
    CutChunk,
    /// The results end in the middle of a row, as if they were complete.
    CutInLine,
    /// The results end after a row, as if they were complete.
    CutAtLine,
    /// A row comes twice.
    DuplicateRow,
    /// A row is missing.
    MissingRow,
}

/// A fault that hits a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    DropBefore,
    DropAfter,
    Slow(Duration),
    Answer { status: u16, retry_after: Option<u64>, after_accepting: bool },
    SpendCap,
    NotFound,
    ListLag(Duration),
    Rows(RowFault, Option<u64>),
}

/// What happens to a download.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowFault {
    CutLength,
    CutChunk,
    CutInLine,
    CutAtLine,
    Duplicate,
    Missing,
}

impl Script {
    /// Whether every line means something.
    pub(crate) fn check(&self) -> Result<(), String> {
        self.0.iter().zip(1..).try_for_each(|(line, number)| {
            line.check().map_err(|message| format!("fault {number}: {message}"))
        })
    }
}

impl FaultLine {
    fn check(&self) -> Result<(), String> {
        let fitting: &[Operation] = match self.what {
            What::NotFound => {
                &[Operation::Retrieve, Operation::Cancel, Operation::Delete, Operation::Results]
            }
            What::ListLag => &[Operation::List],
            _ if self.row_fault().is_some() => &[Operation::Results],
            _ => &[self.on],
        };
        let has = |wanted: bool, given: bool, name: &str| match (wanted, given) {
            (false, true) => Err(format!("`{name}` means nothing here")),
            _ => Ok(()),
        };
        if !fitting.contains(&self.on) {
            return Err("this cannot happen to these calls".to_owned());
        }
        let is_answer = self.what == What::Answer;
        let is_timed = matches!(self.what, What::Slow | What::ListLag);
        has(is_answer, self.status.is_some(), "status")?;
        has(is_answer, self.retry_after.is_some(), "retry_after")?;
        has(is_answer, self.after_accepting, "after_accepting")?;
        has(is_timed, self.milliseconds.is_some(), "milliseconds")?;
        has(self.row_fault().is_some(), self.rows.is_some(), "rows")?;
        match self {
            _ if is_answer && !self.status.is_some_and(|status| (400..600).contains(&status)) => {
                Err("`answer` needs a `status` from 400 to 599".to_owned())
            }
            _ if is_timed && self.milliseconds.is_none_or(|time| time > MILLISECONDS_MAX) => {
                Err(format!("it needs `milliseconds`, at most {MILLISECONDS_MAX}"))
            }
            FaultLine { from: 0, .. } => Err("calls are counted from 1".to_owned()),
            FaultLine { percent: 101.., .. } => Err("`percent` is at most 100".to_owned()),
            _ => Ok(()),
        }
    }

    fn row_fault(&self) -> Option<RowFault> {
        match self.what {
            What::CutLength => Some(RowFault::CutLength),
            What::CutChunk => Some(RowFault::CutChunk),
            What::CutInLine => Some(RowFault::CutInLine),
            What::CutAtLine => Some(RowFault::CutAtLine),
            What::DuplicateRow => Some(RowFault::Duplicate),
            What::MissingRow => Some(RowFault::Missing),
            _ => None,
        }
    }

    fn fault(&self) -> Fault {
        let time = Duration::from_millis(self.milliseconds.unwrap_or_default());
        match self.what {
            What::DropBefore => Fault::DropBefore,
            What::DropAfter => Fault::DropAfter,
            What::Slow => Fault::Slow(time),
            What::Answer => Fault::Answer {
                status: self.status.unwrap_or(500),
                retry_after: self.retry_after,
                after_accepting: self.after_accepting,
            },
            What::SpendCap => Fault::SpendCap,
            What::NotFound => Fault::NotFound,
            What::ListLag => Fault::ListLag(time),
            _ => Fault::Rows(self.row_fault().unwrap_or(RowFault::CutAtLine), self.rows),
        }
    }

    /// Whether it is meant for the call with that number among those it looks at.
    fn covers(&self, number: u64) -> bool {
        number >= self.from && (self.times == 0 || number - self.from < self.times)
    }
}

/// A day, the longest time of a fault.
const MILLISECONDS_MAX: u64 = 86_400_000;

/// A script that is being played.
#[derive(Debug)]
pub(crate) struct Play {
    script: Script,
    calls: BTreeMap<Operation, u64>,
    chance: Chance,
}

impl Play {
    pub(crate) fn new(script: Script, chance: Chance) -> Play {
        Play { script, calls: BTreeMap::new(), chance }
    }

    /// Counts a call and tells what goes wrong with it.
    pub(crate) fn next(&mut self, operation: Operation) -> Option<Fault> {
        *self.calls.entry(Operation::Any).or_default() += 1;
        if operation != Operation::Any {
            *self.calls.entry(operation).or_default() += 1;
        }
        for line in &self.script.0 {
            let is_meant = line.on == operation || line.on == Operation::Any;
            let number = self.calls.get(&line.on).copied().unwrap_or_default();
            if is_meant && line.covers(number) && self.chance.happens(line.percent) {
                return Some(line.fault());
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Settings;

    fn complaint(text: &str) -> String {
        Settings::parse(text).unwrap_err().to_string()
    }

    #[test]
    fn a_line_that_means_nothing_is_refused() {
        let cases = [
            ("on = \"list\"\ndo = \"cut-length\"", "fault 1: this cannot happen to these calls"),
            (
                "on = \"create\"\ndo = \"list-lag\"\nmilliseconds = 1",
                "fault 1: this cannot happen to these calls",
            ),
            ("on = \"create\"\ndo = \"drop-after\"\nstatus = 500", "fault 1: `status` means nothing here"),
            ("on = \"create\"\ndo = \"answer\"", "fault 1: `answer` needs a `status` from 400 to 599"),
            ("on = \"create\"\ndo = \"slow\"", "fault 1: it needs `milliseconds`, at most 86400000"),
            ("on = \"create\"\ndo = \"drop-after\"\nfrom = 0", "fault 1: calls are counted from 1"),
            ("on = \"create\"\ndo = \"drop-after\"\npercent = 101", "fault 1: `percent` is at most 100"),
        ];
        for (fault, expected) in cases {
            assert_eq!(complaint(&format!("[[fault]]\n{fault}\n")), expected);
        }
        assert!(complaint("[[fault]]\non = \"create\"\ndo = \"explode\"").contains("explode"));
        assert!(complaint("[account]\nrpm = 1").contains("rpm"));
        assert!(complaint("[processing]\nseconds_min = 9\nseconds_max = 1").contains("more than"));
    }

    #[test]
    fn faults_hit_the_calls_they_are_meant_for() {
        let text = "[[fault]]\non = \"create\"\ndo = \"drop-after\"\nfrom = 2\ntimes = 2\n\
                    [[fault]]\non = \"any\"\ndo = \"spend-cap\"\nfrom = 5\ntimes = 0\n";
        let mut play = Play::new(Settings::parse(text).unwrap().faults, Chance::new(1));
        let faults: Vec<_> = [Operation::Create, Operation::Create, Operation::List, Operation::Create]
            .into_iter()
            .chain([Operation::Create, Operation::Models])
            .map(|operation| play.next(operation))
            .collect();
        let (dropped, capped) = (Some(Fault::DropAfter), Some(Fault::SpendCap));
        assert_eq!(faults, [None, dropped, None, dropped, capped, capped]);
    }
}
