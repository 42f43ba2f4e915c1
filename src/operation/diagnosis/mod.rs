//! Checks of a set-up: the settings, and what the user pool answers to an app that has them.

mod authorization;
mod client;
mod clock;
mod code;
mod cookies;
mod diagnosis;
mod discovery;
mod examination;
mod finding;
mod keys;
mod levels;
mod place;
mod profile;
mod revocation;
mod settings;
mod severity;
mod sign_in;
mod sign_out;
#[cfg(feature = "redis")]
mod store;
mod wire;

pub use self::diagnosis::{Check, Diagnosis};
pub(crate) use self::examination::{examine, examine_offline};
pub use self::finding::Finding;
pub use self::severity::Severity;
