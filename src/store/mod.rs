//! Where sessions may lie on the server: the seam for stores.
//!
#![doc = include_str!("../../docs/session-stores.md")]

mod error;
mod expiring_map;
mod keys;
mod memory_session;
mod memory_store;
#[cfg(feature = "redis")]
mod redis;
mod session_store;
mod shared;
mod stored_session;
#[cfg(feature = "store-tests")]
pub mod suite;

pub use self::error::StoreError;
pub use self::keys::{ItemKey, LeaseOwner, SessionAddress, SessionKey, UserKey};
pub use self::memory_store::MemoryStore;
#[cfg(feature = "redis")]
pub(crate) use self::redis::CredentialsSource;
#[cfg(feature = "redis")]
pub use self::redis::{RedisStore, StoreCredentials};
pub use self::session_store::SessionStore;
pub use self::stored_session::{Claim, Listed, MAX_VALUE_BYTES, Replaced, StoredSession, Turn};
