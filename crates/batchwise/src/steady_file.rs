use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::time::SystemTime;

/// A file that must not change while it is read: what was read would be half of one file and half of another.
///
/// At the end of the file its length and the time of its last change are compared with those at the beginning, and the
/// length with what was read; a difference is an error. What is no regular file has neither.
pub(crate) struct SteadyFile {
    file: File,
    read: u64,
    before: Option<State>,
}

#[derive(PartialEq, Eq)]
struct State {
    bytes: u64,
    changed: Option<SystemTime>,
}

impl SteadyFile {
    pub(crate) fn new(file: File, metadata: &Metadata) -> SteadyFile {
        SteadyFile { file, read: 0, before: metadata.is_file().then(|| State::of(metadata)) }
    }

    fn check(&self) -> io::Result<()> {
        let Some(before) = &self.before else { return Ok(()) };
        // Some files of the system have no length.
        let is_whole = self.read == before.bytes || before.bytes == 0;
        if is_whole && State::of(&self.file.metadata()?) == *before {
            return Ok(());
        }
        Err(io::Error::other("it has changed while it was read: start again when nothing writes to it"))
    }
}

impl Read for SteadyFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.file.read(buffer)?;
        self.read += length as u64;
        if length == 0 && !buffer.is_empty() {
            self.check()?;
        }
        Ok(length)
    }
}

impl State {
    fn of(metadata: &Metadata) -> State {
        State { bytes: metadata.len(), changed: metadata.modified().ok() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::OpenOptions;
    use std::io::Write;

    /// Changes a file of 10 bytes when half of it was read, and reads on.
    fn read_while(change: impl FnOnce(&File)) -> io::Result<Vec<u8>> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("requests.jsonl");
        std::fs::write(&path, "0123456789").unwrap();
        let file = File::open(&path).unwrap();
        let metadata = file.metadata().unwrap();
        let mut steady = SteadyFile::new(file, &metadata);
        let mut read = vec![0; 5];
        steady.read_exact(&mut read)?;
        change(&OpenOptions::new().append(true).open(&path).unwrap());
        steady.read_to_end(&mut read)?;
        Ok(read)
    }

    #[test]
    fn a_file_that_changes_is_an_error() {
        assert_eq!(read_while(|_| ()).unwrap(), b"0123456789");
        assert!(read_while(|mut file| file.write_all(b"more").unwrap()).is_err());
        assert!(read_while(|file| file.set_len(7).unwrap()).is_err());
        assert!(read_while(|file| file.set_len(3).unwrap()).is_err());
        let later = SystemTime::now() + std::time::Duration::from_secs(9);
        assert!(read_while(|file| file.set_modified(later).unwrap()).is_err());
    }
}
