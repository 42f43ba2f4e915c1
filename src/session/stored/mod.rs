//! Sessions that lie in a store, of which the browser has a cookie of random bytes alone.

mod attempt_claims;
mod deadline;
mod denylist;
mod ending;
mod not_all_ended;
mod opened_session;
mod parts;
mod refresh;
mod remembered_sessions;
mod retry;
mod session_id;
mod session_info;
mod session_value;
mod sessions;
mod stored_sessions;
mod vault;

pub(crate) use self::attempt_claims::{AttemptClaim, AttemptClaims};
pub(crate) use self::denylist::BearerDenylist;
pub use self::not_all_ended::NotAllEnded;
pub(crate) use self::parts::SessionStoreParts;
pub(crate) use self::session_id::SessionId;
pub use self::session_info::SessionInfo;
pub use self::sessions::Sessions;
pub(super) use self::stored_sessions::NotStored;
pub(crate) use self::stored_sessions::StoredSessions;
