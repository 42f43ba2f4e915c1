//! Stands in for the store in memory until there is one: it is out of reach.

use std::time::Duration;

use crate::store::{
    Claim, ItemKey, LeaseOwner, Listed, Replaced, SessionAddress, SessionKey, SessionStore, StoreError,
    StoredSession, Turn, UserKey,
};

/// A store that answers every call with [`StoreError::Unavailable`].
pub(super) struct StandInStore;

fn unavailable<T>() -> Result<T, StoreError> {
    Err(StoreError::Unavailable("there is no store in memory yet".into()))
}

#[rocket::async_trait]
impl SessionStore for StandInStore {
    async fn load(&self, _: &SessionAddress) -> Result<Option<StoredSession>, StoreError> {
        unavailable()
    }

    async fn create(
        &self,
        _: &SessionAddress,
        _: &[u8],
        _: Duration,
        _: usize,
    ) -> Result<Vec<Listed>, StoreError> {
        unavailable()
    }

    async fn turn(
        &self,
        _: &SessionAddress,
        _: u64,
        _: &LeaseOwner,
        _: Duration,
    ) -> Result<Turn, StoreError> {
        unavailable()
    }

    async fn keep(&self, _: &SessionAddress, _: &LeaseOwner, _: Duration) -> Result<bool, StoreError> {
        unavailable()
    }

    async fn give_back(&self, _: &SessionAddress, _: &LeaseOwner, _: Duration) -> Result<(), StoreError> {
        unavailable()
    }

    async fn replace(
        &self,
        _: &SessionAddress,
        _: u64,
        _: &[u8],
        _: Duration,
    ) -> Result<Replaced, StoreError> {
        unavailable()
    }

    async fn touch(&self, _: &SessionAddress, _: Duration) -> Result<(), StoreError> {
        unavailable()
    }

    async fn remove(&self, _: &SessionAddress, _: Option<u64>) -> Result<Option<StoredSession>, StoreError> {
        unavailable()
    }

    async fn list(&self, _: &UserKey) -> Result<Vec<Listed>, StoreError> {
        unavailable()
    }

    async fn remove_all(&self, _: &UserKey, _: Option<&SessionKey>) -> Result<Vec<Listed>, StoreError> {
        unavailable()
    }

    async fn claim(&self, _: &ItemKey, _: &[u8], _: Duration) -> Result<Claim, StoreError> {
        unavailable()
    }

    async fn put(&self, _: &ItemKey, _: &[u8], _: Duration) -> Result<(), StoreError> {
        unavailable()
    }

    async fn get(&self, _: &ItemKey) -> Result<Option<Vec<u8>>, StoreError> {
        unavailable()
    }

    async fn check(&self) -> Result<(), StoreError> {
        unavailable()
    }
}
