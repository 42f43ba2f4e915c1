//! One moment by both clocks: the monotonic one, which entries expire by, and the one that goes on over a restart.

use std::time::{Duration, Instant};

use crate::clock::{self, UnixMilliseconds};

#[derive(Clone, Copy)]
pub(crate) struct Moment {
    pub(super) instant: Instant,
    pub(super) unix: UnixMilliseconds,
}

impl Moment {
    pub(crate) fn now() -> Self {
        Moment { instant: Instant::now(), unix: clock::now_in_milliseconds() }
    }

    pub(super) fn unix_of(self, instant: Instant) -> UnixMilliseconds {
        let milliseconds = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let UnixMilliseconds(unix) = self.unix;
        let (later, earlier) = (
            instant.saturating_duration_since(self.instant),
            self.instant.saturating_duration_since(instant),
        );
        UnixMilliseconds(unix.saturating_add(milliseconds(later)).saturating_sub(milliseconds(earlier)))
    }

    /// `None` for a time that is too late to be waited for. What is over is so from this moment on.
    pub(super) fn instant_of(self, unix: UnixMilliseconds) -> Option<Instant> {
        self.instant.checked_add(Duration::from_millis(unix.0.saturating_sub(self.unix.0)))
    }
}
