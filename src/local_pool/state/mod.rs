//! What a pool knows while it runs: keys, users, codes, sessions, refresh tokens.

mod expiring_map;
mod grant;
mod key_ring;
mod machine_triggers;
mod pool;
mod session;
mod tokens;
mod user;
mod users;

pub(super) use self::grant::{AuthorizationCode, Grant};
pub(super) use self::key_ring::KeyRing;
pub(super) use self::pool::Pool;
pub(super) use self::session::{SESSION_COOKIE, Session, session_cookie};
pub use self::tokens::LocalTokens;
pub(super) use self::user::User;
