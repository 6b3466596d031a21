use std::time::Duration;

use crate::Clock;

/// Spreads requests evenly: at most so many a minute, and never a burst, because the API may hold a limit of
/// 60 a minute as one a second.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    interval: Duration,
    next: Duration,
}

impl Pace {
    /// At most `requests` a minute, at least one.
    pub fn per_minute(requests: u32) -> Pace {
        Pace { interval: Duration::from_secs(60) / requests.max(1), next: Duration::ZERO }
    }

    /// Waits until the next request may go, and tells whether there was a wait.
    pub(crate) fn wait(&mut self, clock: &impl Clock) -> bool {
        let now = clock.now();
        let is_early = now < self.next;
        if is_early {
            clock.sleep(self.next - now);
        }
        self.next = self.next.max(now) + self.interval;
        is_early
    }
}
