//! How many calls of one kind are under way at once.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::telemetry::{Counts, WaitFor};

/// The places of the calls of one kind.
pub(super) struct Calls {
    places: Semaphore,
    max: usize,
    counts: Arc<Counts>,
}

impl Calls {
    pub(super) fn at_most(max: usize, counts: &Arc<Counts>) -> Self {
        Calls { places: Semaphore::new(max), max, counts: Arc::clone(counts) }
    }

    /// Whether no call is under way.
    pub(super) fn is_idle(&self) -> bool {
        self.places.available_permits() == self.max
    }

    /// A place for one call, as soon as there is one; `None` when nobody gives places any more.
    pub(super) async fn place(&self) -> Option<SemaphorePermit<'_>> {
        self.places.acquire().await.ok()
    }

    /// A place for one call; `None` when there is none for a while.
    pub(super) async fn place_within(&self, patience: Duration) -> Option<SemaphorePermit<'_>> {
        self.place_again(patience, &mut false).await
    }

    /// A place for one call, of a caller that comes again and again: its wait is counted unless it `has_waited` before.
    pub(super) async fn place_again(
        &self,
        patience: Duration,
        has_waited: &mut bool,
    ) -> Option<SemaphorePermit<'_>> {
        if let Ok(place) = self.places.try_acquire() {
            return Some(place);
        }
        if !std::mem::replace(has_waited, true) {
            self.counts.waits.add(WaitFor::Place);
        }
        tokio::time::timeout(patience, self.place()).await.ok()?
    }
}
