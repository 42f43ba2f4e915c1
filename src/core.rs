//! What the fairing sets up at ignition and everything else works with.

use std::sync::Arc;

use rocket::{Orbit, Rocket};

use crate::config::{BearerTokenUse, JwksSource, Settings};
use crate::denial::Kind;
use crate::error::Error;
use crate::http::Http;
use crate::oauth::{Attempts, Client, Exchanges};
use crate::report;
use crate::session::{Cookies, NewSession, REFRESH, Refresh, RefreshTokens, SentCookies, SessionValues};
use crate::token::{Expected, Jwks, TokenUse};

/// What the one exchange of an attempt's code came to, for all its deliveries.
pub(crate) type SignInResult = Result<NewSession, Kind>;

/// One pool, one app client, one app.
pub(crate) struct Core {
    pub(crate) settings: Settings,
    pub(crate) jwks: Arc<Jwks>,
    pub(crate) client: Client,
    pub(crate) attempts: Attempts,
    pub(crate) exchanges: Exchanges<SignInResult>,
    pub(crate) cookies: Cookies,
    pub(crate) refresh_tokens: RefreshTokens,
}

impl Core {
    pub(crate) fn new(settings: Settings) -> Result<Self, Error> {
        let jwks_url = match &settings.jwks {
            JwksSource::Url(url) => Some(url.as_str()),
            JwksSource::File(_) => None,
        };
        let urls = jwks_url.into_iter().chain([settings.domain.as_str()]);
        let http = Http::for_urls(urls).map_err(|_| Error::certificates())?;
        let client = Client::new(&settings, http.clone()).ok_or_else(Error::internal)?;
        Ok(Core {
            jwks: Jwks::new(settings.jwks.clone(), http),
            client,
            attempts: Attempts::new(&settings).ok_or_else(Error::internal)?,
            exchanges: Exchanges::new(),
            cookies: Cookies::new(&settings),
            refresh_tokens: RefreshTokens::new(&settings).ok_or_else(Error::internal)?,
            settings,
        })
    }

    /// The core of this app, when the fairing is attached.
    pub(crate) fn of(rocket: &Rocket<Orbit>) -> Option<&Arc<Core>> {
        rocket.state::<Arc<Core>>()
    }

    /// What the tokens of a session must say.
    pub(crate) fn session_token(&self, token_use: TokenUse) -> Expected<'_> {
        Expected {
            issuers: &self.settings.issuers,
            client_ids: std::slice::from_ref(&self.settings.client_id),
            token_use: Some(token_use),
            leeway: self.settings.expiration_leeway,
        }
    }

    /// What a bearer token must say.
    pub(crate) fn bearer_token(&self) -> Expected<'_> {
        Expected {
            issuers: &self.settings.issuers,
            client_ids: &self.settings.client_ids,
            token_use: match self.settings.bearer_token_use {
                BearerTokenUse::Access => Some(TokenUse::Access),
                BearerTokenUse::Id => Some(TokenUse::Id),
                BearerTokenUse::Any => None,
            },
            leeway: self.settings.expiration_leeway,
        }
    }

    /// The refresh token that this browser has in its cookie.
    pub(crate) fn stored_refresh_token(&self, sent: &SentCookies, now: u64) -> Option<Refresh> {
        self.refresh_tokens.open(&self.cookies.read(sent, REFRESH)?, now)
    }

    /// Forgets what this browser's sessions were made of: their callbacks, delivered again, bring nothing back.
    pub(crate) fn forget_sessions(&self, sent: &SentCookies) {
        if let Some(values) = SessionValues::of(&self.cookies, sent) {
            self.exchanges.withdraw(|result| result.as_ref().is_ok_and(|session| session.has_any(&values)));
        }
    }

    /// Revokes a refresh token. Best effort: that fails is for the log, and holds nobody up.
    pub(crate) async fn revoke(&self, refresh_token: &str) {
        if let Err(reason) = self.client.revoke(refresh_token).await {
            report::revocation_failed(&reason);
        }
    }

    /// The base of login and logout as browsers see it, before any proxy strips a prefix.
    pub(crate) fn public_mount(&self) -> String {
        format!("{}{}", self.settings.public_prefix, self.settings.mount)
    }

    /// `next` where it is a path of this app, else `login_redirect`. Our own routes are no place to go.
    pub(crate) fn landing<'a>(&'a self, next: Option<&'a str>) -> &'a str {
        let mount = self.public_mount();
        let callback = format!("{}{}", self.settings.public_prefix, self.settings.callback_path);
        let own = [format!("{mount}/login"), format!("{mount}/logout"), callback];
        let is_local = |path: &&str| crate::next::is_local(path, own.iter().map(String::as_str));
        next.filter(is_local).unwrap_or(&self.settings.login_redirect)
    }
}
