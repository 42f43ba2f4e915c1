//! Everything that this crate reports to operators.

mod emit;
mod event;
mod log;
mod redact;
mod throttle;
mod words;

pub(crate) use self::emit::emit;
pub(crate) use self::event::{CallbackRefusal, Event, RefusedToken, SessionEnd};
pub(crate) use self::redact::{quoted, redacted};
