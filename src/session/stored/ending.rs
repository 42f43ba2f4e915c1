//! Ends stored sessions: in the store, then at the pool.

use std::sync::Arc;

use rocket::futures::StreamExt;
use rocket::futures::stream::{self, FuturesUnordered};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use super::denylist::BearerDenylist;
use super::opened_session::OpenedSession;
use super::retry::pauses;
use super::session_id::shown;
use super::vault::{ListedSession, Vault};
use crate::crypto::SecretText;
use crate::session::issued_session::IssuedSession;
use crate::session::refresh::Refresher;
use crate::store::{SessionAddress, SessionKey, StoreError, UserKey};
use crate::telemetry::{Event, emit};
use crate::token::TokenOrigin;

/// How many sessions are revoked at once in the background. More would keep those waiting who sign out.
const MAX_REVOCATIONS: usize = 8;
/// Calls to the store at once that refuse the bearer tokens of one user.
const MAX_DENIALS: usize = 16;
/// How many sessions that this process knows nothing of are to be removed when a store is back.
const MAX_WAITING: usize = 1_000;

/// The end of stored sessions, whoever brings it about.
#[derive(Clone)]
pub(in crate::session) struct Ending {
    vault: Arc<Vault>,
    refresher: Arc<Refresher>,
    denylist: Option<Arc<BearerDenylist>>,
    /// Places for revocations in the background, over all users whose sessions end.
    places: Arc<Semaphore>,
    /// Places for sessions that are to be removed when the store is back.
    waiting: Arc<Semaphore>,
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
        Ending {
            vault: Arc::clone(vault),
            refresher: Arc::clone(refresher),
            denylist,
            places: Arc::new(Semaphore::new(MAX_REVOCATIONS)),
            waiting: Arc::new(Semaphore::new(MAX_WAITING)),
        }
    }

    /// Ends a session in the store and then at the pool, whether or not the visitor stays for it. It returns what is under
    /// way at the pool.
    pub(in crate::session) async fn end(&self, at: &SessionAddress) -> Option<JoinHandle<()>> {
        let (ending, at) = (self.clone(), *at);
        let work = self.refresher.tasks.track(async move { ending.remove(at).await });
        tokio::spawn(work).await.ok().flatten()
    }

    /// Removes a session. While the store is out of reach this process refuses it, and goes on removing it for ten minutes.
    async fn remove(&self, at: SessionAddress) -> Option<JoinHandle<()>> {
        let Refresher { coordinator, clock, .. } = &*self.refresher;
        let session_id = shown(&at.session);
        // Looked at first, since the answer to the removal may get lost.
        let stored = self.vault.peek(&at).await;
        let is_there = !matches!(stored, Ok(None)) || coordinator.remembers(&session_id);
        let known = stored.ok().flatten().and_then(|stored| self.vault.open(&at, &stored));
        // Even where the store shows nothing: it may be the session of a release that notes sessions otherwise.
        match self.vault.remove(&at, None).await {
            // Anybody can send an id of this form: only sessions that there are push others out of memory.
            Ok(None) if !is_there => None,
            Ok(removed) => {
                let latest = coordinator.end(&session_id, clock.instant());
                // Gone meanwhile: by another process, or by a first removal whose answer got lost on the way.
                self.revoke(Removed::new(removed.and_then(|it| it.opened).or(known), latest))
            }
            Err(_) if coordinator.has_ended(&session_id) => None,
            Err(_) => {
                emit(Event::SessionNotRemoved);
                let is_known = known.is_some() || coordinator.remembers(&session_id);
                let place = Arc::clone(&self.waiting).try_acquire_owned().ok();
                if place.is_none() && !is_known {
                    return None;
                }
                let known = Removed::new(known, coordinator.end(&session_id, clock.instant()));
                let ending = self.clone();
                self.refresher.tasks.spawn(async move {
                    ending.remove_later(&at, known).await;
                    drop(place);
                });
                None
            }
        }
    }

    /// Ends one session of a user, whether or not the caller stays for it, and returns whether there was one.
    pub(in crate::session) async fn end_listed(&self, at: &SessionAddress) -> Result<bool, StoreError> {
        let (ending, at) = (self.clone(), *at);
        self.finish(async move {
            let removed = ending.vault.remove(&at, None).await?;
            let count = ending.end_removed(removed.into_iter().collect()).await;
            Ok(count > 0)
        })
        .await
    }

    /// Ends all sessions of a user but one, in one step, whether or not the caller stays for it, and returns how many there
    /// were.
    pub(in crate::session) async fn end_all(
        &self,
        user: &UserKey,
        except: Option<&SessionKey>,
    ) -> Result<usize, StoreError> {
        let (ending, user, except) = (self.clone(), *user, except.copied());
        self.finish(async move {
            let removed = ending.vault.remove_all(&user, except.as_ref()).await?;
            Ok(ending.end_removed(removed).await)
        })
        .await
    }

    /// Does the work in a task of its own.
    async fn finish<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, StoreError>> + Send + 'static,
    ) -> Result<T, StoreError> {
        let lost = |_| Err(StoreError::Unavailable("it was not finished".into()));
        tokio::spawn(self.refresher.tasks.track(work)).await.unwrap_or_else(lost)
    }

    /// Ends at the pool what had to make room for another session of its user, in the background.
    pub(super) fn end_surplus(&self, removed: Vec<ListedSession>) {
        if !removed.is_empty() {
            let ending = self.clone();
            self.refresher.tasks.spawn(async move { _ = ending.end_removed(removed).await });
        }
    }

    /// Has the refresh tokens of removed sessions revoked, in the background, and their bearer tokens refused. It returns
    /// how many they are.
    async fn end_removed(&self, removed: Vec<ListedSession>) -> usize {
        let count = removed.len();
        let tokens = removed.iter().filter_map(|it| it.opened.as_ref()?.access.clone()).collect();
        self.revoke_all(removed);
        self.deny_all(tokens).await;
        count
    }

    /// Revokes what sessions hold that have been removed, some at a time, in the background.
    fn revoke_all(&self, removed: Vec<ListedSession>) {
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
            let revocations = stream::iter(all).map(|removed| ending.revoke_in_turn(removed.refresh_token));
            revocations.buffer_unordered(MAX_REVOCATIONS).collect::<()>().await;
        });
    }

    /// Tries again to remove a session until the store does, for ten minutes. `known` is what was known of it before.
    async fn remove_later(&self, at: &SessionAddress, known: Removed) {
        self.deny(known.access.as_ref()).await;
        for pause in pauses(&self.refresher.clock) {
            tokio::time::sleep(pause).await;
            if let Ok(removed) = self.vault.remove(at, None).await {
                let removed = Removed::new(removed.and_then(|it| it.opened), None).or(known);
                self.deny(removed.access.as_ref()).await;
                return self.revoke_in_turn(removed.refresh_token).await;
            }
        }
        emit(Event::StoreGivenUp { what: "a session that has ended was not removed" });
        self.revoke_in_turn(known.refresh_token).await;
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

    async fn revoke_in_turn(&self, refresh_token: Option<SecretText>) {
        let _place = self.places.acquire().await;
        if let Some(token) = &refresh_token {
            self.refresher.pool.revoke_in_turn(token).await;
        }
    }

    /// Has the bearer tokens of all these sign-ins refused, where the app wants that.
    async fn deny_all(&self, tokens: Vec<SecretText>) {
        let mut denials = FuturesUnordered::new();
        for token in &tokens {
            if denials.len() == MAX_DENIALS {
                denials.next().await;
            }
            denials.push(self.deny(Some(token)));
        }
        denials.collect::<()>().await;
    }

    /// Has the bearer tokens of this sign-in refused, where the app wants that.
    async fn deny(&self, access: Option<&SecretText>) {
        if let (Some(denylist), Some(access)) = (&self.denylist, access)
            && let Some(origin) = TokenOrigin::of(access.expose())
        {
            denylist.add(&origin.origin_jti).await;
        }
    }
}

impl Removed {
    /// This, or what was known before where there is nothing of it.
    fn or(self, known: Removed) -> Self {
        Removed {
            refresh_token: self.refresh_token.or(known.refresh_token),
            access: self.access.or(known.access),
        }
    }

    /// What a session holds that lay in the store, or the later tokens that this process remembers of it.
    fn new(stored: Option<OpenedSession>, latest: Option<Arc<IssuedSession>>) -> Self {
        let generation = stored.as_ref().map_or(0, |stored| stored.record.generation);
        let latest = latest.filter(|latest| latest.generation() > generation);
        let record = latest.as_ref().map(|issued| &issued.tokens.record);
        let record = record.or(stored.as_ref().map(|stored| &stored.record));
        let refresh_token = record.and_then(|record| record.refresh_token().cloned());
        let access = latest.as_ref().and_then(|issued| issued.tokens.access.as_ref());
        // Any of a session names its sign-in.
        let access =
            access.map(|issued| issued.token.clone()).or(stored.and_then(|stored| stored.access.clone()));
        Removed { refresh_token, access }
    }
}
