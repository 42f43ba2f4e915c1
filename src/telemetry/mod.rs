//! Everything that this crate reports to operators.

mod client_secret_event;
mod client_secret_log;
mod code;
mod counts;
mod emit;
mod event;
mod event_code;
mod line;
mod log;
#[cfg(any(feature = "local-pool", feature = "testing"))]
mod log_level;
mod redact;
#[cfg(feature = "redis")]
mod store_event;
#[cfg(feature = "redis")]
mod store_log;
mod throttle;
mod words;

pub(crate) use self::client_secret_event::ClientSecretEvent;
pub(crate) use self::counts::{
    AdmittedBy, CallResult, CommandOutcome, Counts, Hook, Label, PoolEndpoint, RefreshAnswer, SIGN_IN_DONE,
    SignOutAt, StoreCommand, WaitFor,
};
pub(crate) use self::emit::emit;
pub(crate) use self::event::{CallbackRefusal, ClientCall, Event, RefusedToken, SessionEnd, SessionPlace};
#[cfg(feature = "testing")]
pub(crate) use self::line::log_each_time;
#[cfg(any(feature = "local-pool", feature = "testing"))]
pub(crate) use self::log_level::KeptLogLevel;
pub(crate) use self::redact::{quoted, redacted};
#[cfg(feature = "redis")]
pub(crate) use self::store_event::StoreEvent;
