//! The sections of the settings: each file reads one, or a part of one that has rules of its own.

pub(super) mod accepted_clients;
pub(super) mod bearer;
pub(super) mod client;
mod client_secrets;
pub(super) mod cookies;
pub(super) mod disabled;
pub(super) mod jwks;
pub(super) mod level_names;
pub(super) mod local_pool;
pub(super) mod pool;
pub(super) mod proxy;
pub(super) mod redirect_urls;
#[cfg(feature = "redis")]
pub(super) mod redis;
pub(super) mod routes;
pub(super) mod secret_keys;
pub(super) mod session;
mod setting_file;
pub(super) mod sign_in;
pub(super) mod situation;
pub(super) mod store;
#[cfg(feature = "redis")]
pub(super) mod store_tls;
#[cfg(feature = "testing")]
pub(super) mod test_pool;
pub(super) mod trusted_origins;
pub(super) mod unsafe_modes;
