//! The store as sessions see it: values opened and sealed, every call with a deadline, failures reported.

use std::sync::Arc;
use std::time::Duration;

use super::deadline::within_deadline;
use super::opened_session::{OpenedSession, SessionContent};
use super::parts::SessionStoreParts;
use super::remembered_sessions::RememberedSessions;
use super::session_id::{shown, user_key};
use super::session_value::SessionValue;
use crate::clock::Clock;
use crate::config::{OwnClient, Settings};
use crate::crypto::{Place, UnsealError, ValueSealer, WipedBytes};
use crate::session::record::SessionRecord;
use crate::store::{
    Claim, ItemKey, LeaseOwner, Listed, MAX_VALUE_BYTES, Replaced, SessionAddress, SessionKey, SessionStore,
    StoreError, StoredSession, Turn, UserKey,
};
use crate::telemetry::{Counts, Event, StoreCommand, emit};

/// The store, with the keys that open what lies in it.
pub(super) struct Vault {
    store: Arc<dyn SessionStore>,
    sealer: ValueSealer,
    items: ValueSealer,
    remembered: RememberedSessions,
    issuer: String,
    client_id: String,
    clock: Clock,
    counts: Arc<Counts>,
    /// How many sessions one user may have.
    sessions_per_user: usize,
}

/// A session of a user's entry. What does not open is `None`: its tokens cannot be revoked.
pub(super) struct ListedSession {
    pub(super) key: SessionKey,
    pub(super) opened: Option<OpenedSession>,
}

impl Vault {
    /// The vault of the sessions of `client` at the pool of the settings. `None` when no key can be derived to seal with.
    pub(super) fn new(
        parts: &SessionStoreParts,
        settings: &Settings,
        client: &OwnClient,
        clock: &Clock,
    ) -> Option<Self> {
        let keys = &settings.keys.secret_keys;
        Some(Vault {
            store: Arc::clone(&parts.store),
            sealer: ValueSealer::new(keys, "stored-session")?,
            items: ValueSealer::new(keys, "stored-item")?,
            remembered: RememberedSessions::new(settings.pool.token_cache),
            issuer: settings.pool.issuer().to_owned(),
            client_id: client.id.clone(),
            clock: clock.clone(),
            counts: Arc::clone(&parts.counts),
            sessions_per_user: settings.store.sessions_per_user,
        })
    }

    pub(super) fn user_key(&self, sub: &str) -> UserKey {
        user_key(&self.issuer, &self.client_id, sub)
    }

    /// The session of this address; `None` where it is absent or does not open.
    pub(super) async fn load(&self, at: &SessionAddress) -> Result<Option<OpenedSession>, StoreError> {
        let Some(stored) = self.peek(at).await? else {
            self.remembered.forget(at);
            return Ok(None);
        };
        let now = self.clock.now();
        if let Some(content) = self.remembered.get(at, &stored) {
            return Ok(Some(OpenedSession::new(content, &stored, now)));
        }
        let Some(content) = self.content(at, &stored) else { return Ok(None) };
        let opened = OpenedSession::new(Arc::clone(&content), &stored, now);
        self.remembered.insert(at, stored, &content, now);
        Ok(Some(opened))
    }

    async fn within_deadline<T>(
        &self,
        command: StoreCommand,
        call: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        within_deadline(&self.counts, command, call).await
    }

    /// The session of this address as it lies in the store.
    pub(super) async fn peek(&self, at: &SessionAddress) -> Result<Option<StoredSession>, StoreError> {
        // Not by the implementation for `Arc`, which boxes a future of its own.
        self.within_deadline(StoreCommand::Load, self.store.as_ref().load(at)).await
    }

    /// Creates a session, and returns those that had to make room for it.
    pub(super) async fn create(
        &self,
        at: &SessionAddress,
        sealed: &[u8],
        life: Duration,
    ) -> Result<Vec<ListedSession>, StoreError> {
        let removed = self
            .within_deadline(StoreCommand::Write, self.store.create(at, sealed, life, self.sessions_per_user))
            .await?;
        Ok(self.listed(&at.user, removed))
    }

    pub(super) async fn turn(
        &self,
        at: &SessionAddress,
        generation: u64,
        owner: &LeaseOwner,
        lease: Duration,
    ) -> Result<Turn, StoreError> {
        self.within_deadline(StoreCommand::Lease, self.store.turn(at, generation, owner, lease)).await
    }

    pub(super) async fn keep(
        &self,
        at: &SessionAddress,
        owner: &LeaseOwner,
        lease: Duration,
    ) -> Result<bool, StoreError> {
        self.within_deadline(StoreCommand::Lease, self.store.keep(at, owner, lease)).await
    }

    pub(super) async fn give_back(
        &self,
        at: &SessionAddress,
        owner: &LeaseOwner,
        rest: Duration,
    ) -> Result<(), StoreError> {
        self.within_deadline(StoreCommand::Lease, self.store.give_back(at, owner, rest)).await
    }

    pub(super) async fn replace(
        &self,
        at: &SessionAddress,
        generation: u64,
        sealed: &[u8],
        life: Duration,
    ) -> Result<Replaced, StoreError> {
        self.within_deadline(StoreCommand::Write, self.store.replace(at, generation, sealed, life)).await
    }

    pub(super) async fn touch(&self, at: &SessionAddress, life: Duration) -> Result<(), StoreError> {
        self.within_deadline(StoreCommand::Write, self.store.touch(at, life)).await
    }

    /// Removes a session, and returns it if it was there.
    pub(super) async fn remove(
        &self,
        at: &SessionAddress,
        generation: Option<u64>,
    ) -> Result<Option<ListedSession>, StoreError> {
        let removed = self.within_deadline(StoreCommand::Remove, self.store.remove(at, generation)).await?;
        self.remembered.forget(at);
        let listed = |stored| ListedSession { key: at.session, opened: self.open(at, &stored) };
        Ok(removed.map(listed))
    }

    pub(super) async fn list(&self, user: &UserKey) -> Result<Vec<ListedSession>, StoreError> {
        Ok(self.listed(user, self.within_deadline(StoreCommand::List, self.store.list(user)).await?))
    }

    pub(super) async fn remove_all(
        &self,
        user: &UserKey,
        except: Option<&SessionKey>,
    ) -> Result<Vec<ListedSession>, StoreError> {
        let removed = self.within_deadline(StoreCommand::Remove, self.store.remove_all(user, except)).await?;
        for Listed { key, .. } in &removed {
            self.remembered.forget(&SessionAddress { user: *user, session: *key });
        }
        Ok(self.listed(user, removed))
    }

    /// Claims a name for `plain`, and returns what lies there where somebody was first: `Some(None)` if it does not open.
    pub(super) async fn claim(
        &self,
        key: &ItemKey,
        plain: &[u8],
        life: Duration,
    ) -> Result<ClaimedItem, StoreError> {
        let sealed = self.seal_item(key, plain)?;
        Ok(match self.within_deadline(StoreCommand::Item, self.store.claim(key, &sealed, life)).await? {
            Claim::Yours => ClaimedItem::Yours,
            Claim::Taken(value) => ClaimedItem::Taken(self.open_item(key, &value)),
        })
    }

    pub(super) async fn put(&self, key: &ItemKey, plain: &[u8], life: Duration) -> Result<(), StoreError> {
        let sealed = self.seal_item(key, plain)?;
        self.within_deadline(StoreCommand::Item, self.store.put(key, &sealed, life)).await
    }

    /// The value of a name; `None` where there is none, or it does not open.
    pub(super) async fn get(&self, key: &ItemKey) -> Result<Option<WipedBytes>, StoreError> {
        let value = self.within_deadline(StoreCommand::Item, self.store.get(key)).await?;
        Ok(value.and_then(|value| self.open_item(key, &value)))
    }

    /// The value of a session that is to lie at this address in this `generation`.
    ///
    /// # Errors
    /// When it is longer than a store has to hold.
    pub(super) fn seal(
        &self,
        at: &SessionAddress,
        generation: u64,
        session: &OpenedSession,
    ) -> Result<Vec<u8>, TooLong> {
        let plain = session.to_value().encode().ok_or(TooLong)?;
        let sealed = self.with_place(at, generation, |place| self.sealer.seal(place, &plain));
        sealed.filter(|sealed| sealed.len() <= MAX_VALUE_BYTES).ok_or(TooLong)
    }

    /// What lies in the store, opened; `None` where it does not open, which is left alone.
    pub(super) fn open(&self, at: &SessionAddress, stored: &StoredSession) -> Option<OpenedSession> {
        Some(OpenedSession::new(self.content(at, stored)?, stored, self.clock.now()))
    }

    fn content(&self, at: &SessionAddress, stored: &StoredSession) -> Option<Arc<SessionContent>> {
        let open = |place: &Place<'_>| self.sealer.open(place, &stored.value);
        let plain = match self.with_place(at, stored.generation, open) {
            Ok(plain) => plain,
            Err(reason) => return unreadable(reason),
        };
        let Some(value) = SessionValue::decode(&plain) else { return unreadable(UnsealError::Unreadable) };
        let SessionValue { about, access, id, refresh } = value;
        let record = SessionRecord {
            issuer: self.issuer.clone(),
            client_id: self.client_id.clone(),
            sub: about.sub,
            session_id: shown(&at.session),
            created_at: about.created_at,
            seen_at: about.issued_at,
            generation: stored.generation.try_into().unwrap_or(u32::MAX),
            issued_at: about.issued_at,
            refresh_token: refresh,
            is_persistent: None,
            refresh_token_digest: None,
        };
        Some(Arc::new(SessionContent { record, access, id, user_agent: about.user_agent }))
    }

    fn with_place<T>(&self, at: &SessionAddress, generation: u64, work: impl FnOnce(&Place<'_>) -> T) -> T {
        let SessionAddress { user, session } = at;
        let generation = generation.to_be_bytes();
        let context: [&[u8]; 4] =
            [self.issuer.as_bytes(), self.client_id.as_bytes(), user.as_bytes(), &generation];
        work(&Place { name: session.as_bytes(), context: &context })
    }

    fn listed(&self, user: &UserKey, sessions: Vec<Listed>) -> Vec<ListedSession> {
        let listed = |Listed { key, session }: Listed| {
            let at = SessionAddress { user: *user, session: key };
            ListedSession { key, opened: self.open(&at, &session) }
        };
        sessions.into_iter().map(listed).collect()
    }

    fn item_context(&self) -> [&[u8]; 2] {
        [self.issuer.as_bytes(), self.client_id.as_bytes()]
    }

    fn seal_item(&self, key: &ItemKey, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        let place = Place { name: key.as_bytes(), context: &self.item_context() };
        self.items.seal(&place, plain).ok_or_else(|| StoreError::Refused("a value was not sealed".into()))
    }

    fn open_item(&self, key: &ItemKey, sealed: &[u8]) -> Option<WipedBytes> {
        let place = Place { name: key.as_bytes(), context: &self.item_context() };
        self.items.open(&place, sealed).map_or_else(unreadable, Some)
    }
}

/// What became of a claim.
pub(super) enum ClaimedItem {
    Yours,
    /// Somebody was there first. `None` where what they left does not open.
    Taken(Option<WipedBytes>),
}

/// A session is longer than a store has to hold.
#[derive(Debug)]
pub(super) struct TooLong;

fn unreadable<T>(reason: UnsealError) -> Option<T> {
    let reason = match reason {
        UnsealError::UnknownFormat => "a release of this crate that this one does not know wrote it",
        UnsealError::UnknownKey => "none of `secret_keys` has sealed it",
        UnsealError::Unreadable => "it was changed, or moved to another place",
    };
    emit(Event::StoredValueUnreadable { reason });
    None
}
