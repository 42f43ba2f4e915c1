//! An endpoint of the pool: how often it was asked, and what tests have planned for it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::failure::Failure;
use super::hold::Gate;

pub(super) struct Endpoint {
    pub(super) path: String,
    pub(super) gate: Arc<Gate>,
    requests: AtomicU64,
    planned: Mutex<Option<Plan>>,
}

struct Plan {
    failure: Failure,
    /// How many requests are still to fail; `None`: all.
    left: Option<u32>,
}

impl Endpoint {
    pub(super) fn new(path: String) -> Self {
        Endpoint { path, gate: Arc::default(), requests: AtomicU64::new(0), planned: Mutex::new(None) }
    }

    pub(super) fn count_request(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Lets the next `times` requests fail; `None`: all. No failure ends what was planned.
    pub(super) fn plan(&self, failure: Option<Failure>, times: Option<u32>) {
        let planned = failure.map(|failure| Plan { failure, left: times });
        *self.planned.lock().unwrap_or_else(PoisonError::into_inner) = planned;
    }

    /// What the request that has just arrived is answered instead of being carried out.
    pub(super) fn failure(&self) -> Option<Failure> {
        let mut planned = self.planned.lock().unwrap_or_else(PoisonError::into_inner);
        let Plan { failure, left } = planned.as_mut()?;
        if let Some(left) = left {
            *left = left.checked_sub(1)?;
        }
        Some(*failure)
    }
}
