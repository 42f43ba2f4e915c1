//! Stores for sessions that do no work.

use std::time::Duration;

use rocket_cognito::store::{
    Claim, ItemKey, LeaseOwner, Listed, Replaced, SessionAddress, SessionKey, SessionStore, StoreError,
    StoredSession, Turn, UserKey,
};

/// Why [`OutOfReach`] does nothing.
pub const REASON: &str = "connection refused by 127.0.0.1:9";

/// A store that answers every call with [`StoreError::Unavailable`].
pub struct OutOfReach;

/// A store out of reach that says of itself that it would do its work.
pub struct PassesItsCheck;

/// A store out of reach that never says whether it would do its work.
pub struct Silent;

fn unavailable<T>() -> Result<T, StoreError> {
    Err(StoreError::Unavailable(REASON.into()))
}

/// Implements the store with this answer to `check`.
macro_rules! out_of_reach {
    ($($store:ty: $check:expr;)*) => {$(
        #[rocket::async_trait]
        impl SessionStore for $store {
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

            async fn remove(
                &self,
                _: &SessionAddress,
                _: Option<u64>,
            ) -> Result<Option<StoredSession>, StoreError> {
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
                $check
            }
        }
    )*};
}

out_of_reach! {
    OutOfReach: unavailable();
    PassesItsCheck: Ok(());
    Silent: std::future::pending().await;
}
