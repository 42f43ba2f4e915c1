//! Ends stored sessions: in the store, then at the pool.

use std::sync::Arc;

use rocket::futures::StreamExt;
use rocket::futures::stream;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use super::denylist::BearerDenylist;
use super::refresh::{KEEP_TRYING, pauses};
use super::session_id::shown;
use super::vault::{ListedSession, OpenedSession, Vault};
use crate::crypto::SecretText;
use crate::session::issued_session::IssuedSession;
use crate::session::refresh::Refresher;
use crate::store::{SessionAddress, SessionKey, StoreError, UserKey};
use crate::telemetry::{Event, emit};

/// How many sessions are revoked at once in the background. More would keep those waiting who sign out.
const MAX_REVOCATIONS: usize = 8;

/// The end of stored sessions, whoever brings it about.
#[derive(Clone)]
pub(in crate::session) struct Ending {
    vault: Arc<Vault>,
    refresher: Arc<Refresher>,
    denylist: Option<Arc<BearerDenylist>>,
    /// Places for revocations in the background, over all users whose sessions end.
    places: Arc<Semaphore>,
}

/// What is to be revoked of a session that has been removed.
struct Removed {
    refresh_token: Option<SecretText>,
    access: Option<SecretText>,
}

impl Ending {
    pub(super) fn new(
        vault: &Arc<Vault>,
        refresher: &Arc<Refresher>,
        denylist: Option<Arc<BearerDenylist>>,
    ) -> Self {
        let places = Arc::new(Semaphore::new(MAX_REVOCATIONS));
        Ending { vault: Arc::clone(vault), refresher: Arc::clone(refresher), denylist, places }
    }

    /// Ends a session: in this process, then in the store, then at the pool. It returns what is under way there. While the
    /// store is out of reach this process refuses the session, and goes on removing it for ten minutes.
    pub(in crate::session) async fn end(&self, at: &SessionAddress) -> Option<JoinHandle<()>> {
        let Refresher { coordinator, clock, .. } = &*self.refresher;
        let session_id = shown(&at.session);
        if coordinator.has_ended(&session_id) {
            return None;
        }
        let latest = coordinator.end(&session_id, clock.instant());
        match self.vault.remove(at, None).await {
            Ok(removed) => self.revoke(Removed::new(removed.and_then(|it| it.opened), latest)),
            Err(_) => {
                emit(Event::SessionNotRemoved);
                let (ending, at) = (self.clone(), *at);
                self.refresher.tasks.spawn(async move { ending.remove_later(&at, latest).await });
                None
            }
        }
    }

    /// Ends one session of a user, and returns whether there was one.
    pub(in crate::session) async fn end_listed(&self, at: &SessionAddress) -> Result<bool, StoreError> {
        let removed = self.vault.remove(at, None).await?;
        let Some(removed) = removed else { return Ok(false) };
        self.revoke_all(vec![removed]);
        Ok(true)
    }

    /// Ends all sessions of a user but one, in one step, and returns how many there were.
    pub(in crate::session) async fn end_all(
        &self,
        user: &UserKey,
        except: Option<&SessionKey>,
    ) -> Result<usize, StoreError> {
        let removed = self.vault.remove_all(user, except).await?;
        let count = removed.len();
        self.revoke_all(removed);
        Ok(count)
    }

    /// Revokes what sessions hold that have been removed, some at a time, in the background.
    pub(super) fn revoke_all(&self, removed: Vec<ListedSession>) {
        let Refresher { coordinator, clock, .. } = &*self.refresher;
        let all: Vec<_> = removed
            .into_iter()
            .map(|ListedSession { key, opened }| {
                Removed::new(opened, coordinator.end(&shown(&key), clock.instant()))
            })
            .collect();
        if all.is_empty() {
            return;
        }
        let ending = self.clone();
        self.refresher.tasks.spawn(async move {
            let ending = &ending;
            let revocations = stream::iter(all).map(|removed| ending.revoke_in_turn(removed));
            revocations.buffer_unordered(MAX_REVOCATIONS).collect::<()>().await;
        });
    }

    /// Tries again to remove a session until the store does, for ten minutes.
    async fn remove_later(&self, at: &SessionAddress, latest: Option<Arc<IssuedSession>>) {
        let clock = &self.refresher.clock;
        let ends_at = clock.instant() + KEEP_TRYING;
        for pause in pauses().take_while(|_| clock.instant() < ends_at) {
            tokio::time::sleep(pause).await;
            if let Ok(removed) = self.vault.remove(at, None).await {
                return self.revoke_in_turn(Removed::new(removed.and_then(|it| it.opened), latest)).await;
            }
        }
    }

    fn revoke(&self, removed: Removed) -> Option<JoinHandle<()>> {
        let ending = self.clone();
        let work = self.refresher.tasks.track(async move { ending.revoke_now(removed).await });
        Some(tokio::spawn(work))
    }

    async fn revoke_now(&self, Removed { refresh_token, access }: Removed) {
        self.deny(access.as_ref()).await;
        if let Some(token) = &refresh_token {
            self.refresher.pool.revoke(token).await;
        }
    }

    async fn revoke_in_turn(&self, Removed { refresh_token, access }: Removed) {
        self.deny(access.as_ref()).await;
        let _place = self.places.acquire().await;
        if let Some(token) = &refresh_token {
            self.refresher.pool.revoke_in_turn(token).await;
        }
    }

    /// Has the bearer tokens of this sign-in refused, where the app wants that.
    async fn deny(&self, access: Option<&SecretText>) {
        if let (Some(denylist), Some(access)) = (&self.denylist, access) {
            denylist.add(access.expose()).await;
        }
    }
}

impl Removed {
    /// What a session holds that lay in the store, or the later tokens that this process remembers of it.
    fn new(stored: Option<OpenedSession>, latest: Option<Arc<IssuedSession>>) -> Self {
        let of_latest = |issued: &IssuedSession| Removed {
            refresh_token: issued.tokens.record.refresh_token().cloned(),
            access: issued.tokens.access.as_ref().map(|issued| issued.token.clone()),
        };
        match (stored, latest) {
            (Some(stored), Some(latest)) if latest.generation() > stored.record.generation => {
                of_latest(&latest)
            }
            (Some(stored), _) => {
                Removed { refresh_token: stored.record.refresh_token().cloned(), access: stored.access }
            }
            (None, Some(latest)) => of_latest(&latest),
            (None, None) => Removed { refresh_token: None, access: None },
        }
    }
}
