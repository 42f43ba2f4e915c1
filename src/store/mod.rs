//! Where sessions may lie on the server: the seam for stores.
//!
#![doc = include_str!("../../docs/session-stores.md")]

mod error;
mod expiring_map;
mod keys;
mod memory_session;
mod memory_store;
mod session_store;
mod shared;
mod stored_session;
#[cfg(feature = "store-tests")]
pub mod suite;

pub use self::error::StoreError;
pub use self::keys::{ItemKey, LeaseOwner, SessionAddress, SessionKey, UserKey};
pub use self::memory_store::MemoryStore;
pub use self::session_store::SessionStore;
pub use self::stored_session::{Claim, Listed, MAX_VALUE_BYTES, Replaced, StoredSession, Turn};
