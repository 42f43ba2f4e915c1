//! Stores that do as they should but for one flaw, as a first attempt at a store has it.

mod bytes;
mod flaw;
mod leases;
mod writes;

pub use flaw::Flaw;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rocket::tokio::time::sleep;
use rocket_cognito::store::{
    Claim, ItemKey, LeaseOwner, Listed, MemoryStore, Replaced, SessionAddress, SessionKey, SessionStore,
    StoreError, StoredSession, Turn, UserKey,
};

type Answer<T> = Result<T, StoreError>;

/// How much too late a store deletes what is over.
const LATE: Duration = Duration::from_secs(3600);

pub struct Flawed {
    pub flaw: Flaw,
    store: MemoryStore,
    /// Who was told last that a lease is theirs, and whether they took it over.
    holders: Mutex<HashMap<SessionAddress, (LeaseOwner, bool)>>,
    failures: Mutex<HashMap<SessionAddress, u32>>,
    /// The sessions of a user, by name.
    index: Mutex<HashMap<UserKey, Vec<SessionKey>>>,
    busy: Arc<Mutex<bool>>,
}

/// Other callers come in between.
async fn look_away() {
    sleep(Duration::from_millis(2)).await;
}

impl Flawed {
    pub fn new(flaw: Flaw, store: MemoryStore) -> Self {
        Flawed {
            flaw,
            store,
            holders: Mutex::default(),
            failures: Mutex::default(),
            index: Mutex::default(),
            busy: Arc::default(),
        }
    }

    fn has(&self, flaw: Flaw) -> bool {
        self.flaw == flaw
    }

    async fn take_time(&self) {
        if self.has(Flaw::Slow) {
            sleep(Duration::from_millis(20)).await;
        }
    }

    fn at(&self, at: &SessionAddress) -> SessionAddress {
        SessionAddress { user: self.user(&at.user), session: self.session(&at.session) }
    }

    fn user(&self, user: &UserKey) -> UserKey {
        if self.has(Flaw::UsersShareSessions) {
            UserKey::new([0; 16])
        } else {
            UserKey::new(bytes::name(self.flaw, *user.as_bytes()))
        }
    }

    fn session(&self, session: &SessionKey) -> SessionKey {
        SessionKey::new(bytes::name(self.flaw, *session.as_bytes()))
    }

    fn item(&self, key: &ItemKey) -> ItemKey {
        ItemKey::new(bytes::name(self.flaw, *key.as_bytes()))
    }

    fn owner(&self, owner: &LeaseOwner) -> LeaseOwner {
        bytes::owner(self.flaw, *owner)
    }

    fn value(&self, value: &[u8]) -> Vec<u8> {
        bytes::value(self.flaw, value)
    }

    fn life(&self, life: Duration) -> Duration {
        match self.flaw {
            Flaw::SessionsEndLate | Flaw::SessionsEndLateForWriters => life + LATE,
            _ => life,
        }
    }

    /// What a reader is shown.
    fn shown(&self, mut session: StoredSession) -> Option<StoredSession> {
        match self.flaw {
            Flaw::CreatedIsTheSecond => session.generation += 1,
            Flaw::UnseenIsNothing => session.unseen_for = Duration::ZERO,
            Flaw::EndsInIsAnHour => session.ends_in = Duration::from_secs(3600),
            Flaw::SessionsEndLate => session.ends_in = session.ends_in.saturating_sub(LATE),
            Flaw::SessionsEndLateForWriters => {
                session.ends_in = session.ends_in.checked_sub(LATE).filter(|left| !left.is_zero())?;
            }
            _ => (),
        }
        Some(session)
    }

    fn all_shown(&self, listed: Vec<Listed>) -> Vec<Listed> {
        let shown = |it: Listed| Some(Listed { session: self.shown(it.session)?, ..it });
        listed.into_iter().filter_map(shown).collect()
    }

    async fn generation(&self, at: &SessionAddress) -> Answer<u64> {
        Ok(self.store.load(at).await?.map_or(0, |there| there.generation))
    }

    async fn ends_in(&self, at: &SessionAddress) -> Answer<Duration> {
        Ok(self.store.load(at).await?.map_or(Duration::ZERO, |there| there.ends_in))
    }

    fn holder(&self, at: &SessionAddress) -> Option<(LeaseOwner, bool)> {
        self.holders.lock().unwrap().get(at).copied()
    }
}

#[rocket::async_trait]
impl SessionStore for Flawed {
    async fn load(&self, at: &SessionAddress) -> Answer<Option<StoredSession>> {
        let at = &self.at(at);
        let mut loaded = self.store.load(at).await?;
        match (self.flaw, &mut loaded) {
            (Flaw::LoadIsSeen, Some(there)) => self.store.touch(at, there.ends_in).await?,
            (Flaw::LoadIsTwoReads, Some(there)) => {
                look_away().await;
                there.generation = self.generation(at).await?;
            }
            _ => (),
        }
        Ok(loaded.and_then(|there| self.shown(there)))
    }

    async fn create(
        &self,
        at: &SessionAddress,
        value: &[u8],
        life: Duration,
        cap: usize,
    ) -> Answer<Vec<Listed>> {
        self.take_time().await;
        let (at, value, life) = (&self.at(at), &self.value(value), self.life(life));
        let is_there = self.store.load(at).await?.is_some();
        let others = self.store.list(&at.user).await?;
        let cap = match self.flaw {
            Flaw::CapIsForgotten => usize::MAX,
            Flaw::CapIsOneLess => cap.saturating_sub(1),
            Flaw::CapIsLookedUpFirst if others.len() < cap => {
                look_away().await;
                usize::MAX
            }
            Flaw::CapRemovesTheLastSeen if !is_there && others.len() >= cap && cap > 0 => {
                let last = others.iter().min_by_key(|it| it.session.unseen_for).unwrap();
                self.store.remove(&SessionAddress { session: last.key, ..*at }, None).await?;
                self.store.create(at, value, life, cap).await?;
                return Ok(vec![last.clone()]);
            }
            Flaw::CreateRefusedTakesRoom if is_there => {
                let others = others.iter().filter(|it| it.key != at.session).take(1);
                for other in others {
                    self.store.remove(&SessionAddress { session: other.key, ..*at }, None).await?;
                }
                cap
            }
            Flaw::CreateOverwrites if is_there => {
                self.store.remove(at, None).await?;
                cap
            }
            _ => cap,
        };
        let index = self.index.lock().unwrap().get(&at.user).cloned();
        let removed = self.store.create(at, value, life, cap).await?;
        match self.flaw {
            Flaw::IndexIsRewritten | Flaw::ListIsAnyUsers => {
                look_away().await;
                let index = index.into_iter().flatten().chain([at.session]).collect();
                self.index.lock().unwrap().insert(at.user, index);
            }
            Flaw::CapIsNotReturned => return Ok(Vec::new()),
            Flaw::CapRemovesTheNew if cap == 0 => drop(self.store.remove(at, None).await?),
            _ => (),
        }
        Ok(self.all_shown(removed))
    }

    async fn turn(
        &self,
        at: &SessionAddress,
        generation: u64,
        owner: &LeaseOwner,
        lease: Duration,
    ) -> Answer<Turn> {
        leases::turn(self, at, generation, owner, lease).await
    }

    async fn keep(&self, at: &SessionAddress, owner: &LeaseOwner, lease: Duration) -> Answer<bool> {
        leases::keep(self, at, owner, lease).await
    }

    async fn give_back(&self, at: &SessionAddress, owner: &LeaseOwner, rest: Duration) -> Answer<()> {
        leases::give_back(self, at, owner, rest).await
    }

    async fn replace(
        &self,
        at: &SessionAddress,
        generation: u64,
        value: &[u8],
        life: Duration,
    ) -> Answer<Replaced> {
        writes::replace(self, at, generation, value, life).await
    }

    async fn touch(&self, at: &SessionAddress, life: Duration) -> Answer<()> {
        writes::touch(self, at, life).await
    }

    async fn remove(&self, at: &SessionAddress, generation: Option<u64>) -> Answer<Option<StoredSession>> {
        let at = &self.at(at);
        match self.flaw {
            Flaw::RemoveIgnoresTheGeneration => self.store.remove(at, None).await,
            Flaw::RemoveIsLookedUpFirst => {
                let present = self.store.load(at).await?;
                let present = present.filter(|there| generation.is_none_or(|it| it == there.generation));
                if present.is_some() {
                    look_away().await;
                    self.store.remove(at, None).await?;
                }
                Ok(present)
            }
            _ => Ok(self.store.remove(at, generation).await?.and_then(|there| self.shown(there))),
        }
    }

    async fn list(&self, user: &UserKey) -> Answer<Vec<Listed>> {
        let mut listed = self.all_shown(self.store.list(&self.user(user)).await?);
        if self.has(Flaw::IndexIsRewritten) {
            let index = self.index.lock().unwrap();
            listed.retain(|it| index.get(user).is_some_and(|keys| keys.contains(&it.key)));
        }
        if self.has(Flaw::ListIsAnyUsers) && listed.is_empty() {
            let other = self.index.lock().unwrap().keys().next().copied();
            listed = self.store.list(&other.unwrap_or(*user)).await?;
        }
        Ok(listed)
    }

    async fn remove_all(&self, user: &UserKey, except: Option<&SessionKey>) -> Answer<Vec<Listed>> {
        let (user, except) = (&self.user(user), except.map(|it| self.session(it)));
        let listed = self.store.list(user).await?;
        match self.flaw {
            Flaw::RemoveAllIgnoresTheException => self.store.remove_all(user, None).await,
            Flaw::RemoveAllNeedsTheException
                if except.is_some_and(|it| listed.iter().all(|listed| listed.key != it)) =>
            {
                Ok(Vec::new())
            }
            Flaw::RemoveAllReturnsNothing => {
                self.store.remove_all(user, except.as_ref()).await?;
                Ok(Vec::new())
            }
            Flaw::RemoveAllOneByOne => {
                let removed: Vec<_> = listed.into_iter().filter(|it| Some(it.key) != except).collect();
                for session in &removed {
                    look_away().await;
                    self.store.remove(&SessionAddress { user: *user, session: session.key }, None).await?;
                }
                Ok(removed)
            }
            _ => Ok(self.all_shown(self.store.remove_all(user, except.as_ref()).await?)),
        }
    }

    async fn claim(&self, key: &ItemKey, value: &[u8], life: Duration) -> Answer<Claim> {
        let (key, value) = (&self.item(key), &self.value(value));
        let present = self.store.get(key).await?;
        match (self.flaw, present) {
            (Flaw::ClaimIsLookedUpFirst, None) => {
                look_away().await;
                self.store.put(key, value, life).await?;
                Ok(Claim::Yours)
            }
            (Flaw::ClaimPutsOff, Some(there)) => {
                self.store.put(key, &there, life).await?;
                Ok(Claim::Taken(there))
            }
            (Flaw::ClaimOverwrites, Some(there)) => {
                self.store.put(key, value, life).await?;
                Ok(Claim::Taken(there))
            }
            _ => self.store.claim(key, value, life).await,
        }
    }

    async fn put(&self, key: &ItemKey, value: &[u8], life: Duration) -> Answer<()> {
        let (key, value) = (&self.item(key), &self.value(value));
        match self.flaw {
            Flaw::PutIsAClaim => self.store.claim(key, value, life).await.map(drop),
            Flaw::PutIsInPieces => {
                let (first, second) = value.split_at(value.len() / 2);
                self.store.put(key, first, life).await?;
                look_away().await;
                let first = self.store.get(key).await?.unwrap_or_default();
                self.store.put(key, &[&first, second].concat(), life).await
            }
            Flaw::ValuesEndLate => self.store.put(key, value, life + LATE).await,
            Flaw::ValuesLieAmongSessions => {
                let at = SessionAddress {
                    user: UserKey::new(key.as_bytes()[..16].try_into().unwrap()),
                    session: SessionKey::new(*key.as_bytes()),
                };
                self.store
                    .create(&at, value, life, usize::MAX)
                    .await
                    .map(drop)
                    .or(Ok::<_, StoreError>(()))?;
                self.store.put(key, value, life).await
            }
            _ => self.store.put(key, value, life).await,
        }
    }

    async fn get(&self, key: &ItemKey) -> Answer<Option<Vec<u8>>> {
        let got = self.store.get(&self.item(key)).await?;
        Ok(if self.has(Flaw::AbsentIsEmpty) { got.or(Some(Vec::new())) } else { got })
    }

    async fn check(&self) -> Answer<()> {
        match self.flaw {
            Flaw::CheckPanics => panic!("as planted"),
            Flaw::CheckFails => Err(StoreError::Unavailable("as planted".into())),
            _ => self.store.check().await,
        }
    }
}
