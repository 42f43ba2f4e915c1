//! A session that a sign-in has just made.

use rocket::http::Cookie;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::cookies::{ACCESS, Cookies, ID, REFRESH};
use super::sent::SentCookies;
use crate::config::Settings;
use crate::constant_time::same;
use crate::report;
use crate::seal::Sealer;

/// What proxies and servers commonly allow for all request headers together.
const MAX_SESSION_BYTES: usize = 32 * 1024;
/// What of that a sealed refresh token may take; Cognito's take 2.6 kB.
const MAX_REFRESH_BYTES: usize = 8 * 1024;
/// How long a refresh token's cookie lives, in seconds.
const REFRESH_COOKIE_AGE: u64 = 86_400;

/// The tokens of one sign-in, verified, and when they expire.
pub(crate) struct NewSession {
    pub(crate) access_token: Zeroizing<String>,
    pub(crate) access_expires_at: u64,
    pub(crate) id_token: Zeroizing<String>,
    pub(crate) id_expires_at: u64,
    /// Sealed.
    pub(crate) refresh_token: Option<String>,
}

impl NewSession {
    /// Whether any of these values of session cookies is of this session.
    pub(crate) fn has_any(&self, values: &SessionValues) -> bool {
        let same = |theirs: &Option<String>, ours: &str| theirs.as_ref().is_some_and(|it| same(it, ours));
        same(&values.access, &self.access_token)
            || same(&values.id, &self.id_token)
            || self.refresh_token.as_ref().is_some_and(|sealed| same(&values.refresh, sealed))
    }

    /// All cookies of this session; whatever an earlier session left is overwritten or removed.
    /// `None` when the access token does not fit.
    pub(crate) fn cookies(
        &self,
        cookies: &Cookies,
        sent: &SentCookies,
        settings: &Settings,
        now: u64,
    ) -> Option<Vec<Cookie<'static>>> {
        let age = |expires_at: u64| settings.cookie_age_seconds.min(expires_at.saturating_sub(now));
        let mut all = cookies.write(sent, ACCESS, &self.access_token, age(self.access_expires_at))?;
        all.extend(match &self.refresh_token {
            Some(sealed) => cookies.write(sent, REFRESH, sealed, REFRESH_COOKIE_AGE)?,
            None => cookies.remove(sent, REFRESH),
        });
        let total: usize = all.iter().map(|cookie| cookie.name().len() + cookie.value().len()).sum();
        let id = cookies
            .write(sent, ID, &self.id_token, age(self.id_expires_at))
            .filter(|_| total + self.id_token.len() <= MAX_SESSION_BYTES);
        all.extend(id.unwrap_or_else(|| {
            report::id_token_too_large(self.id_token.len());
            cookies.remove(sent, ID)
        }));
        Some(all)
    }
}

/// What a browser sent as its session.
pub(crate) struct SessionValues {
    access: Option<String>,
    id: Option<String>,
    refresh: Option<String>,
}

impl SessionValues {
    /// `None` when the browser sent nothing of a session.
    pub(crate) fn of(cookies: &Cookies, sent: &SentCookies) -> Option<Self> {
        let [access, id, refresh] = [ACCESS, ID, REFRESH].map(|name| cookies.read(sent, name));
        let any = access.is_some() || id.is_some() || refresh.is_some();
        any.then_some(SessionValues { access, id, refresh })
    }
}

/// A refresh token as it lies in its cookie, bound to pool, client, person and session.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
pub(crate) struct Refresh {
    issuer: String,
    client_id: String,
    sub: String,
    session_id: String,
    created_at: u64,
    generation: u32,
    pub(crate) token: String,
}

/// Seals and opens refresh tokens of this client.
pub(crate) struct RefreshTokens {
    sealer: Sealer,
    issuer: String,
    client_id: String,
}

impl RefreshTokens {
    pub(crate) fn new(settings: &Settings) -> Option<Self> {
        let sealer = Sealer::new(&settings.secret_keys, "refresh")?;
        let issuer = settings.issuers.first()?.clone();
        Some(RefreshTokens { sealer, issuer, client_id: settings.client_id.clone() })
    }

    /// Seals the refresh token of a new session of `sub`. `None` when it is too large for cookies.
    pub(crate) fn seal_new(&self, sub: &str, token: &str, now: u64) -> Option<String> {
        let refresh = Refresh {
            issuer: self.issuer.clone(),
            client_id: self.client_id.clone(),
            sub: sub.to_owned(),
            session_id: rand::random::<[u8; 32]>().iter().map(|byte| format!("{byte:02x}")).collect(),
            created_at: now,
            generation: 0,
            token: token.to_owned(),
        };
        self.sealer.seal(&refresh, now).filter(|sealed| sealed.len() <= MAX_REFRESH_BYTES)
    }

    /// The refresh token in a cookie, if this client of this pool sealed it within the cookie's lifetime.
    pub(crate) fn open(&self, sealed: &str, now: u64) -> Option<Refresh> {
        let refresh: Refresh = self.sealer.open(sealed, REFRESH_COOKIE_AGE, now).ok()?;
        (refresh.issuer == self.issuer && refresh.client_id == self.client_id).then_some(refresh)
    }
}
