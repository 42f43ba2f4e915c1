//! How many refreshes are under way at once, those included that the pool is slow to answer.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::SemaphorePermit;
use tokio::time::timeout;

use super::calls::Calls;
use crate::telemetry::Counts;

const MAX_CALLS: usize = 12;
/// Calls that have given up their place to others. None of them is dropped, as the answer may be the only copy of a new
/// refresh token.
const MAX_LATE_CALLS: usize = 32;
/// How old a call is when it is late.
const LATE_AFTER: Duration = Duration::from_secs(8);

/// The places of refreshes. A slow pool keeps nobody waiting for a place for longer than it takes a call to be late,
/// while there are places for late ones.
pub(super) struct RefreshCalls {
    calls: Calls,
    late: Calls,
}

/// A place for one refresh; dropped, it is given back.
pub(super) struct RefreshPlace<'a> {
    place: SemaphorePermit<'a>,
    late: &'a Calls,
}

impl RefreshCalls {
    pub(super) fn new(counts: &Arc<Counts>) -> Self {
        RefreshCalls {
            calls: Calls::at_most(MAX_CALLS, counts),
            late: Calls::at_most(MAX_LATE_CALLS, counts),
        }
    }

    /// Whether no refresh is under way, late or not.
    pub(super) fn is_idle(&self) -> bool {
        // In this order, or a call that becomes late meanwhile is seen in neither place.
        self.calls.is_idle() && self.late.is_idle()
    }

    /// A place for one refresh; `None` when there is none for a while. The wait is counted unless the caller `has_waited`
    /// before.
    pub(super) async fn place_again(
        &self,
        patience: Duration,
        has_waited: &mut bool,
    ) -> Option<RefreshPlace<'_>> {
        let place = self.calls.place_again(patience, has_waited).await?;
        Some(RefreshPlace { place, late: &self.late })
    }
}

impl RefreshPlace<'_> {
    /// Makes the call in this place, and in one for late calls as soon as it is late and there is one.
    pub(super) async fn make<T>(self, call: impl Future<Output = T>) -> T {
        let mut call = pin!(call);
        if let Ok(result) = timeout(LATE_AFTER, &mut call).await {
            return result;
        }
        tokio::select! {
            biased;
            result = &mut call => result,
            Some(_late) = self.late.place() => {
                drop(self.place);
                call.await
            }
        }
    }
}
