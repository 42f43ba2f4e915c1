//! How time passes for a store that is judged.

use std::time::Duration;

use crate::clock::Clock;

/// How time passes for a store that is judged.
///
/// [`Clock`] is one, for stores that go by it, and [`RealTime`] for all others. Implement it where your store's time can be
/// moved by other means.
#[rocket::async_trait]
pub trait Time: Send + Sync + 'static {
    /// How long something lasts that a row waits for. A store has to tell times to half of it.
    fn unit(&self) -> Duration;

    /// Returns when so much time, or a little more, has passed for the store.
    async fn pass(&self, duration: Duration);
}

/// Moves the clock, and all that go by it.
#[rocket::async_trait]
impl Time for Clock {
    fn unit(&self) -> Duration {
        Duration::from_secs(60)
    }

    async fn pass(&self, duration: Duration) {
        self.advance(duration);
    }
}

/// Time that nobody can move: the suite waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RealTime {
    unit: Duration,
}

impl RealTime {
    /// Waits for some hundred of these units in all. A store whose clock has whole seconds takes one of three seconds.
    #[must_use]
    pub const fn in_units_of(unit: Duration) -> Self {
        RealTime { unit }
    }
}

/// In units of a quarter of a second.
impl Default for RealTime {
    fn default() -> Self {
        RealTime::in_units_of(Duration::from_millis(250))
    }
}

#[rocket::async_trait]
impl Time for RealTime {
    fn unit(&self) -> Duration {
        self.unit
    }

    async fn pass(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}
