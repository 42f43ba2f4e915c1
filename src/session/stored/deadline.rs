//! How long anybody waits for a store.

use std::time::Duration;

use tokio::time::Instant;

use crate::store::StoreError;
use crate::sync::in_time;
use crate::telemetry::{CommandOutcome, Counts, Event, StoreCommand, emit};

/// A visitor waits for it.
const DEADLINE: Duration = Duration::from_secs(2);

/// What the store answers in time to this `command`. A failure is reported.
pub(super) async fn within_deadline<T>(
    counts: &Counts,
    command: StoreCommand,
    call: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    let result = unreported(counts, command, call).await;
    result.inspect_err(|error| emit(Event::StoreFailed { error, cause: error.kind(), is_at_launch: false }))
}

/// What the store answers in time to this `command`, which is counted.
pub(super) async fn unreported<T>(
    counts: &Counts,
    command: StoreCommand,
    call: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    // Whoever asked may go away meanwhile.
    let counted = counts.store_command(command);
    let result = in_time(Instant::now() + DEADLINE, call).await.unwrap_or_else(|| {
        Err(StoreError::Unavailable(format!("no answer within {} seconds", DEADLINE.as_secs())))
    });
    let outcome = match &result {
        Ok(_) => CommandOutcome::Done,
        Err(StoreError::Refused(_)) => CommandOutcome::Refused,
        Err(StoreError::Unavailable(_)) => CommandOutcome::Unavailable,
    };
    counted.finish(outcome);
    result
}
