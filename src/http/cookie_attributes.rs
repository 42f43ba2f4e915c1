//! The attributes that this crate's cookies are set and removed with.

use rocket::http::{Cookie, SameSite};
use rocket::time::{Duration, OffsetDateTime};

/// New browsers insist on HttpOnly for names with this prefix, older ones treat it as `__Host-`.
const HOST_PREFIX: &str = "__Host-Http-";

/// What all names of this crate's cookies begin with, behind the prefix.
const BASE: &str = "cognito_";

/// Whether a cookie of this name, which may have more behind it, may be one of this crate's.
pub(crate) fn may_be_ours(name: &str) -> bool {
    name.strip_prefix(HOST_PREFIX).unwrap_or(name).starts_with(BASE)
}

/// HttpOnly and `Path=/`, beside what is said here.
#[derive(Debug, Clone)]
pub(crate) struct CookieAttributes {
    pub(crate) secure: bool,
    /// `None` leaves the attribute out.
    pub(crate) same_site: Option<SameSite>,
    /// `None` keeps the cookie on the host that sets it.
    pub(crate) domain: Option<String>,
}

impl CookieAttributes {
    /// What a name begins with: browsers accept the prefix only from the host itself, over https.
    pub(crate) fn prefix(&self) -> &'static str {
        if self.secure && self.domain.is_none() { HOST_PREFIX } else { "" }
    }

    /// A cookie that is kept for `max_age` seconds.
    pub(crate) fn cookie(&self, name: String, value: String, max_age: u64) -> Cookie<'static> {
        let seconds = i64::try_from(max_age).unwrap_or(i64::MAX);
        let mut cookie = Cookie::build((name, value)).http_only(true).path("/").build();
        cookie.set_max_age(Duration::seconds(seconds));
        cookie.set_same_site(self.same_site);
        if self.secure {
            cookie.set_secure(true);
        }
        if let Some(domain) = &self.domain {
            cookie.set_domain(domain.clone());
        }
        cookie
    }

    /// The removal of a cookie. It has the cookie's attributes: without `Secure`, browsers ignore it for `__Host-`.
    pub(crate) fn removal(&self, name: String) -> Cookie<'static> {
        let mut cookie = self.cookie(name, String::new(), 0);
        cookie.set_expires(OffsetDateTime::UNIX_EPOCH);
        cookie
    }
}
