//! Settings: read from `[<profile>.cognito]` and `ROCKET_COGNITO_*`, checked once, at ignition.

mod bearer;
mod client;
mod cookie_key;
mod disabled;
mod domain;
mod jwks;
mod key;
mod load;
mod local_pool;
mod names;
mod path;
mod pool_id;
mod proxy;
mod reader;
#[cfg(test)]
mod redaction;
mod redirect_url;
mod routes;
mod scopes;
mod session;
mod table;
#[cfg(test)]
mod tests;
mod unsafe_modes;
mod url;

use crate::crypto::Secret;
pub(crate) use bearer::{Bearer, BearerTokenUse};
pub(crate) use disabled::Disabled;
#[cfg(feature = "local-pool")]
pub(crate) use disabled::is_disabled;
pub(crate) use jwks::JwksSource;
#[cfg(feature = "local-pool")]
pub(crate) use local_pool::LocalPoolTable;
pub(crate) use local_pool::local_pool;
#[cfg(feature = "local-pool")]
pub(crate) use pool_id::has_form_of_pool_id;
pub(crate) use redirect_url::RedirectUrl;
pub(crate) use routes::{Paths, Routes};
pub(crate) use scopes::check_scopes;
#[cfg(feature = "local-pool")]
pub(crate) use table::read_table;

/// Every setting, checked. Nothing further down asks Figment anything.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// `eu-west-1_AbC123`.
    pub(crate) user_pool_id: String,
    pub(crate) client_id: String,
    /// Whether `client_id` is set; if not, it is one of `accepted_client_ids`, and nothing can be asked for.
    pub(crate) has_own_client: bool,
    /// `None` for a public client.
    pub(crate) client_secret: Option<Secret>,
    /// Scheme and host of the hosted pages, no trailing slash: `https://acme.auth.eu-west-1.amazoncognito.com`.
    pub(crate) domain: Option<String>,
    /// Whether people sign in at this app; if not, bearer tokens alone count.
    pub(crate) signs_in: bool,
    /// Sent to Cognito byte for byte as configured. Empty where nobody is sent there.
    pub(crate) redirect_url: String,
    /// `redirect_url` first, then `accepted_redirect_urls`.
    pub(crate) redirect_urls: Vec<RedirectUrl>,
    /// `scheme://host[:port]` of `redirect_url`.
    pub(crate) origin: String,
    /// Where the callback is mounted: the path of `redirect_url`, or `callback_path`.
    pub(crate) callback_path: String,
    /// What a proxy strips before `callback_path`, such as `/shop`; mostly empty.
    pub(crate) public_prefix: String,
    pub(crate) logout_url: String,
    /// One to five; the first seals, all open.
    pub(crate) secret_keys: Vec<Secret>,
    /// Made for this launch only, which deserves a warning: the next one ends all sessions.
    pub(crate) secret_keys_are_random: bool,
    /// Empty: all that the client has.
    pub(crate) scopes: Vec<String>,
    pub(crate) cookie_age_seconds: u64,
    pub(crate) expiration_leeway: u64,
    pub(crate) cookie_domain: Option<String>,
    pub(crate) cookie_samesite: SameSite,
    /// Whether refresh tokens are kept, to renew sessions with.
    pub(crate) refresh_flow_enabled: bool,
    pub(crate) refresh_cookie_encrypted: bool,
    pub(crate) refresh_cookie_age_seconds: u64,
    /// Whether guards renew sessions by themselves.
    pub(crate) auto_refresh: bool,
    pub(crate) refresh_ahead_seconds: u64,
    pub(crate) session_idle_seconds: Option<u64>,
    pub(crate) session_max_seconds: u64,
    /// Whether each request is held against the session's own limits, beside those of its tokens.
    pub(crate) limits_sessions: bool,
    /// Letters, digits and `-`, at the end of each cookie's name.
    pub(crate) cookie_suffix: Option<String>,
    /// The issuer in force first, then the other form of it, then `accepted_issuers`.
    pub(crate) issuers: Vec<String>,
    pub(crate) jwks: JwksSource,
    /// Through which the pool is called.
    pub(crate) http_proxy: Option<Secret>,
    /// Whether an app without keys does not launch.
    pub(crate) require_keys_at_launch: bool,
    /// The own client first, then `accepted_client_ids`.
    pub(crate) client_ids: Vec<String>,
    /// What an access token may be bound to, beside its client.
    pub(crate) accepted_audiences: Vec<String>,
    pub(crate) bearer: Bearer,
    /// Whether tokens expire.
    pub(crate) check_expiration: bool,
    pub(crate) token_cache: TokenCache,
    /// Base of login and logout, such as `/auth`; no trailing slash; empty when it is `/`.
    pub(crate) mount: String,
    pub(crate) routes: Routes,
    pub(crate) paths: Paths,
    /// A path on this origin.
    pub(crate) login_redirect: String,
    /// In disabled mode: then the pool above may be a stand-in, and nobody is to call it.
    pub(crate) disabled: Option<Disabled>,
}

impl Settings {
    /// Whether an access token may be bound to this resource.
    pub(crate) fn accepts_audience(&self, resource: &str) -> bool {
        self.accepted_audiences.iter().any(|audience| audience == resource)
    }
}

/// How much of what was verified is remembered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TokenCache {
    /// 0: nothing.
    pub(crate) entries: u64,
    pub(crate) bytes: u64,
}

/// `SameSite` of the session cookies; the login cookie is always `Lax`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SameSite {
    Lax,
    /// Not sent on the page that a sign-in leads to, hence a page in between.
    Strict,
    None,
    /// The attribute is left out.
    Omit,
}

/// What the embedded local pool fills in for settings that are not given.
#[derive(Debug, Clone)]
pub(crate) struct LocalPoolDefaults {
    /// The pool's address, such as `http://127.0.0.1:9400`: domain, and with the pool id the issuer.
    pub(crate) base_url: String,
    pub(crate) user_pool_id: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: Option<Secret>,
}
