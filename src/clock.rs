//! The time, in one place; everything below takes `now` as an argument.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The time as an app sees it: that of its machine, which a test may move forward.
///
/// # Example
/// ```rust
/// use std::time::Duration;
///
/// use rocket_cognito::{Clock, Cognito};
///
/// let clock = Clock::default();
/// let fairing = Cognito::fairing().clock(&clock);
/// clock.advance(Duration::from_secs(3600)); // every session is an hour older now
/// # let _ = fairing;
/// ```
#[derive(Debug, Clone, Default)]
pub struct Clock {
    ahead_in_milliseconds: Arc<AtomicU64>,
}

impl Clock {
    /// Moves the time of every app that has this clock or a clone of it forward. For tests of what becomes of
    /// sessions: the pool, the browser and the cache of public keys keep their own time.
    pub fn advance(&self, duration: Duration) {
        self.ahead_in_milliseconds.fetch_add(milliseconds(duration), Ordering::Relaxed);
    }

    fn ahead(&self) -> Duration {
        Duration::from_millis(self.ahead_in_milliseconds.load(Ordering::Relaxed))
    }

    pub(crate) fn time(&self) -> SystemTime {
        let now = SystemTime::now();
        now.checked_add(self.ahead()).unwrap_or(now)
    }

    /// Seconds since the Unix epoch, as in a JWT's NumericDate.
    pub(crate) fn now(&self) -> u64 {
        self.now_in_milliseconds() / 1000
    }

    /// Milliseconds since the Unix epoch.
    pub(crate) fn now_in_milliseconds(&self) -> u64 {
        now_in_milliseconds().saturating_add(milliseconds(self.ahead()))
    }

    /// By the monotonic clock, which nobody sets back.
    pub(crate) fn instant(&self) -> Instant {
        let now = Instant::now();
        now.checked_add(self.ahead()).unwrap_or(now)
    }
}

/// Seconds since the Unix epoch; 0 before it.
pub(crate) fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// Seconds since the Unix epoch by the machine's clock.
pub(crate) fn now() -> u64 {
    now_in_milliseconds() / 1000
}

/// Milliseconds since the Unix epoch; 0 before it.
fn now_in_milliseconds() -> u64 {
    milliseconds(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default())
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
