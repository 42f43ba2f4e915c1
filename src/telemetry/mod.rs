//! Everything that this crate reports to operators.

mod redact;
pub(crate) mod report;
mod throttle;

pub(crate) use self::redact::redacted;
