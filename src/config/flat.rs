//! TO BE REMOVED: the flat fields of the settings, filled from the sections until their readers take sections.

use super::section::bearer::BearerSettings;
use super::section::client::OwnClient;
use super::section::cookies::CookieSettings;
use super::section::disabled::Disabled;
use super::section::keys::KeySettings;
use super::section::pool::PoolSettings;
use super::section::session::SessionSettings;
use super::section::sign_in::SignInSettings;
use super::settings::Settings;

/// The sections as they were read.
pub(super) struct Sections {
    pub(super) pool: PoolSettings,
    pub(super) client: Option<OwnClient>,
    pub(super) signs_in: bool,
    pub(super) sign_in: SignInSettings,
    pub(super) cookies: CookieSettings,
    pub(super) session: SessionSettings,
    pub(super) bearer: BearerSettings,
    pub(super) keys: KeySettings,
    pub(super) disabled: Option<Disabled>,
}

impl From<Sections> for Settings {
    fn from(sections: Sections) -> Settings {
        let Sections { pool, client, signs_in, sign_in, cookies, session, bearer, keys, disabled } = sections;
        let redirect_url = client.as_ref().and_then(|client| client.redirect_urls.first());
        Settings {
            user_pool_id: pool.user_pool_id.clone(),
            client_id: bearer.accepted_client_ids.first().cloned().unwrap_or_default(),
            has_own_client: client.is_some(),
            client_secret: client.as_ref().and_then(|client| client.secret.clone()),
            domain: pool.domain.clone(),
            signs_in,
            redirect_url: redirect_url.map(|url| url.text.clone()).unwrap_or_default(),
            redirect_urls: client.as_ref().map(|client| client.redirect_urls.clone()).unwrap_or_default(),
            origin: redirect_url.map(|url| url.origin.clone()).unwrap_or_default(),
            callback_path: sign_in.callback_path.clone(),
            public_prefix: sign_in.public_prefix.clone(),
            logout_url: client.as_ref().and_then(|client| client.logout_url.clone()).unwrap_or_default(),
            secret_keys: keys.secret_keys.clone(),
            secret_keys_are_random: keys.are_random,
            scopes: client.as_ref().map(|client| client.scopes.clone()).unwrap_or_default(),
            cookie_age_seconds: cookies.age_seconds,
            expiration_leeway: pool.expiration_leeway,
            cookie_domain: cookies.domain.clone(),
            cookie_samesite: cookies.same_site,
            refresh_flow_enabled: session.refresh_flow_enabled,
            refresh_cookie_encrypted: session.refresh_cookie_encrypted,
            refresh_cookie_age_seconds: session.refresh_cookie_age_seconds,
            auto_refresh: session.auto_refresh,
            refresh_ahead_seconds: session.refresh_ahead_seconds,
            session_idle_seconds: session.idle_seconds,
            session_max_seconds: session.max_seconds,
            limits_sessions: session.has_limits,
            cookie_suffix: cookies.suffix.clone(),
            issuers: pool.issuers.clone(),
            jwks: pool.jwks.clone(),
            http_proxy: pool.http_proxy.clone(),
            require_keys_at_launch: pool.require_keys_at_launch,
            client_ids: bearer.accepted_client_ids.clone(),
            accepted_audiences: bearer.accepted_audiences.clone(),
            check_expiration: pool.check_expiration,
            token_cache: pool.token_cache,
            mount: sign_in.mount.clone(),
            routes: sign_in.routes,
            paths: sign_in.paths.clone(),
            login_redirect: sign_in.login_redirect.clone(),
            pool,
            client,
            sign_in: signs_in.then_some(sign_in),
            cookies,
            session,
            bearer,
            keys,
            disabled,
        }
    }
}

impl Settings {
    pub(crate) fn accepts_audience(&self, resource: &str) -> bool {
        self.bearer.accepts_audience(resource)
    }
}
