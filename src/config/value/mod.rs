//! The forms of values: each file checks one, and says what is wrong with it.

pub(super) mod client_id;
pub(super) mod client_secret;
pub(super) mod client_secret_file;
pub(super) mod domain;
pub(super) mod list;
pub(super) mod path;
pub(super) mod pool_id;
pub(super) mod redirect_url;
pub(super) mod resource;
pub(super) mod scopes;
pub(super) mod secret_key;
#[cfg(feature = "redis")]
pub(super) mod store_address;
pub(super) mod store_name;
pub(super) mod table;
pub(super) mod text_file;
pub(super) mod url;
pub(super) mod word;
