//! The session of a browser at the pool, and the cookie that names it.

use rocket::http::{Cookie, SameSite};
use rocket::time::Duration;
use serde::{Deserialize, Serialize};

use super::session_id::sso_session_id;
use super::user::User;
use crate::clock::UnixSeconds;
use crate::local_pool::config::Factors;

/// The name of Cognito's own session cookie.
pub(crate) const SESSION_COOKIE: &str = "cognito";

/// A signed-in browser.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Session {
    pub(crate) username: String,
    /// A removed user's name may be another's by now.
    pub(crate) sub: String,
    /// Where the person has signed in; `None` is the pool itself.
    pub(crate) provider: Option<String>,
    pub(crate) auth_time: UnixSeconds,
    /// What the person has shown; nothing at this pool, where another provider has signed them in.
    #[serde(default = "Factors::password")]
    pub(crate) factors: Factors,
    /// By which it is listed and revoked.
    #[serde(default = "sso_session_id")]
    pub(crate) id: String,
    /// Where the person has signed in first.
    #[serde(default)]
    pub(crate) client_id: Option<String>,
    /// When a client got tokens of it last, if one has.
    #[serde(default)]
    pub(crate) last_active: Option<UnixSeconds>,
}

impl Session {
    pub(crate) fn new(user: &User, auth_time: UnixSeconds) -> Self {
        let factors = if user.is_federated() { Factors::default() } else { Factors::password() };
        Session {
            username: user.username.clone(),
            sub: user.sub.clone(),
            provider: None,
            auth_time,
            factors,
            id: sso_session_id(),
            client_id: None,
            last_active: None,
        }
    }
}

/// Cognito's session cookie; no seconds removes it.
pub(crate) fn session_cookie(id: String, seconds: u32) -> Cookie<'static> {
    Cookie::build((SESSION_COOKIE, id))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .max_age(Duration::seconds(seconds.into()))
        .build()
}
