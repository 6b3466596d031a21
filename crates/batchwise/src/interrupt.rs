use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::exit::INTERRUPTED;

/// The unfinished output file, if there is one.
static UNFINISHED: Mutex<Option<PathBuf>> = Mutex::new(None);

/// From now on Ctrl-C ends the process with code 130 and leaves no half-written file behind.
pub(crate) fn exit_cleanly_on_ctrl_c() {
    // Without a handler the default one ends the process just as well.
    let _ = ctrlc::set_handler(|| {
        let unfinished = UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(path) = unfinished.as_ref() {
            let _ = std::fs::remove_file(path);
        }
        std::process::exit(INTERRUPTED);
    });
}

/// Names the file that must not survive an interrupt, or none.
pub(crate) fn set_unfinished(path: Option<&Path>) {
    *UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner) = path.map(Path::to_owned);
}
