//! The time of a server, as its last answer said.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The time of a server between two of its answers, by the machine's own monotonic clock.
pub(super) struct ServerClock {
    origin: Instant,
    /// What the server's time was at `origin`, in milliseconds since 1970.
    at_origin: AtomicU64,
}

impl ServerClock {
    /// The clock of a server that has just said what time it is.
    pub(super) fn new(now: u64) -> Self {
        ServerClock { origin: Instant::now(), at_origin: AtomicU64::new(now) }
    }

    /// Notes what the server says the time is, in milliseconds since 1970.
    pub(super) fn set(&self, now: u64) {
        self.at_origin.store(now.saturating_sub(self.elapsed()), Ordering::Relaxed);
    }

    /// The time in milliseconds since 1970, by as much later as tests have moved the app's clock.
    pub(super) fn now(&self, ahead: Duration) -> u64 {
        let at_origin = self.at_origin.load(Ordering::Relaxed);
        at_origin.saturating_add(self.elapsed()).saturating_add(milliseconds(ahead))
    }

    fn elapsed(&self) -> u64 {
        milliseconds(self.origin.elapsed())
    }
}

/// A duration as servers are given it. One that is longer than a century is as good as a century.
pub(super) fn milliseconds(duration: Duration) -> u64 {
    const LONGEST: Duration = Duration::from_secs(100 * 365 * 24 * 3600);
    u64::try_from(duration.min(LONGEST).as_millis()).unwrap_or(u64::MAX)
}
