//! Whether the pool tracks sessions, and how many a user may have.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

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
    /// For how many minutes clients go on with the session of a browser, of those that have a setting of their own.
    minutes: Mutex<HashMap<String, u32>>,
    uses: AtomicU64,
}

impl Tracking {
    pub(super) fn new(config: &LocalPoolConfig) -> Self {
        let sessions = config.sessions.as_ref();
        let max_per_user = sessions.map_or(MAX_PER_USER, |sessions| sessions.max_per_user);
        Tracking {
            is_in_plan: !config.levels.are_ignored(),
            configuration: Mutex::new(TrackingConfiguration { is_on: sessions.is_some(), max_per_user }),
            minutes: Mutex::default(),
            uses: AtomicU64::new(0),
        }
    }

    pub(crate) fn is_in_plan(&self) -> bool {
        self.is_in_plan
    }

    pub(crate) fn configuration(&self) -> TrackingConfiguration {
        *self.configuration.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn configure(&self, configuration: TrackingConfiguration) {
        *self.configuration.lock().unwrap_or_else(PoisonError::into_inner) = configuration;
    }

    /// What this client has as a setting of its own.
    pub(crate) fn minutes(&self, client_id: &str) -> Option<u32> {
        self.lock_minutes().get(client_id).copied()
    }

    /// `client_id` is that of a client of the pool, so there are no more than clients.
    pub(crate) fn set_minutes(&self, client_id: &str, minutes: u32) {
        self.lock_minutes().insert(client_id.to_owned(), minutes);
    }

    /// For how many seconds a client goes on with the session of a browser, if any client has a setting of its own.
    pub(super) fn reuse_seconds(&self, client_id: &str, usual: u32) -> Option<u64> {
        self.max_per_user()?;
        let minutes = self.lock_minutes();
        let seconds = minutes.get(client_id).map_or(usual, |minutes| minutes.saturating_mul(60));
        (!minutes.is_empty()).then(|| seconds.into())
    }

    /// For how many seconds a session of a browser may be of use to a client.
    pub(super) fn longest_seconds(&self, usual: u32) -> u32 {
        let longest = self.lock_minutes().values().max().map_or(0, |minutes| minutes.saturating_mul(60));
        if self.max_per_user().is_some() { longest.max(usual) } else { usual }
    }

    // One insertion is all that happens under it, so a poisoned lock is as good as any.
    fn lock_minutes(&self) -> MutexGuard<'_, HashMap<String, u32>> {
        self.minutes.lock().unwrap_or_else(PoisonError::into_inner)
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
