//! One user pool: its keys and endpoints, what it issues, and what it says about users.

mod client_error;
mod issued_tokens;
mod text_attributes;
mod user_info;
mod user_pool;

pub use self::client_error::ClientError;
pub(crate) use self::issued_tokens::{IssuedTokens, TokensRejected};
pub(crate) use self::text_attributes::text_attributes;
pub use self::user_info::UserInfo;
pub(crate) use self::user_pool::UserPool;
