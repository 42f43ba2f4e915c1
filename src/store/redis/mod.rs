//! Sessions in Redis or Valkey.

mod client_info;
mod connect;
mod connection;
mod credentials;
mod failure;
mod link;
mod note;
mod redis_store;
mod reply;
mod script;
mod script_answer;
mod sentinel;
mod server_clock;
mod server_info;

pub(crate) use self::credentials::CredentialsSource;
pub use self::credentials::StoreCredentials;
pub use self::redis_store::RedisStore;
