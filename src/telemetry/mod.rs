//! Everything that this crate reports to operators.

#[expect(dead_code, reason = "callers follow")]
mod event;
mod log;
mod redact;
pub(crate) mod report;
mod throttle;

pub(crate) use self::event::Event;
pub(crate) use self::redact::redacted;
