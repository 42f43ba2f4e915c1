//! Bearer tokens of sign-ins that were signed out, refused until they expire.

use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::deadline::within_deadline;
use super::refresh::{KEEP_TRYING, pauses};
use crate::clock::{Clock, UnixSeconds};
use crate::store::{ItemKey, SessionStore, StoreError};
use crate::sync::Tasks;
use crate::token::TokenOrigin;

/// Beyond a token's end: clocks differ, and so may the leeway of other apps at the store.
const MARGIN: u64 = 300;

/// The sign-ins of one pool whose bearer tokens are refused, by `origin_jti`.
pub(crate) struct BearerDenylist {
    store: Arc<dyn SessionStore>,
    issuer: String,
    clock: Clock,
    tasks: Tasks,
}

impl BearerDenylist {
    pub(crate) fn new(store: &Arc<dyn SessionStore>, issuer: &str, clock: &Clock, tasks: &Tasks) -> Self {
        BearerDenylist {
            store: Arc::clone(store),
            issuer: issuer.to_owned(),
            clock: clock.clone(),
            tasks: tasks.clone(),
        }
    }

    /// Whether the tokens of this sign-in are refused.
    ///
    /// # Errors
    /// When the store is out of reach: then nobody can tell.
    pub(crate) async fn refuses(&self, origin_jti: &str) -> Result<bool, StoreError> {
        let found = within_deadline(self.store.get(&self.key(origin_jti))).await?;
        Ok(found.is_some())
    }

    /// Refuses the tokens of the sign-in that this access token comes from, for as long as any of them may be valid: none
    /// was issued later. A store that is out of reach is asked again for ten minutes, in the background.
    pub(in crate::session) async fn add(self: &Arc<Self>, access_token: &str) {
        let Some(TokenOrigin { origin_jti, exp }) = TokenOrigin::of(access_token) else { return };
        let key = self.key(&origin_jti);
        if self.put(&key, exp).await.is_err() {
            let denylist = Arc::clone(self);
            self.tasks.spawn(async move { denylist.put_later(&key, exp).await });
        }
    }

    async fn put(&self, key: &ItemKey, expires_at: UnixSeconds) -> Result<(), StoreError> {
        let life = Duration::from_secs(expires_at.plus(MARGIN).since(self.clock.now()));
        if life.is_zero() {
            return Ok(());
        }
        within_deadline(self.store.put(key, b"", life)).await
    }

    async fn put_later(&self, key: &ItemKey, expires_at: UnixSeconds) {
        let ends_at = self.clock.instant() + KEEP_TRYING;
        for pause in pauses().take_while(|_| self.clock.instant() < ends_at) {
            tokio::time::sleep(pause).await;
            if self.put(key, expires_at).await.is_ok() {
                return;
            }
        }
    }

    fn key(&self, origin_jti: &str) -> ItemKey {
        let mut hash = Sha256::new_with_prefix(b"rocket-cognito/v1/denied");
        for part in [self.issuer.as_str(), origin_jti] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        ItemKey::new(hash.finalize().into())
    }
}
