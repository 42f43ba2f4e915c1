//! A store that several hold.

use std::sync::Arc;
use std::time::Duration;

use super::error::StoreError;
use super::keys::{ItemKey, LeaseOwner, SessionAddress, SessionKey, UserKey};
use super::session_store::SessionStore;
use super::stored_session::{Claim, Listed, Replaced, StoredSession, Turn};

/// The store itself: an app may keep a handle of the one that it gives the fairing, and choose one when it starts.
#[rocket::async_trait]
impl<S: SessionStore + ?Sized> SessionStore for Arc<S> {
    async fn load(&self, at: &SessionAddress) -> Result<Option<StoredSession>, StoreError> {
        (**self).load(at).await
    }

    async fn create(
        &self,
        at: &SessionAddress,
        value: &[u8],
        life: Duration,
        cap: usize,
    ) -> Result<Vec<Listed>, StoreError> {
        (**self).create(at, value, life, cap).await
    }

    async fn turn(
        &self,
        at: &SessionAddress,
        generation: u64,
        owner: &LeaseOwner,
        lease: Duration,
    ) -> Result<Turn, StoreError> {
        (**self).turn(at, generation, owner, lease).await
    }

    async fn keep(
        &self,
        at: &SessionAddress,
        owner: &LeaseOwner,
        lease: Duration,
    ) -> Result<bool, StoreError> {
        (**self).keep(at, owner, lease).await
    }

    async fn give_back(
        &self,
        at: &SessionAddress,
        owner: &LeaseOwner,
        rest: Duration,
    ) -> Result<(), StoreError> {
        (**self).give_back(at, owner, rest).await
    }

    async fn replace(
        &self,
        at: &SessionAddress,
        generation: u64,
        value: &[u8],
        life: Duration,
    ) -> Result<Replaced, StoreError> {
        (**self).replace(at, generation, value, life).await
    }

    async fn touch(&self, at: &SessionAddress, life: Duration) -> Result<(), StoreError> {
        (**self).touch(at, life).await
    }

    async fn remove(
        &self,
        at: &SessionAddress,
        generation: Option<u64>,
    ) -> Result<Option<StoredSession>, StoreError> {
        (**self).remove(at, generation).await
    }

    async fn list(&self, user: &UserKey) -> Result<Vec<Listed>, StoreError> {
        (**self).list(user).await
    }

    async fn remove_all(
        &self,
        user: &UserKey,
        except: Option<&SessionKey>,
    ) -> Result<Vec<Listed>, StoreError> {
        (**self).remove_all(user, except).await
    }

    async fn claim(&self, key: &ItemKey, value: &[u8], life: Duration) -> Result<Claim, StoreError> {
        (**self).claim(key, value, life).await
    }

    async fn put(&self, key: &ItemKey, value: &[u8], life: Duration) -> Result<(), StoreError> {
        (**self).put(key, value, life).await
    }

    async fn get(&self, key: &ItemKey) -> Result<Option<Vec<u8>>, StoreError> {
        (**self).get(key).await
    }

    async fn check(&self) -> Result<(), StoreError> {
        (**self).check().await
    }
}
