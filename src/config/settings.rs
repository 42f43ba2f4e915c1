//! All settings, in sections.

use super::section::bearer::BearerSettings;
use super::section::client::OwnClient;
use super::section::cookies::CookieSettings;
use super::section::disabled::Disabled;
use super::section::jwks::JwksSource;
use super::section::keys::KeySettings;
use super::section::pool::{PoolSettings, TokenCache};
use super::section::routes::{Paths, Routes};
use super::section::session::SessionSettings;
use super::section::sign_in::SignInSettings;
use super::value::redirect_url::RedirectUrl;
use super::value::word::SameSite;
use crate::crypto::Secret;

/// Every setting, checked. Nothing further down asks Figment anything.
#[derive(Debug, Clone)]
#[allow(dead_code, reason = "until the readers of the flat fields take sections")]
pub(crate) struct Settings {
    pub(crate) pool: PoolSettings,
    /// `None` where the app only accepts the tokens of other clients.
    pub(crate) client: Option<OwnClient>,
    /// `None` where nobody signs in, and bearer tokens alone are accepted.
    pub(crate) sign_in: Option<SignInSettings>,
    pub(crate) cookies: CookieSettings,
    pub(crate) session: SessionSettings,
    pub(crate) bearer: BearerSettings,
    pub(crate) keys: KeySettings,
    /// In disabled mode: then the pool above may be a stand-in, and nobody is to call it.
    pub(crate) disabled: Option<Disabled>,
    // TO BE REMOVED, with flat.rs, when its readers take sections.
    pub(crate) user_pool_id: String,
    pub(crate) client_id: String,
    /// Whether `client_id` is set; if not, it is one of `accepted_client_ids`, and nothing can be asked for.
    pub(crate) has_own_client: bool,
    pub(crate) client_secret: Option<Secret>,
    pub(crate) domain: Option<String>,
    pub(crate) signs_in: bool,
    /// Empty where nobody is sent there.
    pub(crate) redirect_url: String,
    pub(crate) redirect_urls: Vec<RedirectUrl>,
    pub(crate) origin: String,
    pub(crate) callback_path: String,
    pub(crate) public_prefix: String,
    pub(crate) logout_url: String,
    pub(crate) secret_keys: Vec<Secret>,
    pub(crate) secret_keys_are_random: bool,
    pub(crate) scopes: Vec<String>,
    pub(crate) cookie_age_seconds: u64,
    pub(crate) expiration_leeway: u64,
    pub(crate) cookie_domain: Option<String>,
    pub(crate) cookie_samesite: SameSite,
    pub(crate) refresh_flow_enabled: bool,
    pub(crate) refresh_cookie_encrypted: bool,
    pub(crate) refresh_cookie_age_seconds: u64,
    pub(crate) auto_refresh: bool,
    pub(crate) refresh_ahead_seconds: u64,
    pub(crate) session_idle_seconds: Option<u64>,
    pub(crate) session_max_seconds: u64,
    pub(crate) limits_sessions: bool,
    pub(crate) cookie_suffix: Option<String>,
    pub(crate) issuers: Vec<String>,
    pub(crate) jwks: JwksSource,
    pub(crate) http_proxy: Option<Secret>,
    pub(crate) require_keys_at_launch: bool,
    pub(crate) client_ids: Vec<String>,
    pub(crate) accepted_audiences: Vec<String>,
    pub(crate) check_expiration: bool,
    pub(crate) token_cache: TokenCache,
    pub(crate) mount: String,
    pub(crate) routes: Routes,
    pub(crate) paths: Paths,
    pub(crate) login_redirect: String,
}
