use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use batchwise_plan::{Fingerprint, Fingerprinting};
use jiff::Timestamp;

use crate::journal::{Found, Journal, JournalError};
use crate::{Begun, Entry, Known, Vault};

/// The folder of one execution: `plan.json`, a copy of the plan, `journal.jsonl`, and `results/<index>.jsonl`.
///
/// While it is open, no other process can open it. What it has written when one of its functions returns outlasts the end
/// of the process and of the machine, as far as the file system keeps what it was told to sync.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    journal: File,
    /// Held as long as the folder is.
    _lock: File,
}

/// Why a folder cannot be used. Each text can follow `cannot submit: `.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// There is no execution in it.
    #[error("there is no journal in {}: name the folder that `batchwise submit` wrote", path.display())]
    NoJournal {
        /// The folder.
        path: PathBuf,
    },
    /// There are results and no journal.
    #[error(
        "{} holds results, but its journal is gone: restore that from a copy. Without it nobody knows what was sent, and sending it \
         all again would pay for it again",
        path.display()
    )]
    JournalGone {
        /// The folder.
        path: PathBuf,
    },
    /// The journal is longer than any.
    #[error("the journal {} is longer than {JOURNAL_BYTES_MAX} bytes, which none should be", path.display())]
    TooLong {
        /// The journal.
        path: PathBuf,
    },
    /// Something else is in it.
    #[error("{} holds other files and no journal: name a folder of its own", path.display())]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// Another process works in it.
    #[error("another process executes the plan in {}: wait until it ends, or stop it first", path.display())]
    Busy {
        /// The folder.
        path: PathBuf,
    },
    /// The journal cannot be relied on.
    #[error("cannot go on from the journal {}", path.display())]
    Journal {
        /// The journal.
        path: PathBuf,
        /// Why.
        source: JournalError,
    },
    /// The file system says no.
    #[error("cannot use {}", path.display())]
    Io {
        /// What was to be read or written.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

const JOURNAL: &str = "journal.jsonl";
const PLAN: &str = "plan.json";
const LOCK: &str = "lock";
const RESULTS: &str = "results";

type Opened = Result<(Folder, Journal), FolderError>;

impl Folder {
    /// Whether an execution has begun there.
    ///
    /// # Errors
    /// When nobody can tell.
    pub fn has_begun(path: &Path) -> Result<bool, FolderError> {
        let journal = path.join(JOURNAL);
        journal.try_exists().map_err(|source| FolderError::Io { path: journal, source })
    }

    /// Begins an execution of the plan with these bytes. The folder is made, unless it is there and empty, or was begun and
    /// the beginning has not come to its end.
    ///
    /// # Errors
    /// When the folder is somebody else's, or cannot be written.
    pub fn begin(path: &Path, plan: &[u8], begun: Begun, at: Timestamp) -> Opened {
        let failed = |source| FolderError::Io { path: path.to_owned(), source };
        fs::create_dir_all(path).map_err(failed)?;
        refuse_strangers(path)?;
        let lock = lock(path)?;
        if Folder::has_begun(path)? {
            return Err(FolderError::Busy { path: path.to_owned() });
        }
        write_whole(path, PLAN, plan).map_err(failed)?;
        fs::create_dir_all(path.join(RESULTS)).map_err(failed)?;
        sync_folder(path).map_err(failed)?;
        if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            sync_folder(parent).map_err(failed)?;
        }
        let (journal, line) = Journal::begin(at, Entry::Begun(begun));
        // With its first line or not at all: a journal that is empty is always damaged.
        write_whole(path, JOURNAL, line.as_bytes()).map_err(failed)?;
        sync_folder(path).map_err(failed)?;
        let file = OpenOptions::new().append(true).open(path.join(JOURNAL)).map_err(failed)?;
        Ok((Folder { path: path.to_owned(), journal: file, _lock: lock }, journal))
    }

    /// Opens the folder of an execution to go on with it. A line of the journal that was not written to its end is removed.
    ///
    /// # Errors
    /// When there is none, another process has it, or the journal cannot be relied on.
    pub fn open(path: &Path) -> Opened {
        if !path.join(JOURNAL).is_file() {
            return Err(FolderError::NoJournal { path: path.to_owned() });
        }
        let lock = lock(path)?;
        let file = path.join(JOURNAL);
        let failed = |source| FolderError::Io { path: file.clone(), source };
        let Found { journal, bytes, torn_bytes } = read_journal(path)?;
        let handle = OpenOptions::new().append(true).open(&file).map_err(failed)?;
        if torn_bytes > 0 {
            handle.set_len(bytes).and_then(|()| handle.sync_all()).map_err(failed)?;
        }
        fs::create_dir_all(path.join(RESULTS)).map_err(failed)?;
        Ok((Folder { path: path.to_owned(), journal: handle, _lock: lock }, journal))
    }

    /// The journal of an execution that may be under way, as it is now.
    ///
    /// # Errors
    /// When there is none, or it cannot be relied on.
    pub fn look(path: &Path) -> Result<Journal, FolderError> {
        if !path.join(JOURNAL).is_file() {
            return Err(FolderError::NoJournal { path: path.to_owned() });
        }
        Ok(read_journal(path)?.journal)
    }

    /// Where the plan of an execution lies.
    pub fn plan_path(path: &Path) -> PathBuf {
        path.join(PLAN)
    }

    /// Where the results of a batch lie, when they are complete.
    pub fn results_path(path: &Path, batch: u32) -> PathBuf {
        path.join(RESULTS).join(format!("{batch}.jsonl"))
    }

    /// Whether the results of a batch are as they were when they were saved: so long, and with this SHA-256.
    pub fn has_results(path: &Path, batch: u32, bytes: u64, sha256: Fingerprint) -> bool {
        let file = Folder::results_path(path, batch);
        let read = || {
            let mut content = Fingerprinting::new(File::open(&file)?);
            io::copy(&mut content, &mut io::sink())?;
            Ok::<_, io::Error>((content.length(), content.fingerprint()))
        };
        fs::metadata(&file).is_ok_and(|metadata| metadata.len() == bytes)
            && read().is_ok_and(|found| found == (bytes, sha256))
    }

    /// Keeps every other process from the folder, as long as it lives: from what is done there beside executing.
    ///
    /// # Errors
    /// When another process has it.
    pub fn hold(path: &Path) -> Result<File, FolderError> {
        lock(path)
    }

    /// The other executions in the folders beside this one, as far as they can be read.
    pub fn neighbours(path: &Path) -> Vec<(PathBuf, Journal)> {
        // The folder itself may not be there yet.
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let entries = absolute.parent().and_then(|parent| fs::read_dir(parent).ok());
        let mut folders: Vec<PathBuf> =
            entries.into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        folders.sort();
        let is_own = |folder: &PathBuf| folder.file_name() == absolute.file_name();
        let others = folders.into_iter().filter(|folder| !is_own(folder));
        others.filter_map(|folder| Some((folder.clone(), read_journal(&folder).ok()?.journal))).collect()
    }

    fn unfinished(&self, batch: u32) -> PathBuf {
        Folder::results_path(&self.path, batch).with_extension("jsonl.part")
    }
}

impl Vault for Folder {
    fn append(&mut self, line: &str) -> io::Result<()> {
        self.journal.write_all(line.as_bytes())?;
        self.journal.sync_data()
    }

    fn elsewhere(&mut self) -> Known {
        let mut known = Known::default();
        for (_, journal) in Folder::neighbours(&self.path) {
            known.other.extend(journal.execution().names_by(true).cloned());
            known.suspected.extend(journal.execution().names_by(false).cloned());
        }
        known
    }

    fn begin_results(&mut self, batch: u32) -> io::Result<Box<dyn Write>> {
        let file = File::create(self.unfinished(batch))?;
        Ok(Box::new(BufWriter::with_capacity(256 * 1024, file)))
    }

    fn keep_results(&mut self, batch: u32) -> io::Result<()> {
        let unfinished = self.unfinished(batch);
        OpenOptions::new().write(true).open(&unfinished)?.sync_all()?;
        fs::rename(&unfinished, Folder::results_path(&self.path, batch))?;
        sync_folder(&self.path.join(RESULTS))
    }
}

/// That there is nothing in the folder but what an execution leaves that has not begun.
fn refuse_strangers(path: &Path) -> Result<(), FolderError> {
    let failed = |source| FolderError::Io { path: path.to_owned(), source };
    for entry in fs::read_dir(path).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        let ours = [PLAN, LOCK, RESULTS, PART];
        if !ours.iter().any(|known| name == *known) {
            return Err(FolderError::NotEmpty { path: path.to_owned() });
        }
    }
    // Where there are results, there was a journal.
    let results = fs::read_dir(path.join(RESULTS));
    if results.is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(FolderError::JournalGone { path: path.to_owned() });
    }
    Ok(())
}

fn lock(path: &Path) -> Result<File, FolderError> {
    let file = path.join(LOCK);
    let failed = |source| FolderError::Io { path: file.clone(), source };
    let lock = OpenOptions::new().create(true).truncate(false).write(true).open(&file).map_err(failed)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(fs::TryLockError::WouldBlock) => Err(FolderError::Busy { path: path.to_owned() }),
        Err(fs::TryLockError::Error(source)) => Err(failed(source)),
    }
}

/// The longest journal that is read: that of a hundred thousand batches.
const JOURNAL_BYTES_MAX: u64 = 256 << 20;

fn read_journal(path: &Path) -> Result<Found, FolderError> {
    let file = path.join(JOURNAL);
    let failed = |source| FolderError::Io { path: file.clone(), source };
    let mut bytes = Vec::new();
    let content = File::open(&file).map_err(failed)?;
    content.take(JOURNAL_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > JOURNAL_BYTES_MAX {
        return Err(FolderError::TooLong { path: file });
    }
    Journal::read(&bytes).map_err(|source| FolderError::Journal { path: file.clone(), source })
}

const PART: &str = "unfinished.part";

fn write_whole(folder: &Path, name: &str, content: &[u8]) -> io::Result<()> {
    let unfinished = folder.join(PART);
    let mut file = File::create(&unfinished)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&unfinished, folder.join(name))
}

/// Makes new names in a folder outlast the machine, where the system can do that.
fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
}
