use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::exit::INTERRUPTED;

/// The unfinished output files.
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// From now on Ctrl-C ends the process with code 130 and leaves no half-written file behind.
pub(crate) fn exit_cleanly_on_ctrl_c() {
    // Without a handler the default one ends the process just as well.
    let _ = ctrlc::set_handler(|| {
        for path in UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            let _ = std::fs::remove_file(path);
        }
        std::process::exit(INTERRUPTED);
    });
}

/// Names a file that must not survive an interrupt.
pub(crate) fn begin(path: &Path) {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner).push(path.to_owned());
}

/// That a file is complete, or gone.
pub(crate) fn end(path: &Path) {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner).retain(|unfinished| unfinished != path);
}
