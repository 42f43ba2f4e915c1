//! Whether the pool tracks sessions, and how many a user may have.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::local_pool::config::{LocalPoolConfig, MAX_PER_USER};

/// What the pool is to track.
#[derive(Clone, Copy)]
pub(crate) struct TrackingConfiguration {
    pub(crate) is_on: bool,
    /// How many token sessions a user may have.
    pub(crate) max_per_user: u32,
}

/// Session tracking, as it is while the pool runs.
pub(crate) struct Tracking {
    /// The plan Lite has none.
    is_in_plan: bool,
    configuration: Mutex<TrackingConfiguration>,
    uses: AtomicU64,
}

impl Tracking {
    pub(super) fn new(config: &LocalPoolConfig) -> Self {
        let sessions = config.sessions.as_ref();
        let max_per_user = sessions.map_or(MAX_PER_USER, |sessions| sessions.max_per_user);
        Tracking {
            is_in_plan: !config.levels.are_ignored(),
            configuration: Mutex::new(TrackingConfiguration { is_on: sessions.is_some(), max_per_user }),
            uses: AtomicU64::new(0),
        }
    }

    pub(crate) fn is_in_plan(&self) -> bool {
        self.is_in_plan
    }

    pub(crate) fn configuration(&self) -> TrackingConfiguration {
        *self.configuration.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many token sessions a user may have; `None` where none is tracked.
    pub(crate) fn max_per_user(&self) -> Option<usize> {
        let TrackingConfiguration { is_on, max_per_user } = self.configuration();
        (is_on && self.is_in_plan).then(|| usize::try_from(max_per_user).unwrap_or(usize::MAX))
    }

    /// The number of this use of a session, higher than all before. Clocks may be set, and seconds are too coarse.
    pub(super) fn next_use(&self) -> u64 {
        self.uses.fetch_add(1, Ordering::Relaxed).saturating_add(1)
    }

    /// Goes on after these uses, which a state file has.
    pub(super) fn go_on_after(&self, uses: u64) {
        self.uses.fetch_max(uses, Ordering::Relaxed);
    }
}
