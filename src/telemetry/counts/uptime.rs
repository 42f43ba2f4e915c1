//! The time since counting began.

use std::time::{Duration, Instant};

use crate::clock::Clock;

/// The time since counting began, by the app's clock.
pub(super) struct Uptime {
    clock: Clock,
    began_at: Instant,
}

impl Uptime {
    pub(super) fn new(clock: &Clock) -> Self {
        Uptime { clock: clock.clone(), began_at: clock.instant() }
    }

    pub(super) fn now(&self) -> Duration {
        self.clock.instant().saturating_duration_since(self.began_at)
    }
}
