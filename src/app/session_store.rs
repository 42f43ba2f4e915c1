//! Which store an app has for its sessions.

use std::sync::Arc;

use super::hooks::Hooks;
use crate::clock::Clock;
use crate::config::{StoreKind, StoreSettings};
use crate::error::Error;
#[cfg(feature = "redis")]
use crate::store::{CredentialsSource, RedisStore};
use crate::store::{MemoryStore, SessionStore};
use crate::telemetry::Counts;

/// The store of an app, if it has one.
#[derive(Default)]
pub(super) struct ChosenStore {
    /// `None`: sessions lie in cookies.
    pub(super) store: Option<Arc<dyn SessionStore>>,
    /// The store, if it is on a server that it connects to.
    #[cfg(feature = "redis")]
    pub(super) redis: Option<Arc<RedisStore>>,
}

/// The store that the settings name, or the one that the app's code gives.
///
/// # Errors
/// When both give one, or neither does and a setting needs it; and when both give credentials.
pub(super) fn session_store(
    settings: &StoreSettings,
    given: Option<Arc<dyn SessionStore>>,
    #[cfg_attr(not(feature = "redis"), expect(unused_variables, reason = "it may have credentials"))]
    hooks: &Hooks,
    clock: &Clock,
    #[cfg_attr(not(feature = "redis"), expect(unused_variables, reason = "only a server is connected to"))]
    counts: &Arc<Counts>,
) -> Result<ChosenStore, Error> {
    settings.check(given.is_some())?;
    let mut chosen = ChosenStore::default();
    match &settings.kind {
        Some(StoreKind::Memory) => chosen.store = Some(Arc::new(MemoryStore::with_clock(clock))),
        #[cfg(feature = "redis")]
        Some(StoreKind::Redis(settings)) => {
            settings.check_credentials(hooks.store_credentials.is_some())?;
            let credentials = hooks.store_credentials.clone().unwrap_or(CredentialsSource::Settings);
            let redis = Arc::new(RedisStore::new((**settings).clone(), credentials, clock, counts));
            chosen.store = Some(Arc::clone(&redis) as Arc<dyn SessionStore>);
            chosen.redis = Some(redis);
        }
        None => chosen.store = given,
    }
    Ok(chosen)
}
