//! The session of a browser at the pool, and the cookie that names it.

use rocket::http::{Cookie, SameSite};
use rocket::time::Duration;

use crate::clock::UnixSeconds;

/// The name of Cognito's own session cookie.
pub(crate) const SESSION_COOKIE: &str = "cognito";
/// From sign-in, however often it is used.
pub(crate) const SESSION_SECONDS: u64 = 3600;

/// A signed-in browser.
#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) username: String,
    pub(crate) auth_time: UnixSeconds,
}

/// Cognito's session cookie; no seconds removes it.
pub(crate) fn session_cookie(id: String, seconds: u64) -> Cookie<'static> {
    Cookie::build((SESSION_COOKIE, id))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .max_age(Duration::seconds(i64::try_from(seconds).unwrap_or_default()))
        .build()
}
