use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A progress bar on standard error, only where that is a terminal.
pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// Progress over `bytes`, where their number is known.
    pub(crate) fn new(bytes: Option<u64>, quiet: bool) -> Progress {
        let template = match bytes {
            Some(_) => "{percent:>3} % of {decimal_total_bytes} read, {msg} requests, {eta} left",
            None => "{decimal_bytes} read, {msg} requests",
        };
        Progress::with(bytes, template, quiet)
    }

    /// Progress over so many requests that are counted one by one.
    pub(crate) fn counting(requests: u64, quiet: bool) -> Progress {
        Progress::with(Some(requests), "{pos} of {len} requests counted, {eta} left", quiet)
    }

    fn with(length: Option<u64>, template: &str, quiet: bool) -> Progress {
        let target = if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr_with_hz(8) };
        let bar = ProgressBar::with_draw_target(length, target);
        bar.set_style(ProgressStyle::with_template(template).expect("the template is valid"));
        Progress { bar }
    }

    /// Hides the bar while something else is written to the terminal.
    pub(crate) fn suspend(&self, write: impl FnOnce()) {
        self.bar.suspend(write);
    }

    /// One more.
    pub(crate) fn step(&self) {
        self.bar.inc(1);
    }

    pub(crate) fn set(&self, bytes: u64, requests: u64) {
        self.bar.set_message(requests.to_string());
        self.bar.set_position(bytes);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
