//! The one place that reads the wall clock; everything below takes `now` as an argument.

use std::time::{SystemTime, UNIX_EPOCH};

/// Seconds since the Unix epoch, as in a JWT's NumericDate.
pub(crate) fn now() -> u64 {
    now_in_milliseconds() / 1000
}

/// Milliseconds since the Unix epoch; 0 before it.
pub(crate) fn now_in_milliseconds() -> u64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
}
