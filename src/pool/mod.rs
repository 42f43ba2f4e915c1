//! One user pool: what it issues, and what it says about users.

mod client_error;
mod issued_tokens;
mod user_info;

pub use self::client_error::ClientError;
pub(crate) use self::issued_tokens::{IssuedTokens, NotTaken};
pub use self::user_info::UserInfo;
