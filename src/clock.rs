//! The time, in one place; everything below takes `now` as an argument.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// By how much clocks differ, in seconds: a sign-in that may be no older than less might never be young enough.
pub(crate) const LEAST_MAX_AGE: u64 = 60;

use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

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
    /// sessions: the pool, the browser and the cache of public keys keep their own time, unless they are those of the test
    /// kit.
    pub fn advance(&self, duration: Duration) {
        self.ahead_in_milliseconds.fetch_add(milliseconds(duration), Ordering::Relaxed);
    }

    /// By how much it has been moved.
    pub(crate) fn ahead(&self) -> Duration {
        Duration::from_millis(self.ahead_in_milliseconds.load(Ordering::Relaxed))
    }

    pub(crate) fn time(&self) -> SystemTime {
        let now = SystemTime::now();
        now.checked_add(self.ahead()).unwrap_or(now)
    }

    pub(crate) fn now(&self) -> UnixSeconds {
        self.now_in_milliseconds().seconds()
    }

    pub(crate) fn now_in_milliseconds(&self) -> UnixMilliseconds {
        let UnixMilliseconds(now) = now_in_milliseconds();
        UnixMilliseconds(now.saturating_add(milliseconds(self.ahead())))
    }

    /// By the monotonic clock, which nobody sets back.
    pub(crate) fn instant(&self) -> Instant {
        let now = Instant::now();
        now.checked_add(self.ahead()).unwrap_or(now)
    }
}

/// A time in seconds since the Unix epoch, as in a JWT's NumericDate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Zeroize)]
#[serde(transparent)]
pub(crate) struct UnixSeconds(pub(crate) u64);

impl UnixSeconds {
    /// When something expires that does not: later than any other time.
    pub(crate) const NEVER: Self = UnixSeconds(u64::MAX);

    /// The time so many seconds later.
    pub(crate) fn plus(self, seconds: u64) -> Self {
        UnixSeconds(self.0.saturating_add(seconds))
    }

    /// The time so many seconds earlier.
    #[cfg(feature = "testing")]
    pub(crate) fn minus(self, seconds: u64) -> Self {
        UnixSeconds(self.0.saturating_sub(seconds))
    }

    /// How many seconds have passed since `earlier`; 0 when that is later.
    pub(crate) fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// The epoch for any time before it.
impl From<SystemTime> for UnixSeconds {
    fn from(time: SystemTime) -> Self {
        UnixSeconds(time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs())
    }
}

/// The epoch for a time that the machine cannot write.
impl From<UnixSeconds> for SystemTime {
    fn from(time: UnixSeconds) -> Self {
        UNIX_EPOCH.checked_add(Duration::from_secs(time.0)).unwrap_or(UNIX_EPOCH)
    }
}

/// A time in milliseconds since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Zeroize)]
#[serde(transparent)]
pub(crate) struct UnixMilliseconds(pub(crate) u64);

impl UnixMilliseconds {
    /// The second that this lies in.
    pub(crate) fn seconds(self) -> UnixSeconds {
        UnixSeconds(self.0 / 1000)
    }
}

/// The time by the machine's clock.
pub(crate) fn now() -> UnixSeconds {
    now_in_milliseconds().seconds()
}

pub(crate) fn now_in_milliseconds() -> UnixMilliseconds {
    UnixMilliseconds(milliseconds(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()))
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_end_at_the_epoch_and_at_the_last_number() {
        let (early, late) = (UnixSeconds(1_000), UnixSeconds(1_060));
        assert_eq!((early.plus(60), late.since(early), early.since(late)), (late, 60, 0));
        assert_eq!(UnixSeconds(u64::MAX - 1).plus(60), UnixSeconds::NEVER);
        assert_eq!(UnixMilliseconds(1_999).seconds(), UnixSeconds(1));

        let before = UNIX_EPOCH - Duration::from_secs(1);
        assert_eq!(UnixSeconds::from(before), UnixSeconds(0));
        assert_eq!(SystemTime::from(early), UNIX_EPOCH + Duration::from_secs(1_000));
        assert_eq!(SystemTime::from(UnixSeconds::NEVER), UNIX_EPOCH);
    }

    #[test]
    fn times_are_written_as_bare_numbers() {
        let written = serde_json::json!([UnixSeconds(1_000), UnixMilliseconds(1_000_999)]);
        assert_eq!(written.to_string(), "[1000,1000999]");
        let read: (UnixSeconds, UnixMilliseconds) = serde_json::from_value(written).unwrap();
        assert_eq!(read, (UnixSeconds(1_000), UnixMilliseconds(1_000_999)));
    }
}
