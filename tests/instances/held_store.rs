//! A store in Redis in which a test holds up refreshes.

use std::time::Duration;

use rocket_cognito::store::{
    Claim, ItemKey, LeaseOwner, Listed, RedisStore, Replaced, SessionAddress, SessionKey, SessionStore,
    StoreError, StoredSession, Turn, UserKey,
};
use tokio::sync::{Semaphore, watch};

/// Where refreshes wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    BeforeTurn,
    AfterTurn,
    BeforeReplace,
    AfterReplace,
}

pub struct HeldStore {
    store: RedisStore,
    point: watch::Sender<Option<Point>>,
    arrived: Semaphore,
}

impl HeldStore {
    pub fn new(store: RedisStore) -> Self {
        HeldStore { store, point: watch::channel(None).0, arrived: Semaphore::new(0) }
    }

    /// Holds up each refresh at this point from now on.
    pub fn hold(&self, point: Point) {
        self.point.send_replace(Some(point));
    }

    /// Returns when so many wait.
    pub async fn reached(&self, count: u32) {
        self.arrived.acquire_many(count).await.unwrap().forget();
    }

    /// Lets all go on.
    pub fn release(&self) {
        self.point.send_replace(None);
    }

    async fn pass(&self, here: Point) {
        let mut point = self.point.subscribe();
        if *point.borrow() == Some(here) {
            self.arrived.add_permits(1);
            let _ = point.wait_for(|point| *point != Some(here)).await;
        }
    }
}

#[rocket::async_trait]
impl SessionStore for HeldStore {
    async fn load(&self, at: &SessionAddress) -> Result<Option<StoredSession>, StoreError> {
        self.store.load(at).await
    }

    async fn create(
        &self,
        at: &SessionAddress,
        value: &[u8],
        life: Duration,
        cap: usize,
    ) -> Result<Vec<Listed>, StoreError> {
        self.store.create(at, value, life, cap).await
    }

    async fn turn(
        &self,
        at: &SessionAddress,
        generation: u64,
        owner: &LeaseOwner,
        lease: Duration,
    ) -> Result<Turn, StoreError> {
        self.pass(Point::BeforeTurn).await;
        let turn = self.store.turn(at, generation, owner, lease).await;
        self.pass(Point::AfterTurn).await;
        turn
    }

    async fn keep(
        &self,
        at: &SessionAddress,
        owner: &LeaseOwner,
        lease: Duration,
    ) -> Result<bool, StoreError> {
        self.store.keep(at, owner, lease).await
    }

    async fn give_back(
        &self,
        at: &SessionAddress,
        owner: &LeaseOwner,
        rest: Duration,
    ) -> Result<(), StoreError> {
        self.store.give_back(at, owner, rest).await
    }

    async fn replace(
        &self,
        at: &SessionAddress,
        generation: u64,
        value: &[u8],
        life: Duration,
    ) -> Result<Replaced, StoreError> {
        self.pass(Point::BeforeReplace).await;
        let replaced = self.store.replace(at, generation, value, life).await;
        self.pass(Point::AfterReplace).await;
        replaced
    }

    async fn touch(&self, at: &SessionAddress, life: Duration) -> Result<(), StoreError> {
        self.store.touch(at, life).await
    }

    async fn remove(
        &self,
        at: &SessionAddress,
        generation: Option<u64>,
    ) -> Result<Option<StoredSession>, StoreError> {
        self.store.remove(at, generation).await
    }

    async fn list(&self, user: &UserKey) -> Result<Vec<Listed>, StoreError> {
        self.store.list(user).await
    }

    async fn remove_all(
        &self,
        user: &UserKey,
        except: Option<&SessionKey>,
    ) -> Result<Vec<Listed>, StoreError> {
        self.store.remove_all(user, except).await
    }

    async fn claim(&self, key: &ItemKey, value: &[u8], life: Duration) -> Result<Claim, StoreError> {
        self.store.claim(key, value, life).await
    }

    async fn put(&self, key: &ItemKey, value: &[u8], life: Duration) -> Result<(), StoreError> {
        self.store.put(key, value, life).await
    }

    async fn get(&self, key: &ItemKey) -> Result<Option<Vec<u8>>, StoreError> {
        self.store.get(key).await
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.store.check().await
    }
}
