use std::thread;
use std::time::{Duration, Instant};

use batchwise_api::SystemClock;
use jiff::Timestamp;

use crate::interrupt;

/// The clock of the machine, on which nobody oversleeps a Ctrl-C.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RunClock {
    start: Instant,
    system: SystemClock,
}

/// How long a Ctrl-C may wait.
const NAP: Duration = Duration::from_millis(100);

impl RunClock {
    pub(crate) fn start() -> RunClock {
        RunClock { start: Instant::now(), system: SystemClock::start() }
    }

    fn rest(&self, time: Duration) {
        let end = Instant::now() + time;
        while !interrupt::is_wanted() {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            thread::sleep(left.min(NAP));
        }
    }
}

impl batchwise_submit::Clock for RunClock {
    fn timestamp(&self) -> Timestamp {
        Timestamp::now()
    }

    fn uptime(&self) -> Duration {
        self.start.elapsed()
    }

    fn sleep(&self, time: Duration) {
        self.rest(time);
    }

    fn stop_is_wanted(&self) -> bool {
        interrupt::is_wanted()
    }
}

impl batchwise_api::Clock for RunClock {
    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    fn sleep(&self, time: Duration) {
        self.rest(time);
    }

    fn chance(&self) -> f64 {
        self.system.chance()
    }

    fn interrupted(&self) -> bool {
        interrupt::is_wanted()
    }
}
