//! How often an endpoint was asked, and what tests have planned for it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::failure::Failure;
use super::hold::Gate;

pub(crate) struct EndpointControl {
    pub(crate) path: String,
    pub(crate) gate: Arc<Gate>,
    requests: AtomicU64,
    planned: Mutex<Option<Plan>>,
}

struct Plan {
    failure: Failure,
    /// How many requests are still to fail; `None`: all.
    left: Option<u32>,
}

impl EndpointControl {
    pub(crate) fn new(path: String) -> Self {
        EndpointControl { path, gate: Arc::default(), requests: AtomicU64::new(0), planned: Mutex::new(None) }
    }

    pub(crate) fn count_request(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Lets the next `times` requests fail; `None`: all. No failure ends what was planned.
    pub(crate) fn plan(&self, failure: Option<Failure>, times: Option<u32>) {
        let planned = failure.map(|failure| Plan { failure, left: times });
        *self.planned.lock().unwrap_or_else(PoisonError::into_inner) = planned;
    }

    /// The failure that the request which has just arrived ends in, if one is planned.
    pub(crate) fn next_failure(&self) -> Option<Failure> {
        let mut planned = self.planned.lock().unwrap_or_else(PoisonError::into_inner);
        let Plan { failure, left } = planned.as_mut()?;
        if let Some(left) = left {
            *left = left.checked_sub(1)?;
        }
        Some(*failure)
    }
}
