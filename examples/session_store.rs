//! Run `cargo run --example session_store`, then open http://localhost:8000.
//!
//! A store that the app defines: here a map, as a pattern for whatever your sessions are to lie in. Its tests, at the
//! end, show how the suite of the feature `store-tests` judges it; `docs/session-stores.md` says what to heed with
//! databases.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rocket::http::Status;
use rocket::response::content::RawHtml;
use rocket::{State, get, launch, routes};
use rocket_cognito::store::{
    Claim, ItemKey, LeaseOwner, Listed, Replaced, SessionAddress, SessionKey, SessionStore, StoreError,
    StoredSession, Turn, UserKey,
};
use rocket_cognito::{Cognito, CognitoUser};

/// The most sessions, and the most single values.
const CAPACITY: usize = 10_000;

/// Sessions in a map. One lock makes each method atomic; it is never held while something is awaited.
#[derive(Clone, Default)]
struct MapStore(Arc<Mutex<Map>>);

#[derive(Default)]
struct Map {
    sessions: HashMap<SessionAddress, Session>,
    values: HashMap<ItemKey, (Vec<u8>, Instant)>,
}

struct Session {
    value: Vec<u8>,
    generation: u64,
    seen_at: Instant,
    ends_at: Instant,
    lease: Option<Lease>,
    rests_until: Instant,
    failures: u32,
}

/// It stays when it has run out: the next owner is to know of it.
struct Lease {
    owner: LeaseOwner,
    until: Instant,
    taken_over: bool,
}

impl Session {
    fn new(value: &[u8], life: Duration, now: Instant) -> Self {
        Session {
            value: value.to_vec(),
            generation: 1,
            seen_at: now,
            ends_at: now + life,
            lease: None,
            rests_until: now,
            failures: 0,
        }
    }

    fn stored(&self, now: Instant) -> StoredSession {
        StoredSession {
            value: self.value.clone(),
            generation: self.generation,
            unseen_for: now - self.seen_at,
            ends_in: self.ends_at - now,
        }
    }
}

impl MapStore {
    fn lock(&self) -> (MutexGuard<'_, Map>, Instant) {
        let map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Read with the lock in hand, so that no call has an earlier time than the one before it.
        (map, Instant::now())
    }
}

/// What is over is passed over wherever it is read, so it does not matter when it is deleted.
impl Map {
    fn session(&mut self, at: &SessionAddress, now: Instant) -> Option<&mut Session> {
        self.sessions.get_mut(at).filter(|session| session.ends_at > now)
    }

    fn list(&self, user: &UserKey, now: Instant) -> Vec<Listed> {
        let mine = self.sessions.iter().filter(|(at, session)| at.user == *user && session.ends_at > now);
        mine.map(|(at, session)| Listed { key: at.session, session: session.stored(now) }).collect()
    }

    fn remove(&mut self, user: UserKey, listed: &[Listed]) {
        for Listed { key: session, .. } in listed {
            self.sessions.remove(&SessionAddress { user, session: *session });
        }
    }

    fn value(&self, key: &ItemKey, now: Instant) -> Option<&Vec<u8>> {
        self.values.get(key).filter(|(_, ends_at)| *ends_at > now).map(|(value, _)| value)
    }

    fn put(&mut self, key: &ItemKey, value: &[u8], life: Duration, now: Instant) -> Result<(), StoreError> {
        self.values.retain(|_, (_, ends_at)| *ends_at > now);
        if self.values.len() >= CAPACITY && !self.values.contains_key(key) {
            return Err(StoreError::Refused("there are too many values".to_owned()));
        }
        self.values.insert(*key, (value.to_vec(), now + life));
        Ok(())
    }
}

#[rocket::async_trait]
impl SessionStore for MapStore {
    async fn load(&self, at: &SessionAddress) -> Result<Option<StoredSession>, StoreError> {
        let (mut map, now) = self.lock();
        Ok(map.session(at, now).map(|session| session.stored(now)))
    }

    async fn create(
        &self,
        at: &SessionAddress,
        value: &[u8],
        life: Duration,
        cap: usize,
    ) -> Result<Vec<Listed>, StoreError> {
        let (mut map, now) = self.lock();
        map.sessions.retain(|_, session| session.ends_at > now);
        if map.sessions.contains_key(at) {
            return Err(StoreError::Refused("the address is taken".to_owned()));
        }
        if map.sessions.len() >= CAPACITY {
            return Err(StoreError::Refused("there are too many sessions".to_owned()));
        }
        let mut removed = map.list(&at.user, now);
        removed.sort_by_key(|listed| std::cmp::Reverse(listed.session.unseen_for));
        removed.truncate((removed.len() + 1).saturating_sub(cap));
        map.remove(at.user, &removed);
        map.sessions.insert(*at, Session::new(value, life, now));
        Ok(removed)
    }

    async fn turn(
        &self,
        at: &SessionAddress,
        generation: u64,
        owner: &LeaseOwner,
        lease: Duration,
    ) -> Result<Turn, StoreError> {
        let (mut map, now) = self.lock();
        let Some(session) = map.session(at, now) else { return Ok(Turn::Gone) };
        if session.generation != generation {
            return Ok(Turn::Other(session.stored(now)));
        }
        if session.rests_until > now {
            return Ok(Turn::Rests(session.rests_until - now));
        }
        let taken_over = match &session.lease {
            None => false,
            Some(mine) if mine.owner == *owner => mine.taken_over,
            Some(other) if other.until > now => return Ok(Turn::Held(other.until - now)),
            Some(_) => true,
        };
        session.lease = Some(Lease { owner: *owner, until: now + lease, taken_over });
        Ok(Turn::Yours { taken_over, failures: session.failures })
    }

    async fn keep(
        &self,
        at: &SessionAddress,
        owner: &LeaseOwner,
        lease: Duration,
    ) -> Result<bool, StoreError> {
        let (mut map, now) = self.lock();
        let held = map.session(at, now).and_then(|session| session.lease.as_mut());
        let mine = held.filter(|held| held.owner == *owner && held.until > now);
        Ok(mine.map(|mine| mine.until = now + lease).is_some())
    }

    async fn give_back(
        &self,
        at: &SessionAddress,
        owner: &LeaseOwner,
        rest: Duration,
    ) -> Result<(), StoreError> {
        let (mut map, now) = self.lock();
        if let Some(session) = map.session(at, now)
            && session.lease.take_if(|lease| lease.owner == *owner).is_some()
        {
            session.failures += 1;
            session.rests_until = now + rest;
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
        let (mut map, now) = self.lock();
        let Some(session) = map.session(at, now) else { return Ok(Replaced::Gone) };
        if session.generation != generation {
            return Ok(Replaced::Other(session.stored(now)));
        }
        *session = Session { generation: generation + 1, ..Session::new(value, life, now) };
        Ok(Replaced::Done)
    }

    async fn touch(&self, at: &SessionAddress, life: Duration) -> Result<(), StoreError> {
        let (mut map, now) = self.lock();
        if let Some(session) = map.session(at, now) {
            (session.seen_at, session.ends_at) = (now, now + life);
        }
        Ok(())
    }

    async fn remove(
        &self,
        at: &SessionAddress,
        generation: Option<u64>,
    ) -> Result<Option<StoredSession>, StoreError> {
        let (mut map, now) = self.lock();
        let session = map.session(at, now).map(|session| session.stored(now));
        let removed = session.filter(|it| generation.is_none_or(|generation| generation == it.generation));
        if removed.is_some() {
            map.sessions.remove(at);
        }
        Ok(removed)
    }

    async fn list(&self, user: &UserKey) -> Result<Vec<Listed>, StoreError> {
        let (map, now) = self.lock();
        Ok(map.list(user, now))
    }

    async fn remove_all(
        &self,
        user: &UserKey,
        except: Option<&SessionKey>,
    ) -> Result<Vec<Listed>, StoreError> {
        let (mut map, now) = self.lock();
        let mut removed = map.list(user, now);
        removed.retain(|listed| Some(&listed.key) != except);
        map.remove(*user, &removed);
        Ok(removed)
    }

    async fn claim(&self, key: &ItemKey, value: &[u8], life: Duration) -> Result<Claim, StoreError> {
        let (mut map, now) = self.lock();
        if let Some(taken) = map.value(key, now) {
            return Ok(Claim::Taken(taken.clone()));
        }
        map.put(key, value, life, now)?;
        Ok(Claim::Yours)
    }

    async fn put(&self, key: &ItemKey, value: &[u8], life: Duration) -> Result<(), StoreError> {
        let (mut map, now) = self.lock();
        map.put(key, value, life, now)
    }

    async fn get(&self, key: &ItemKey) -> Result<Option<Vec<u8>>, StoreError> {
        let (map, now) = self.lock();
        Ok(map.value(key, now).cloned())
    }

    async fn check(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

#[get("/")]
fn home(user: Option<CognitoUser>) -> RawHtml<&'static str> {
    RawHtml(match user {
        Some(_) => r#"<form method="post" action="/auth/logout"><button>Sign out</button></form>"#,
        None => r#"<a href="/auth/login?next=/me">Sign in</a>"#,
    })
}

#[get("/me")]
fn me(user: CognitoUser) -> String {
    format!("Hello, {}", user.username())
}

/// For a load balancer: whether people can sign in here.
#[get("/health")]
async fn health(store: &State<MapStore>) -> Result<&'static str, (Status, String)> {
    match store.check().await {
        Ok(()) => Ok("up"),
        Err(error) => Err((Status::ServiceUnavailable, error.to_string())),
    }
}

#[launch]
fn rocket() -> _ {
    let store = MapStore::default();
    rocket::build()
        .attach(Cognito::fairing().session_store(store.clone()))
        .manage(store)
        .mount("/", routes![home, me, health])
        .register("/", rocket_cognito::catchers())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rocket::http::Status;
    use rocket::local::blocking::Client;
    use rocket_cognito::store::suite;
    use rocket_cognito::testing::{self, Ask, TestPool};

    use super::MapStore;

    /// The app as it is shipped, and a pool for it.
    fn client() -> (TestPool, Client) {
        let pool = TestPool::new();
        let client = Client::tracked(pool.attach(super::rocket())).unwrap();
        (pool, client)
    }

    #[test]
    fn a_session_lies_in_the_apps_store() {
        let (pool, client) = client();
        assert_eq!(testing::map(client.rocket()).open(), ["GET /", "GET /health"]);
        let alice = pool.person("alice").session();
        assert_eq!(client.get("/me").signed_in(&alice).ask().status(), Status::Ok);
        let store: &MapStore = client.rocket().state().unwrap();
        assert_eq!(store.lock().0.sessions.len(), 1);
        assert_eq!(client.post("/auth/logout").signed_in(&alice).ask().status(), Status::SeeOther);
        assert_eq!(store.lock().0.sessions.len(), 0);
    }

    #[rocket::async_test]
    async fn the_store_does_what_sessions_need() {
        let time = suite::RealTime::in_units_of(Duration::from_millis(40));
        suite::judge(MapStore::default(), time).await.unwrap();
    }
}
