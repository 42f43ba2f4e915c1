//! Settings: read from `[<profile>.cognito]` and `ROCKET_COGNITO_*`, checked once, at ignition.

mod figment_value;
mod key;
mod reader;
#[cfg(test)]
mod redaction;
#[cfg(feature = "doctor")]
mod secrets_in_files;
mod section;
mod setting;
mod settings;
mod shown;
mod suggestion;
#[cfg(test)]
mod tests;
mod value;
mod variable;

#[cfg(feature = "doctor")]
pub(crate) use self::secrets_in_files::secrets_in_files;
pub(crate) use self::section::bearer::BearerSettings;
pub(crate) use self::section::client::OwnClient;
pub(crate) use self::section::cookies::CookieSettings;
pub(crate) use self::section::disabled::Disabled;
#[cfg(feature = "local-pool")]
pub(crate) use self::section::disabled::is_disabled;
pub(crate) use self::section::jwks::JwksSource;
#[cfg(feature = "local-pool")]
pub(crate) use self::section::level_names::LEVEL_FIELDS;
pub(crate) use self::section::level_names::LevelNames;
#[cfg(any(feature = "local-pool", test))]
pub(crate) use self::section::local_pool::LocalPoolDefaults;
#[cfg(feature = "local-pool")]
pub(crate) use self::section::local_pool::LocalPoolTable;
pub(crate) use self::section::pool::{PoolSettings, TokenCache, is_issuer};
#[cfg(feature = "redis")]
pub(crate) use self::section::redis::{RedisSettings, StorePassword};
pub(crate) use self::section::secret_keys::KeySettings;
pub(crate) use self::section::session::SessionSettings;
pub(crate) use self::section::sign_in::SignInSettings;
pub(crate) use self::section::store::{StoreKind, StoreSettings};
#[cfg(feature = "redis")]
pub(crate) use self::section::store_tls::StoreTls;
pub(crate) use self::section::trusted_origins::parse_origin;
pub(crate) use self::settings::{Settings, local_pool};
#[cfg(feature = "local-pool")]
pub(crate) use self::suggestion::closest;
pub(crate) use self::value::client_secret_file::ClientSecretFile;
#[cfg(feature = "local-pool")]
pub(crate) use self::value::domain::origin_url;
#[cfg(feature = "local-pool")]
pub(crate) use self::value::pool_id::has_form_of_pool_id;
pub(crate) use self::value::redirect_url::RedirectUrl;
pub(crate) use self::value::resource::Resource;
pub(crate) use self::value::scopes::{ScopesOf, check_scopes};
#[cfg(feature = "redis")]
pub(crate) use self::value::store_address::StoreAddress;
#[cfg(feature = "local-pool")]
pub(crate) use self::value::table::{Field, Form, TableMistake, names, read_table};
#[cfg(feature = "local-pool")]
pub(crate) use self::value::url::{PlainHttp, is_container_host};
pub(crate) use self::value::word::{BearerTokenUse, PoolMetadata, SameSite};
#[cfg(feature = "local-pool")]
pub(crate) use self::variable::remedy_at;
