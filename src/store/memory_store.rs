//! A store in the memory of the process.

use std::cmp::Reverse;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::error::StoreError;
use super::expiring_map::ExpiringMap;
use super::keys::{ItemKey, LeaseOwner, SessionAddress, SessionKey, UserKey};
use super::memory_session::MemorySession;
use super::session_store::SessionStore;
use super::stored_session::{Claim, Listed, MAX_VALUE_BYTES, Replaced, StoredSession, Turn};
use crate::clock::Clock;

/// How many entries that are over a call drops from each map: more than it can add.
const SWEPT: usize = 4;

/// A store in the memory of this process, for development, for tests, and for apps that run as one process and may sign
/// everybody out when it ends.
///
/// A clone shares the memory, so that several apps in one process can share a store. It holds at most
/// [`MAX_SESSIONS`](Self::MAX_SESSIONS) and [`MAX_VALUES`](Self::MAX_VALUES), and refuses what is beyond: nobody's session
/// is lost to the sign-in of another. What is over makes room.
///
/// # Example
/// ```rust
/// use std::time::Duration;
///
/// use rocket_cognito::Clock;
/// use rocket_cognito::store::{ItemKey, MemoryStore, SessionStore};
///
/// # rocket::async_test(async {
/// let clock = Clock::default();
/// let store = MemoryStore::with_clock(&clock);
/// let key = ItemKey::new([7; 32]);
/// store.put(&key, b"value", Duration::from_secs(60)).await?;
/// assert_eq!(store.clone().get(&key).await?.as_deref(), Some(&b"value"[..]));
///
/// clock.advance(Duration::from_secs(60));
/// assert_eq!(store.get(&key).await?, None);
/// # Ok::<(), rocket_cognito::store::StoreError>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct MemoryStore {
    clock: Clock,
    memory: Arc<Mutex<Memory>>,
}

/// Whoever changes it leaves it whole at each step.
struct Memory {
    sessions: ExpiringMap<SessionAddress, MemorySession>,
    values: ExpiringMap<ItemKey, Vec<u8>>,
}

impl MemoryStore {
    /// The most sessions, over all users. With tokens of the usual 4 KB they take 0.4 GB.
    pub const MAX_SESSIONS: usize = 100_000;

    /// The most single values.
    pub const MAX_VALUES: usize = 100_000;

    /// A store that goes by the monotonic clock of the machine.
    #[must_use]
    pub fn new() -> Self {
        MemoryStore::with_clock(&Clock::default())
    }

    /// A store that goes by a clock which tests may move.
    #[must_use]
    pub fn with_clock(clock: &Clock) -> Self {
        let memory = Memory {
            sessions: ExpiringMap::new(Self::MAX_SESSIONS),
            values: ExpiringMap::new(Self::MAX_VALUES),
        };
        MemoryStore { clock: clock.clone(), memory: Arc::new(Mutex::new(memory)) }
    }

    /// The memory, for one call, and the time, which is read after the wait for it.
    fn memory(&self) -> (MutexGuard<'_, Memory>, Instant) {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.instant();
        memory.sessions.sweep(SWEPT, now);
        memory.values.sweep(SWEPT, now);
        (memory, now)
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        MemoryStore::new()
    }
}

/// Without what it holds.
impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").finish_non_exhaustive()
    }
}

impl Memory {
    fn stored(&self, at: &SessionAddress, now: Instant) -> Option<StoredSession> {
        let session = self.sessions.get(at, now)?;
        Some(session.stored(self.sessions.ends_in(at, now), now))
    }

    /// The sessions of a user that are not over.
    fn addresses(&self, user: UserKey, now: Instant) -> Vec<SessionAddress> {
        let [first, last] =
            [0, u8::MAX].map(|byte| SessionAddress { user, session: SessionKey::new([byte; 32]) });
        self.sessions.keys(first..=last, now)
    }

    /// Removes a session, and returns it unless it is over.
    fn remove(&mut self, at: &SessionAddress, now: Instant) -> Option<StoredSession> {
        let stored = self.stored(at, now);
        self.sessions.remove(at, now);
        stored
    }

    fn remove_listed(&mut self, at: &SessionAddress, now: Instant) -> Option<Listed> {
        Some(Listed { key: at.session, session: self.remove(at, now)? })
    }
}

fn accept(value: &[u8]) -> Result<(), StoreError> {
    if value.len() > MAX_VALUE_BYTES {
        return Err(StoreError::Refused(format!(
            "a value may have {MAX_VALUE_BYTES} bytes, and this one has more"
        )));
    }
    Ok(())
}

fn full(most: usize, what: &str) -> StoreError {
    StoreError::Refused(format!("the memory is full: it holds {most} {what}, and none of them is over"))
}

#[rocket::async_trait]
impl SessionStore for MemoryStore {
    async fn load(&self, at: &SessionAddress) -> Result<Option<StoredSession>, StoreError> {
        let (memory, now) = self.memory();
        Ok(memory.stored(at, now))
    }

    async fn create(
        &self,
        at: &SessionAddress,
        value: &[u8],
        life: Duration,
        cap: usize,
    ) -> Result<Vec<Listed>, StoreError> {
        accept(value)?;
        let (mut memory, now) = self.memory();
        if memory.sessions.get(at, now).is_some() {
            return Err(StoreError::Refused("there is a session at this address already".to_owned()));
        }
        let mut others = memory.addresses(at.user, now);
        others.sort_by_cached_key(|at| Reverse(memory.sessions.get(at, now).map(|it| it.unseen_for(now))));
        let too_many = (others.len() + 1).saturating_sub(cap);
        others.truncate(too_many);
        if others.is_empty() && !memory.sessions.has_room(now) {
            return Err(full(Self::MAX_SESSIONS, "sessions"));
        }
        let removed = others.iter().filter_map(|at| memory.remove_listed(at, now)).collect();
        memory.sessions.insert(*at, MemorySession::new(value, now), life, now);
        Ok(removed)
    }

    async fn turn(
        &self,
        at: &SessionAddress,
        generation: u64,
        owner: &LeaseOwner,
        lease: Duration,
    ) -> Result<Turn, StoreError> {
        let (mut memory, now) = self.memory();
        let ends_in = memory.sessions.ends_in(at, now);
        Ok(match memory.sessions.get_mut(at, now) {
            None => Turn::Gone,
            Some(session) if session.generation() != generation => Turn::Other(session.stored(ends_in, now)),
            Some(session) => session.turn(owner, lease, now),
        })
    }

    async fn keep(
        &self,
        at: &SessionAddress,
        owner: &LeaseOwner,
        lease: Duration,
    ) -> Result<bool, StoreError> {
        let (mut memory, now) = self.memory();
        Ok(memory.sessions.get_mut(at, now).is_some_and(|session| session.keep(owner, lease, now)))
    }

    async fn give_back(
        &self,
        at: &SessionAddress,
        owner: &LeaseOwner,
        rest: Duration,
    ) -> Result<(), StoreError> {
        let (mut memory, now) = self.memory();
        if let Some(session) = memory.sessions.get_mut(at, now) {
            session.give_back(owner, rest, now);
        }
        Ok(())
    }

    async fn replace(
        &self,
        at: &SessionAddress,
        generation: u64,
        value: &[u8],
        life: Duration,
    ) -> Result<Replaced, StoreError> {
        accept(value)?;
        let (mut memory, now) = self.memory();
        let ends_in = memory.sessions.ends_in(at, now);
        Ok(match memory.sessions.get_mut(at, now) {
            None => Replaced::Gone,
            Some(session) if session.generation() != generation => {
                Replaced::Other(session.stored(ends_in, now))
            }
            Some(session) => {
                session.replace(value, now);
                memory.sessions.set_life(at, life, now);
                Replaced::Done
            }
        })
    }

    async fn touch(&self, at: &SessionAddress, life: Duration) -> Result<(), StoreError> {
        let (mut memory, now) = self.memory();
        if let Some(session) = memory.sessions.get_mut(at, now) {
            session.touch(now);
            memory.sessions.set_life(at, life, now);
        }
        Ok(())
    }

    async fn remove(
        &self,
        at: &SessionAddress,
        generation: Option<u64>,
    ) -> Result<Option<StoredSession>, StoreError> {
        let (mut memory, now) = self.memory();
        let is_other = |session: &MemorySession| generation.is_some_and(|it| it != session.generation());
        if memory.sessions.get(at, now).is_some_and(is_other) {
            return Ok(None);
        }
        Ok(memory.remove(at, now))
    }

    async fn list(&self, user: &UserKey) -> Result<Vec<Listed>, StoreError> {
        let (memory, now) = self.memory();
        let listed = |at: SessionAddress| Some(Listed { key: at.session, session: memory.stored(&at, now)? });
        Ok(memory.addresses(*user, now).into_iter().filter_map(listed).collect())
    }

    async fn remove_all(
        &self,
        user: &UserKey,
        except: Option<&SessionKey>,
    ) -> Result<Vec<Listed>, StoreError> {
        let (mut memory, now) = self.memory();
        let addresses = memory.addresses(*user, now);
        let removed = addresses.iter().filter(|at| Some(&at.session) != except);
        Ok(removed.filter_map(|at| memory.remove_listed(at, now)).collect())
    }

    async fn claim(&self, key: &ItemKey, value: &[u8], life: Duration) -> Result<Claim, StoreError> {
        accept(value)?;
        let (mut memory, now) = self.memory();
        if let Some(taken) = memory.values.get(key, now) {
            return Ok(Claim::Taken(taken.clone()));
        }
        if !memory.values.has_room(now) {
            return Err(full(Self::MAX_VALUES, "single values"));
        }
        memory.values.insert(*key, value.to_vec(), life, now);
        Ok(Claim::Yours)
    }

    async fn put(&self, key: &ItemKey, value: &[u8], life: Duration) -> Result<(), StoreError> {
        accept(value)?;
        let (mut memory, now) = self.memory();
        if memory.values.get(key, now).is_none() && !memory.values.has_room(now) {
            return Err(full(Self::MAX_VALUES, "single values"));
        }
        memory.values.insert(*key, value.to_vec(), life, now);
        Ok(())
    }

    async fn get(&self, key: &ItemKey) -> Result<Option<Vec<u8>>, StoreError> {
        let (memory, now) = self.memory();
        Ok(memory.values.get(key, now).cloned())
    }

    async fn check(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
