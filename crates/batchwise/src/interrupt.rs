use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::exit::INTERRUPTED;

/// The unfinished output files.
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Whether the first Ctrl-C is a wish, which is asked for, and not yet an order.
static IS_ASKED_FOR: AtomicBool = AtomicBool::new(false);

/// Whether the user wants to stop.
static IS_WANTED: AtomicBool = AtomicBool::new(false);

/// From now on Ctrl-C ends the process with code 130 and leaves no half-written file behind.
pub(crate) fn exit_cleanly_on_ctrl_c() {
    // Without a handler the default one ends the process just as well.
    let _ = ctrlc::set_handler(|| {
        if IS_ASKED_FOR.load(Ordering::Relaxed) && !IS_WANTED.swap(true, Ordering::Relaxed) {
            eprintln!("stopping after the call that is under way; press Ctrl-C again to stop at once");
            return;
        }
        for path in UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            let _ = std::fs::remove_file(path);
        }
        std::process::exit(INTERRUPTED);
    });
}

/// From now on the first Ctrl-C is only a wish, and who works looks whether there [is one](is_wanted).
pub(crate) fn is_asked_for() {
    IS_ASKED_FOR.store(true, Ordering::Relaxed);
}

/// Whether the user wants to stop.
pub(crate) fn is_wanted() -> bool {
    IS_WANTED.load(Ordering::Relaxed)
}

/// Names a file that must not survive an interrupt.
pub(crate) fn begin(path: &Path) {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner).push(path.to_owned());
}

/// That a file is complete, or gone.
pub(crate) fn end(path: &Path) {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner).retain(|unfinished| unfinished != path);
}
