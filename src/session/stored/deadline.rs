//! How long anybody waits for a store.

use std::time::Duration;

use tokio::time::Instant;

use crate::store::StoreError;
use crate::sync::in_time;
use crate::telemetry::{Event, emit};

/// A visitor waits for it.
const DEADLINE: Duration = Duration::from_secs(2);

/// What the store answers in time. A failure is reported.
pub(super) async fn within_deadline<T>(
    call: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    unreported(call).await.inspect_err(|error| emit(Event::StoreFailed { error, is_at_launch: false }))
}

/// What the store answers in time.
pub(super) async fn unreported<T>(
    call: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    in_time(Instant::now() + DEADLINE, call).await.unwrap_or_else(|| {
        Err(StoreError::Unavailable(format!("no answer within {} seconds", DEADLINE.as_secs())))
    })
}
