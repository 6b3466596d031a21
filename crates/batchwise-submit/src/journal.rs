use std::collections::BTreeMap;

use batchwise_plan::Fingerprint;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Entry, Execution, ExecutionError, Vault};

/// The name and version of the journal's format.
pub const SCHEMA: &str = "batchwise.journal/1";

/// What has happened, in order: one line of JSON for each entry, never changed, only appended.
///
/// Each line ends with a checksum over itself and the checksum of the line before, so that no line can change, be lost or
/// be exchanged unnoticed. A last line that was not written to its end is no line: what it announces has not been done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Journal {
    entries: Vec<Stamped>,
    check: String,
    execution: Execution,
}

/// An entry and when it was written, on the clock of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamped {
    /// When.
    pub at: Timestamp,
    /// What.
    pub entry: Entry,
}

/// A journal as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The journal.
    pub journal: Journal,
    /// How many bytes it has.
    pub bytes: u64,
    /// How many bytes come after it that were not written to their end.
    pub torn_bytes: u64,
}

/// Why a file is no journal that can be relied on. Each text can follow `cannot go on from the journal: `.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// Not even the first line is there.
    #[error(
        "it has no whole line, so it was damaged, and nobody knows what was sent: restore it from a copy, or look at the batches in \
         the Console before you send anything again from another folder"
    )]
    Empty,
    /// It begins like nothing that this program writes.
    #[error("it is no journal of batchwise: name the folder that `batchwise submit` wrote")]
    NotAJournal,
    /// It was written by a later version.
    #[error("its format is \"{schema}\", written by a newer version of batchwise: update batchwise")]
    Newer {
        /// The format that it names.
        schema: String,
    },
    /// A line is not as it was written.
    #[error(
        "line {line} {what}: the file was changed or damaged. Restore it from a copy; without one, look at the batches in the \
         Console and cancel or await them there, because going on could pay for requests twice"
    )]
    Damaged {
        /// The number of the line, counted from 1.
        line: u64,
        /// What is wrong with it.
        what: String,
    },
}

/// A line, but for its checksum.
#[derive(Serialize)]
struct Written<'e> {
    n: u64,
    at: String,
    #[serde(flatten)]
    entry: &'e Entry,
}

/// A line as it is read.
#[derive(Deserialize)]
struct Read {
    n: u64,
    at: String,
    #[serde(flatten)]
    entry: Entry,
}

impl Journal {
    /// A journal with its first entry, and that entry's line.
    ///
    /// # Panics
    /// When `begun` is not [`Entry::Begun`].
    pub fn begin(at: Timestamp, begun: Entry) -> (Journal, String) {
        let Entry::Begun(head) = &begun else { panic!("a journal begins with its beginning") };
        let execution = Execution::new(head.clone());
        let mut journal = Journal { entries: Vec::new(), check: String::new(), execution };
        let line = journal.line(at, &begun);
        journal.keep(at, begun, &line);
        (journal, line)
    }

    /// Reads a journal.
    ///
    /// # Errors
    /// When it cannot be relied on.
    pub fn read(bytes: &[u8]) -> Result<Found, JournalError> {
        let whole = whole_lines(bytes);
        let mut journal: Option<Journal> = None;
        for (number, line) in (1..).zip(bytes[..whole].split_inclusive(|&byte| byte == b'\n')) {
            let damaged = |what: String| JournalError::Damaged { line: number, what };
            let line = std::str::from_utf8(line).map_err(|_| damaged("is no text".to_owned()))?;
            let before = journal.as_ref().map_or("", |journal| journal.check.as_str());
            if number == 1 {
                check_format(line)?;
            }
            let text =
                checked(line, before).ok_or_else(|| damaged("does not fit its checksum".to_owned()))?;
            let Read { n, at, entry } =
                serde_json::from_str(&text).map_err(|error| damaged(format!("cannot be read ({error})")))?;
            let at = at.parse().map_err(|_| damaged("has no time".to_owned()))?;
            if n != number {
                return Err(damaged(format!("has the number {n}")));
            }
            match &mut journal {
                None => match &entry {
                    Entry::Begun(_) => journal = Some(Journal::begin(at, entry).0),
                    _ => return Err(JournalError::NotAJournal),
                },
                Some(journal) => {
                    journal.execution.apply(&entry).map_err(|error| damaged(error.to_string()))?;
                    journal.check = check_of(line).unwrap_or_default().to_owned();
                    journal.entries.push(Stamped { at, entry });
                }
            }
        }
        let journal = journal.ok_or(JournalError::Empty)?;
        Ok(Found { journal, bytes: whole as u64, torn_bytes: (bytes.len() - whole) as u64 })
    }

    /// Writes the next entry. Only when this returns, it counts.
    ///
    /// # Errors
    /// When it is not sure that it was written. The journal is then as it was, and nothing more may be written to it.
    ///
    /// # Panics
    /// When the entry contradicts those before it: then something was done that must not be done. Nothing is written.
    pub fn write(
        &mut self,
        vault: &mut dyn Vault,
        at: Timestamp,
        entry: Entry,
    ) -> Result<(), ExecutionError> {
        if let Err(contradiction) = self.execution.check(&entry) {
            panic!("the journal's next entry {contradiction}: {entry:?}");
        }
        let line = self.line(at, &entry);
        vault.append(&line).map_err(ExecutionError::Journal)?;
        self.append(at, entry, &line);
        Ok(())
    }

    /// The line of the next entry, with its end. It is not in the journal before it is [kept](Journal::append).
    fn line(&self, at: Timestamp, entry: &Entry) -> String {
        let written = Written { n: self.entries.len() as u64 + 1, at: at.to_string(), entry };
        let mut line = serde_json::to_string(&written).expect("an entry is always JSON");
        let check = checksum(&self.check, &line);
        line.pop();
        line.push_str(&format!("{CHECK_OPENING}{check}\"}}\n"));
        line
    }

    /// Adds an entry whose line was written, and which can follow.
    fn append(&mut self, at: Timestamp, entry: Entry, line: &str) {
        self.execution.apply(&entry).expect("it was checked");
        self.keep(at, entry, line);
    }

    fn keep(&mut self, at: Timestamp, entry: Entry, line: &str) {
        self.check = check_of(line).unwrap_or_default().to_owned();
        self.entries.push(Stamped { at, entry });
    }

    /// The length and the SHA-256 of the results of each batch that were saved, as they were then.
    pub fn saved(&self) -> BTreeMap<u32, (u64, Fingerprint)> {
        let mut saved = BTreeMap::new();
        for stamped in &self.entries {
            match stamped.entry {
                Entry::Saved { batch, bytes, sha256, .. } => drop(saved.insert(batch, (bytes, sha256))),
                Entry::Unsaved { batch, .. } => drop(saved.remove(&batch)),
                _ => (),
            }
        }
        saved
    }

    /// All entries, oldest first.
    pub fn entries(&self) -> &[Stamped] {
        &self.entries
    }

    /// How far the execution has come.
    pub fn execution(&self) -> &Execution {
        &self.execution
    }
}

const CHECK_OPENING: &str = ",\"check\":\"";

/// How many hexadecimal digits a checksum has.
const CHECK_DIGITS: usize = 16;

/// The length of all lines that were written to their end. Of a line that the machine's end has cut, the rest may be zeros.
fn whole_lines(bytes: &[u8]) -> usize {
    let mut end = bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |last| last + 1);
    let last_start =
        bytes[..end.saturating_sub(1)].iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    if bytes[last_start..end].contains(&0) {
        end = last_start;
    }
    end
}

/// The checksum of a line without one, after a line with the checksum `before`.
fn checksum(before: &str, line: &str) -> String {
    let mut digits = Fingerprint::of(format!("{before}\n{line}").as_bytes()).to_string();
    digits.truncate(CHECK_DIGITS);
    digits
}

/// A line without its checksum, if that is right.
fn checked(line: &str, before: &str) -> Option<String> {
    let (text, check) = line.rsplit_once(CHECK_OPENING)?;
    let text = format!("{text}}}");
    let is_right = check.strip_suffix("\"}\n")? == checksum(before, &text);
    is_right.then_some(text)
}

fn check_of(line: &str) -> Option<&str> {
    line.rsplit_once(CHECK_OPENING)?.1.strip_suffix("\"}\n")
}

/// That the first line is that of a journal, in a format that is known.
fn check_format(line: &str) -> Result<(), JournalError> {
    #[derive(Deserialize)]
    struct First {
        schema: String,
    }
    let First { schema } = serde_json::from_str(line).map_err(|_| JournalError::NotAJournal)?;
    match schema.strip_prefix("batchwise.journal/") {
        None => Err(JournalError::NotAJournal),
        Some(_) if schema != SCHEMA => Err(JournalError::Newer { schema }),
        Some(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests;
