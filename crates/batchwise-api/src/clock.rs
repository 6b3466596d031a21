use std::hash::{BuildHasher, RandomState};
use std::thread;
use std::time::{Duration, Instant};

/// Time and chance, as far as a client needs them. Tests bring their own, which wait for nothing.
pub trait Clock {
    /// The time since some fixed moment.
    fn now(&self) -> Duration;

    /// Waits.
    fn sleep(&self, time: Duration);

    /// A number from 0 to 1, so that clients which failed together do not come back together.
    fn chance(&self) -> f64;

    /// Whether somebody wants an end. A client looks after each wait and then asks nothing more; who waits should
    /// come back early.
    fn interrupted(&self) -> bool {
        false
    }
}

/// The clock of the machine.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock(Instant);

impl SystemClock {
    /// A clock that starts now.
    pub fn start() -> SystemClock {
        SystemClock(Instant::now())
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Duration {
        self.0.elapsed()
    }

    fn sleep(&self, time: Duration) {
        thread::sleep(time);
    }

    fn chance(&self) -> f64 {
        // Each `RandomState` has keys of its own.
        let bits = u32::try_from(RandomState::new().hash_one(0) >> 32).expect("half of 64 bits are 32");
        f64::from(bits) / f64::from(u32::MAX)
    }
}
