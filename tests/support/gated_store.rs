//! A store that tests hold up, switch off and look into.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rocket_cognito::store::{
    Claim, ItemKey, LeaseOwner, Listed, Replaced, SessionAddress, SessionKey, SessionStore, StoreError,
    StoredSession, Turn, UserKey,
};
use tokio::sync::Semaphore;

/// Clones share the store, gates and switches.
#[derive(Clone)]
pub struct GatedStore {
    /// The store behind the gates.
    pub inner: Arc<dyn SessionStore>,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    is_down: AtomicBool,
    /// The methods that fail.
    down: Mutex<Vec<&'static str>>,
    /// Whether what is asked is done, and its answer lost.
    loses_answers: AtomicBool,
    /// How many more answers of a method get lost.
    lost: Mutex<BTreeMap<&'static str, usize>>,
    calls: Mutex<BTreeMap<&'static str, usize>>,
    gates: Mutex<Vec<Arc<Gate>>>,
    /// Every name and value that was ever given to the store.
    given: Mutex<Vec<Vec<u8>>>,
}

/// Before or after a method does its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    Before,
    After,
}

struct Gate {
    method: &'static str,
    when: When,
    arrived: Semaphore,
    leaving: Semaphore,
}

/// The next call of one method is held up until this is dropped.
pub struct StoreHold(Arc<Gate>);

/// One method fails until this is dropped.
pub struct StoreDown(GatedStore, &'static str);

impl Drop for StoreDown {
    fn drop(&mut self) {
        self.0.state.down.lock().unwrap().retain(|method| *method != self.1);
    }
}

impl StoreHold {
    /// Returns when the call has come.
    pub async fn reached(&self) {
        self.0.arrived.acquire().await.unwrap().forget();
    }
}

impl Drop for StoreHold {
    fn drop(&mut self) {
        self.0.leaving.add_permits(1);
    }
}

impl GatedStore {
    pub fn new(inner: Arc<dyn SessionStore>) -> Self {
        GatedStore { inner, state: Arc::default() }
    }

    /// Whether the store is out of reach from now on.
    pub fn set_down(&self, is_down: bool) {
        self.state.is_down.store(is_down, Ordering::SeqCst);
    }

    /// Whether answers get lost from now on, of what is done.
    pub fn lose_answers(&self, loses: bool) {
        self.state.loses_answers.store(loses, Ordering::SeqCst);
    }

    /// Loses the answers of the next so many calls of one method, which are done.
    pub fn lose_next(&self, method: &'static str, times: usize) {
        self.state.lost.lock().unwrap().insert(method, times);
    }

    fn loses(&self, method: &'static str) -> bool {
        let mut lost = self.state.lost.lock().unwrap();
        let left = lost.entry(method).or_default();
        let loses = *left > 0;
        *left = left.saturating_sub(1);
        loses || self.state.loses_answers.load(Ordering::SeqCst)
    }

    /// Has one method fail until the result is dropped.
    pub fn hold_down(&self, method: &'static str) -> StoreDown {
        self.state.down.lock().unwrap().push(method);
        StoreDown(self.clone(), method)
    }

    fn is_down(&self, method: &'static str) -> bool {
        self.state.is_down.load(Ordering::SeqCst) || self.state.down.lock().unwrap().contains(&method)
    }

    /// How often a method has been called.
    pub fn calls(&self, method: &str) -> usize {
        self.state.calls.lock().unwrap().get(method).copied().unwrap_or_default()
    }

    /// How often any method has been called.
    pub fn all_calls(&self) -> usize {
        self.state.calls.lock().unwrap().values().sum()
    }

    pub fn hold(&self, method: &'static str, when: When) -> StoreHold {
        let gate = Gate { method, when, arrived: Semaphore::new(0), leaving: Semaphore::new(0) };
        let gate = Arc::new(gate);
        self.state.gates.lock().unwrap().push(gate.clone());
        StoreHold(gate)
    }

    /// Every name and value that the store has ever been given.
    pub fn given(&self) -> Vec<Vec<u8>> {
        self.state.given.lock().unwrap().clone()
    }

    fn note(&self, parts: &[&[u8]]) {
        self.state.given.lock().unwrap().extend(parts.iter().map(|part| part.to_vec()));
    }

    async fn pass(&self, method: &'static str, when: When) {
        let gate = {
            let mut gates = self.state.gates.lock().unwrap();
            let place = gates.iter().position(|gate| gate.method == method && gate.when == when);
            place.map(|place| gates.remove(place))
        };
        if let Some(gate) = gate {
            gate.arrived.add_permits(1);
            let _ = gate.leaving.acquire().await.unwrap();
        }
    }

    async fn call<T>(
        &self,
        method: &'static str,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        *self.state.calls.lock().unwrap().entry(method).or_default() += 1;
        self.pass(method, When::Before).await;
        if self.is_down(method) {
            return Err(StoreError::Unavailable("switched off".into()));
        }
        let answer = work.await;
        self.pass(method, When::After).await;
        if self.loses(method) {
            return Err(StoreError::Unavailable("the answer got lost".into()));
        }
        answer
    }
}

#[rocket::async_trait]
impl SessionStore for GatedStore {
    async fn load(&self, at: &SessionAddress) -> Result<Option<StoredSession>, StoreError> {
        self.call("load", self.inner.load(at)).await
    }

    async fn create(
        &self,
        at: &SessionAddress,
        value: &[u8],
        life: Duration,
        cap: usize,
    ) -> Result<Vec<Listed>, StoreError> {
        self.note(&[at.user.as_bytes(), at.session.as_bytes(), value]);
        self.call("create", self.inner.create(at, value, life, cap)).await
    }

    async fn turn(
        &self,
        at: &SessionAddress,
        generation: u64,
        owner: &LeaseOwner,
        lease: Duration,
    ) -> Result<Turn, StoreError> {
        self.call("turn", self.inner.turn(at, generation, owner, lease)).await
    }

    async fn keep(
        &self,
        at: &SessionAddress,
        owner: &LeaseOwner,
        lease: Duration,
    ) -> Result<bool, StoreError> {
        self.call("keep", self.inner.keep(at, owner, lease)).await
    }

    async fn give_back(
        &self,
        at: &SessionAddress,
        owner: &LeaseOwner,
        rest: Duration,
    ) -> Result<(), StoreError> {
        self.call("give_back", self.inner.give_back(at, owner, rest)).await
    }

    async fn replace(
        &self,
        at: &SessionAddress,
        generation: u64,
        value: &[u8],
        life: Duration,
    ) -> Result<Replaced, StoreError> {
        self.note(&[value]);
        self.call("replace", self.inner.replace(at, generation, value, life)).await
    }

    async fn touch(&self, at: &SessionAddress, life: Duration) -> Result<(), StoreError> {
        self.call("touch", self.inner.touch(at, life)).await
    }

    async fn remove(
        &self,
        at: &SessionAddress,
        generation: Option<u64>,
    ) -> Result<Option<StoredSession>, StoreError> {
        self.call("remove", self.inner.remove(at, generation)).await
    }

    async fn list(&self, user: &UserKey) -> Result<Vec<Listed>, StoreError> {
        self.call("list", self.inner.list(user)).await
    }

    async fn remove_all(
        &self,
        user: &UserKey,
        except: Option<&SessionKey>,
    ) -> Result<Vec<Listed>, StoreError> {
        self.call("remove_all", self.inner.remove_all(user, except)).await
    }

    async fn claim(&self, key: &ItemKey, value: &[u8], life: Duration) -> Result<Claim, StoreError> {
        self.note(&[key.as_bytes(), value]);
        self.call("claim", self.inner.claim(key, value, life)).await
    }

    async fn put(&self, key: &ItemKey, value: &[u8], life: Duration) -> Result<(), StoreError> {
        self.note(&[key.as_bytes(), value]);
        self.call("put", self.inner.put(key, value, life)).await
    }

    async fn get(&self, key: &ItemKey) -> Result<Option<Vec<u8>>, StoreError> {
        self.call("get", self.inner.get(key)).await
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.call("check", self.inner.check()).await
    }
}
