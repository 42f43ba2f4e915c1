//! Where sessions may lie on the server: the seam for stores.

mod error;
mod keys;
mod session_store;
mod stored_session;

pub use self::error::StoreError;
pub use self::keys::{ItemKey, LeaseOwner, SessionAddress, SessionKey, UserKey};
pub use self::session_store::SessionStore;
pub use self::stored_session::{Claim, Listed, MAX_VALUE_BYTES, Replaced, StoredSession, Turn};
