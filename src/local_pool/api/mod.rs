//! The operations of Cognito's API that apps call by an AWS SDK, at a pool and without HTTP.

mod account;
mod attributes;
mod caller;
mod client_secrets;
mod delivery;
mod descriptions;
mod dispatch;
mod error;
mod filter;
mod groups;
mod members;
mod paging;
mod secret_hash;
mod session_configuration;
mod sessions;
mod sign_in;
mod sign_up;
mod token_exchange;
mod tokens;
mod users;

pub(super) use self::dispatch::answer;
pub(super) use self::error::ApiError;
pub(super) use self::sign_up::{check_password_reset, confirm};
