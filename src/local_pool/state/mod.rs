//! What a pool knows while it runs: keys, users, codes, sessions, refresh tokens.

mod access_token;
mod changes;
mod exchange;
mod expiring_map;
mod grant;
mod groups;
mod key_ring;
mod machine_triggers;
mod moment;
mod password;
mod pool;
mod refresh;
mod saved;
mod seeds;
mod session;
mod tokens;
mod unchanged;
mod user;
mod user_status;
mod users;

pub(super) use self::access_token::{Unusable, access_token};
pub(super) use self::changes::Changes;
pub(super) use self::exchange::{Exchange, ExchangeFailure, Exchanged, Target, exchange};
pub(super) use self::grant::{API_SCOPE, AuthorizationCode, Grant};
pub(super) use self::groups::{Group, GroupRefusal};
pub(super) use self::key_ring::KeyRing;
pub(super) use self::pool::{Challenge, Pool};
pub(super) use self::refresh::{RefreshFailure, refresh};
pub(super) use self::saved::SavedPool;
pub(super) use self::session::{SESSION_COOKIE, Session, session_cookie};
pub use self::tokens::LocalTokens;
pub(super) use self::unchanged::Unchanged;
pub(super) use self::user::User;
pub(super) use self::user_status::UserStatus;
