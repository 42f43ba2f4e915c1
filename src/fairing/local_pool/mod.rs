//! The embedded local pool of an app, or its absence: both files have the functions that the fairing calls.

#[cfg(not(feature = "local-pool"))]
mod disabled;
#[cfg(feature = "local-pool")]
mod enabled;

#[cfg(not(feature = "local-pool"))]
pub(super) use self::disabled::{check_settings, load_settings, report};
#[cfg(feature = "local-pool")]
pub(super) use self::enabled::{check_settings, load_settings, report};
