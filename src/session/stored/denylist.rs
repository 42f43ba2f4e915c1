//! Bearer tokens of sign-ins that were signed out, refused until they expire.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::deadline::within_deadline;
use super::retry::{KEEP_TRYING, pauses};
use crate::clock::Clock;
use crate::store::{ItemKey, SessionStore, StoreError};
use crate::sync::{BoundedMap, Tasks};
use crate::telemetry::{Counts, Event, StoreCommand, emit};

/// Cognito's longest lifetime of access and ID tokens, a day, and what clocks may differ by.
const LIFE: Duration = Duration::from_secs(86_400 + 300);
/// Sign-ins that this process refuses at once while the store is out of reach.
const MAX_WAITING: usize = 10_000;

/// The sign-ins whose bearer tokens are refused, by `origin_jti`.
pub(crate) struct BearerDenylist {
    store: Arc<dyn SessionStore>,
    clock: Clock,
    tasks: Tasks,
    counts: Arc<Counts>,
    /// Those that the store does not have yet.
    waiting: Mutex<BoundedMap<ItemKey, ()>>,
}

impl BearerDenylist {
    pub(super) fn new(
        store: &Arc<dyn SessionStore>,
        clock: &Clock,
        tasks: &Tasks,
        counts: &Arc<Counts>,
    ) -> Self {
        BearerDenylist {
            store: Arc::clone(store),
            clock: clock.clone(),
            tasks: tasks.clone(),
            counts: Arc::clone(counts),
            waiting: Mutex::new(BoundedMap::new(MAX_WAITING, KEEP_TRYING)),
        }
    }

    /// Whether the tokens of this sign-in are refused.
    ///
    /// # Errors
    /// When the store is out of reach: then nobody can tell.
    pub(crate) async fn refuses(&self, origin_jti: &str) -> Result<bool, StoreError> {
        let key = key(origin_jti);
        if self.waiting().get(&key).is_some() {
            return Ok(true);
        }
        let found = within_deadline(&self.counts, StoreCommand::Item, self.store.get(&key)).await?;
        Ok(found.is_some())
    }

    /// Refuses the tokens of a sign-in until the last of them has expired. While the store is out of reach this process
    /// refuses them, and asks it again for ten minutes, in the background.
    pub(in crate::session) async fn add(self: &Arc<Self>, origin_jti: &str) {
        let key = key(origin_jti);
        if self.put(&key).await.is_ok() {
            return;
        }
        let now = self.clock.instant();
        {
            let mut waiting = self.waiting();
            waiting.evict(now, |_, ()| false);
            if waiting.get(&key).is_some() {
                return;
            }
            waiting.insert(key, (), now);
        }
        let denylist = Arc::clone(self);
        self.tasks.spawn(async move { denylist.put_later(&key).await });
    }

    async fn put(&self, key: &ItemKey) -> Result<(), StoreError> {
        within_deadline(&self.counts, StoreCommand::Item, self.store.put(key, b"", LIFE)).await
    }

    async fn put_later(&self, key: &ItemKey) {
        for pause in pauses(&self.clock) {
            tokio::time::sleep(pause).await;
            // Others have taken its place.
            if self.waiting().get(key).is_none() {
                break;
            }
            if self.put(key).await.is_ok() {
                self.waiting().remove(key);
                return;
            }
        }
        emit(Event::StoreGivenUp {
            what: "other instances accept bearer tokens of a sign-in that was signed out",
        });
    }

    fn waiting(&self) -> MutexGuard<'_, BoundedMap<ItemKey, ()>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `origin_jti` is a UUID, so it needs no issuer beside it.
fn key(origin_jti: &str) -> ItemKey {
    let hash = Sha256::new_with_prefix(b"rocket-cognito/v1/denied").chain_update(origin_jti);
    ItemKey::new(hash.finalize().into())
}
