use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::CliError;
use crate::{input, interrupt};

/// Where a command's data goes.
pub(crate) struct Output {
    /// `None` is standard output.
    path: Option<PathBuf>,
    sink: BufWriter<Sink>,
}

enum Sink {
    /// Written as it comes: standard output, a pipe, a device.
    Stream(Box<dyn Write>),
    /// A regular file, which appears under its name only when it is complete.
    Unfinished(NamedTempFile),
}

impl Output {
    /// Standard output.
    pub(crate) fn stdout() -> Output {
        Output { path: None, sink: BufWriter::new(Sink::Stream(Box::new(io::stdout().lock()))) }
    }

    /// The file, or standard output where none is named; as [`Output::file`].
    pub(crate) fn open<'p>(
        path: Option<&Path>,
        inputs: impl IntoIterator<Item = &'p PathBuf>,
    ) -> Result<Output, CliError> {
        path.map_or_else(|| Ok(Output::stdout()), |path| Output::file(path, inputs))
    }

    /// A file, opened or created at once so that a wrong path fails in the first second. `-` is standard
    /// output. Symbolic links are followed, and what is no regular file is written to as it is.
    /// What is read at `inputs` is never written over.
    pub(crate) fn file<'p>(
        path: &Path,
        inputs: impl IntoIterator<Item = &'p PathBuf>,
    ) -> Result<Output, CliError> {
        if path.as_os_str() == "-" || path == Path::new("/dev/stdout") {
            return Ok(Output::stdout());
        }
        let failed = |source| CliError::Write { path: path.to_owned(), source };
        if is_descriptor(path) {
            let stream = File::options().append(true).open(path).map_err(failed)?;
            let sink = BufWriter::new(Sink::Stream(Box::new(stream)));
            return Ok(Output { path: Some(path.to_owned()), sink });
        }
        let target = fs::canonicalize(path).ok().or_else(|| dangling_target(path));
        let mut read = inputs.into_iter().filter(|file| !input::is_stdin(file));
        if target.is_some() && read.any(|file| fs::canonicalize(file).ok() == target) {
            return Err(CliError::OutputIsInput { path: path.to_owned() });
        }
        let sink = match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => return Err(failed(io::ErrorKind::IsADirectory.into())),
            Ok(metadata) if !metadata.is_file() => {
                Sink::Stream(Box::new(File::options().write(true).open(path).map_err(failed)?))
            }
            old => {
                let target = target.unwrap_or_else(|| path.to_owned());
                let unfinished = create_beside(&target, path)?;
                if let Ok(old) = old {
                    unfinished.as_file().set_permissions(old.permissions()).map_err(failed)?;
                }
                interrupt::begin(unfinished.path());
                return Ok(Output { path: Some(target), sink: BufWriter::new(Sink::Unfinished(unfinished)) });
            }
        };
        Ok(Output { path: Some(path.to_owned()), sink: BufWriter::new(sink) })
    }

    /// Whether this is standard output.
    pub(crate) fn is_stdout(&self) -> bool {
        self.path.is_none()
    }

    /// Where the file will be, unless this is standard output.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Writes everything and completes the output.
    pub(crate) fn write_all_with(
        mut self,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), CliError> {
        write(&mut self.sink).map_err(|error| self.failed(error))?;
        self.finish()
    }

    /// Completes the output.
    pub(crate) fn finish(mut self) -> Result<(), CliError> {
        self.sink.flush().map_err(|error| self.failed(error))?;
        let Output { path, sink } = self;
        let failed = |source| failed(path.as_deref(), source);
        match sink.into_inner().map_err(|error| failed(error.into_error()))? {
            Sink::Stream(_) => Ok(()),
            Sink::Unfinished(file) => {
                file.as_file().sync_all().map_err(failed)?;
                let target = path.as_deref().expect("an unfinished file has a name to come");
                let unfinished = file.path().to_owned();
                file.persist(target).map_err(|error| failed(error.error))?;
                interrupt::end(&unfinished);
                Ok(())
            }
        }
    }

    /// The error of a failed write.
    pub(crate) fn failed(&self, source: io::Error) -> CliError {
        failed(self.path.as_deref(), source)
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.sink.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.sink.flush()
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Sink::Stream(stream) => stream.write(bytes),
            Sink::Unfinished(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Sink::Stream(stream) => stream.flush(),
            Sink::Unfinished(file) => file.flush(),
        }
    }
}

fn failed(path: Option<&Path>, source: io::Error) -> CliError {
    match path {
        Some(path) => CliError::Write { path: path.to_owned(), source },
        None => CliError::Stdout(source),
    }
}

/// That no two outputs of one run go to the same place, where the last would replace the others.
pub(crate) fn refuse_twice<'p>(outputs: impl IntoIterator<Item = &'p Path>) -> Result<(), CliError> {
    let mut seen = HashSet::new();
    for path in outputs {
        // What is no file, like /dev/null, keeps nothing that could be lost.
        let is_stream = path.exists() && !path.is_file();
        if !is_stream && !seen.insert(real(path)) {
            return Err(CliError::OutputTwice { path: path.to_owned() });
        }
    }
    Ok(())
}

/// One name for a file, whether or not it is there yet.
pub(crate) fn real(path: &Path) -> PathBuf {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let to_come = || Some(fs::canonicalize(folder).ok()?.join(path.file_name()?));
    fs::canonicalize(path).ok().or_else(to_come).unwrap_or_else(|| path.to_owned())
}

/// A name of an open descriptor: what is behind it belongs to whoever opened it, and must not be replaced.
fn is_descriptor(path: &Path) -> bool {
    let folders = ["/dev/fd", "/proc/self/fd", "/proc/thread-self/fd"];
    path == Path::new("/dev/stderr") || folders.iter().any(|folder| path.starts_with(folder))
}

/// Where a symbolic link leads that leads nowhere yet.
fn dangling_target(path: &Path) -> Option<PathBuf> {
    let link = fs::read_link(path).ok()?;
    Some(path.parent()?.join(link))
}

/// An empty file in the folder of `target`. Temporary files are private by default; what the user asked for
/// has the usual permissions.
fn create_beside(target: &Path, path: &Path) -> Result<NamedTempFile, CliError> {
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        return Err(CliError::NoFolder { path: path.to_owned(), folder: folder.to_owned() });
    }
    let mut builder = tempfile::Builder::new();
    builder.prefix(".batchwise-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    // The temporary file's own name would only confuse, so the kind of the error must do.
    let unfinished = builder.tempfile_in(folder);
    unfinished.map_err(|error| CliError::Write { path: path.to_owned(), source: error.kind().into() })
}
