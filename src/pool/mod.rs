//! One user pool: its keys and endpoints, what it issues, and what it says about users.

mod client_error;
mod issued_tokens;
mod pool_session;
mod pool_sessions;
mod text_attributes;
mod user_info;
mod user_pool;

pub use self::client_error::ClientError;
pub(crate) use self::issued_tokens::{IssuedTokens, TokensRejected};
pub use self::pool_session::{PoolSession, PoolSessionKind};
pub use self::pool_sessions::PoolSessions;
pub(crate) use self::text_attributes::text_attributes;
pub use self::user_info::UserInfo;
pub(crate) use self::user_pool::UserPool;
