use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};

use batchwise_planner::Source;
use flate2::read::MultiGzDecoder;

use crate::error::CliError;
use crate::steady_file::SteadyFile;

const GZIP: &[u8] = b"\x1f\x8b";
const ZSTD: &[u8] = b"\x28\xb5\x2f\xfd";

/// The inputs of a command, opened.
pub(crate) struct Inputs {
    pub(crate) sources: Vec<Source<'static>>,
    /// The size of all inputs together, where it is known: no pipes, nothing compressed.
    pub(crate) bytes: Option<u64>,
}

/// Opens all inputs, so that a wrong path fails before the long work. `-` is standard input; gzip and
/// Zstandard are recognised by their first bytes.
pub(crate) fn open(paths: &[PathBuf]) -> Result<Inputs, CliError> {
    if paths.iter().filter(|path| is_stdin(path)).count() > 1 {
        return Err(CliError::StdinTwice);
    }
    if let Some(path) = given_twice(paths) {
        return Err(CliError::FileTwice { path });
    }
    let mut bytes = Some(0);
    let mut sources = Vec::new();
    for path in paths {
        let (content, size) = open_one(path)?;
        bytes = bytes.zip(size).map(|(sum, size)| sum + size);
        let name = path.to_str().ok_or_else(|| CliError::NotUnicode { path: path.clone() })?;
        sources.push(Source { name: name.to_owned(), content });
    }
    Ok(Inputs { sources, bytes })
}

/// A regular file that is named twice, by whatever names.
fn given_twice(paths: &[PathBuf]) -> Option<PathBuf> {
    let mut files = paths.iter().filter(|path| !is_stdin(path) && path.is_file());
    let mut seen = HashSet::new();
    files.find(|path| path.canonicalize().is_ok_and(|real| !seen.insert(real))).cloned()
}

/// That all inputs can be read more than once, as `option` does so many `times`.
pub(crate) fn refuse_streams(
    files: &[PathBuf],
    option: &'static str,
    times: &'static str,
) -> Result<(), CliError> {
    // What does not exist has its own error, when it is opened.
    let stream =
        files.iter().find(|path| is_stdin(path) || (path.exists() && !path.is_file()) || is_handle(path));
    match stream.filter(|path| !path.is_dir()) {
        Some(path) => Err(CliError::NotAFile { option, times, path: path.clone() }),
        None => Ok(()),
    }
}

/// Whether a path names what is already open, which may go on where the last reading ended.
fn is_handle(path: &Path) -> bool {
    ["/dev/stdin", "/dev/fd", "/proc/self/fd"].iter().any(|handles| path.starts_with(handles))
}

/// Whether a path means standard input.
pub(crate) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Opens one plan file, as [`open`] does.
pub(crate) fn open_plan(path: &Path) -> Result<Content, CliError> {
    open_one(path).map(|(content, _)| content)
}

/// Opens one regular file, as [`open`] does.
pub(crate) fn open_file(path: &Path) -> io::Result<Content> {
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    decompressed(SteadyFile::new(file, &metadata), None).map(|(content, _)| content)
}

/// Whether a file is compressed, by its first bytes. It stands somewhere in its beginning afterwards.
pub(crate) fn is_compressed(file: &mut File) -> io::Result<bool> {
    let mut head = Vec::new();
    file.take(4).read_to_end(&mut head)?;
    Ok(head.starts_with(GZIP) || head.starts_with(ZSTD))
}

/// What an input holds, decompressed.
pub(crate) type Content = Box<dyn Read>;

fn open_one(path: &Path) -> Result<(Content, Option<u64>), CliError> {
    let failed = |source| CliError::Open { path: path.to_owned(), source };
    if is_stdin(path) {
        return decompressed(io::stdin().lock(), None).map_err(failed);
    }
    let file = File::open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    if metadata.is_dir() {
        return Err(CliError::Directory { path: path.to_owned() });
    }
    let size = metadata.is_file().then_some(metadata.len());
    decompressed(SteadyFile::new(file, &metadata), size).map_err(failed)
}

fn decompressed(mut raw: impl Read + 'static, size: Option<u64>) -> io::Result<(Content, Option<u64>)> {
    let mut head = Vec::new();
    raw.by_ref().take(4).read_to_end(&mut head)?;
    let whole = Cursor::new(head.clone()).chain(raw);
    Ok(match &head[..] {
        head if head.starts_with(GZIP) => (Box::new(MultiGzDecoder::new(whole)), None),
        head if head.starts_with(ZSTD) => (Box::new(zstd::Decoder::new(whole)?), None),
        _ => (Box::new(whole), size),
    })
}
