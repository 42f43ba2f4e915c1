//! Which store an app has for its sessions.

use std::sync::Arc;

use crate::clock::Clock;
use crate::config::{StoreKind, StoreSettings};
use crate::error::Error;
#[cfg(feature = "redis")]
use crate::store::{CredentialsSource, RedisStore};
use crate::store::{MemoryStore, SessionStore};

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
    Ok(match &settings.kind {
        Some(StoreKind::Memory) => Some(Arc::new(MemoryStore::with_clock(clock))),
        #[cfg(feature = "redis")]
        Some(StoreKind::Redis(settings)) => {
            Some(Arc::new(RedisStore::new(settings.clone(), CredentialsSource::Settings, clock)))
        }
        None => given,
    })
}
