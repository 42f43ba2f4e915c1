//! The pool's state: what was configured, and what sign-ins have left behind.

use std::ops::RangeInclusive;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::{Duration, Instant};

use rocket::http::CookieJar;

use super::client::LocalClient;
use super::config::LocalPoolConfig;
use super::endpoint::Endpoint;
use super::expiring_map::ExpiringMap;
use super::grant::Grant;
use super::keys::KeyRing;
use super::pages::Pages;
use super::users::Users;
use crate::clock;

/// The name of Cognito's own session cookie.
pub(super) const SESSION_COOKIE: &str = "cognito";
/// From sign-in, however often it is used.
pub(super) const SESSION_SECONDS: u64 = 3600;

/// By how many seconds the pool's clock may differ from the real one.
pub(super) const CLOCK_SKEW_SECONDS: RangeInclusive<i32> = -86_400..=86_400;

const CODE_SECONDS: u64 = 300;
const CODES_AND_SESSIONS: usize = 1_000;
const REFRESH_TOKENS: usize = 10_000;

/// A signed-in browser.
#[derive(Clone)]
pub(super) struct Session {
    pub(super) username: String,
    pub(super) auth_time: u64,
}

/// What an authorization code stands for.
#[derive(Clone)]
pub(super) struct Code {
    pub(super) grant: Grant,
    pub(super) redirect_uri: String,
    pub(super) nonce: Option<String>,
    pub(super) code_challenge: Option<String>,
}

pub(super) struct Pool {
    pub(super) config: LocalPoolConfig,
    pub(super) users: Users,
    pub(super) keys: KeyRing,
    pub(super) pages: Pages,
    pub(super) codes: ExpiringMap<Code>,
    pub(super) sessions: ExpiringMap<Session>,
    pub(super) refresh_tokens: ExpiringMap<Grant>,
    /// By `origin_jti`, for as long as access tokens of theirs may be out.
    pub(super) revoked_sign_ins: ExpiringMap<()>,
    /// The port in use, known before the first request.
    pub(super) port: OnceLock<u16>,
    endpoints: Vec<Endpoint>,
    clock_skew_seconds: AtomicI32,
}

impl Pool {
    pub(super) fn new(config: LocalPoolConfig, keys: KeyRing, pages: Pages) -> Self {
        let well_known = format!("/{}/.well-known", config.user_pool_id);
        let endpoints = [
            format!("{well_known}/openid-configuration"),
            format!("{well_known}/jwks.json"),
            "/oauth2/authorize".into(),
            "/login".into(),
            "/oauth2/token".into(),
            "/oauth2/revoke".into(),
            "/oauth2/userInfo".into(),
            "/logout".into(),
            "/error".into(),
        ];
        let refresh_token_lifetime = Duration::from_secs(config.refresh_token_seconds.into());
        // A clock that is set back, by two days at most, adds to the life of access tokens.
        let clock_range = CLOCK_SKEW_SECONDS.end().abs_diff(*CLOCK_SKEW_SECONDS.start());
        let access_token_lifetime =
            Duration::from_secs(u64::from(config.access_token_seconds) + u64::from(clock_range));
        Pool {
            users: Users::new(config.users.clone()),
            clock_skew_seconds: AtomicI32::new(config.clock_skew_seconds),
            config,
            keys,
            pages,
            codes: ExpiringMap::new(Duration::from_secs(CODE_SECONDS), CODES_AND_SESSIONS),
            sessions: ExpiringMap::new(Duration::from_secs(SESSION_SECONDS), CODES_AND_SESSIONS),
            refresh_tokens: ExpiringMap::new(refresh_token_lifetime, REFRESH_TOKENS),
            revoked_sign_ins: ExpiringMap::new(access_token_lifetime, REFRESH_TOKENS),
            port: OnceLock::new(),
            endpoints: endpoints.map(Endpoint::new).into(),
        }
    }

    pub(super) fn base_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port.get().unwrap_or(&self.config.port))
    }

    pub(super) fn issuer(&self) -> String {
        format!("{}/{}", self.base_url(), self.config.user_pool_id)
    }

    pub(super) fn client(&self, client_id: &str) -> Option<&LocalClient> {
        self.config.clients.iter().find(|client| client.client_id == client_id)
    }

    /// The session of this browser, while it lasts and its user may sign in.
    pub(super) fn session(&self, cookies: &CookieJar<'_>) -> Option<Session> {
        let session = self.sessions.get(cookies.get(SESSION_COOKIE)?.value(), Instant::now())?;
        self.users.enabled(&session.username).map(|_| session)
    }

    /// Seconds since the Unix epoch by the pool's own clock.
    pub(super) fn now(&self) -> u64 {
        clock::now().saturating_add_signed(self.clock_skew_seconds.load(Ordering::Relaxed).into())
    }

    pub(super) fn set_clock_skew_seconds(&self, seconds: i32) {
        let (least, most) = CLOCK_SKEW_SECONDS.into_inner();
        self.clock_skew_seconds.store(seconds.clamp(least, most), Ordering::Relaxed);
    }

    /// What answers at this path.
    pub(super) fn endpoint(&self, path: &str) -> Option<&Endpoint> {
        self.endpoints.iter().find(|endpoint| endpoint.path == path)
    }
}
