use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::CliError;
use crate::{input, interrupt};

/// Where a command's data goes: standard output, or a file that appears only when it is complete.
pub(crate) enum Output {
    Stdout(BufWriter<io::StdoutLock<'static>>),
    File { path: PathBuf, unfinished: BufWriter<NamedTempFile> },
}

impl Output {
    /// Standard output.
    pub(crate) fn stdout() -> Output {
        Output::Stdout(BufWriter::new(io::stdout().lock()))
    }

    /// A file, created at once under another name so that a wrong path fails in the first second.
    pub(crate) fn file(path: &Path, inputs: &[PathBuf]) -> Result<Output, CliError> {
        let target = fs::canonicalize(path).ok();
        let is_target = |input: &&PathBuf| !input::is_stdin(input) && fs::canonicalize(input).ok() == target;
        if target.is_some() && inputs.iter().any(|input| is_target(&input)) {
            return Err(CliError::OutputIsInput { path: path.to_owned() });
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // The temporary file's own name would only confuse, so the kind of the error must do.
        let failed = |kind: io::ErrorKind| CliError::Write { path: path.to_owned(), source: kind.into() };
        if path.is_dir() {
            return Err(failed(io::ErrorKind::IsADirectory));
        }
        if !folder.is_dir() {
            return Err(CliError::NoFolder { path: path.to_owned(), folder: folder.to_owned() });
        }
        let unfinished = builder().tempfile_in(folder).map_err(|error| failed(error.kind()))?;
        interrupt::set_unfinished(Some(unfinished.path()));
        Ok(Output::File { path: path.to_owned(), unfinished: BufWriter::new(unfinished) })
    }

    /// Completes the output.
    pub(crate) fn finish(self) -> Result<(), CliError> {
        match self {
            Output::Stdout(mut out) => out.flush().map_err(CliError::Stdout),
            Output::File { path, unfinished } => {
                let failed = |source| CliError::Write { path: path.clone(), source };
                let file = unfinished.into_inner().map_err(|error| failed(error.into_error()))?;
                file.as_file().sync_all().map_err(failed)?;
                file.persist(&path).map_err(|error| failed(error.error))?;
                interrupt::set_unfinished(None);
                Ok(())
            }
        }
    }

    /// The error of a failed write.
    pub(crate) fn failed(&self, source: io::Error) -> CliError {
        match self {
            Output::Stdout(_) => CliError::Stdout(source),
            Output::File { path, .. } => CliError::Write { path: path.clone(), source },
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Output::Stdout(out) => out.write(bytes),
            Output::File { unfinished, .. } => unfinished.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Output::Stdout(out) => out.flush(),
            Output::File { unfinished, .. } => unfinished.flush(),
        }
    }
}

/// Temporary files are private by default; what the user asked for has the usual permissions.
fn builder() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".batchwise-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder
}
