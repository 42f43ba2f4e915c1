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

    /// A cookie that is kept for `max_age` seconds, or until the browser's own session ends.
    pub(crate) fn cookie(&self, name: String, value: String, max_age: Option<u64>) -> Cookie<'static> {
        let mut cookie = Cookie::build((name, value)).http_only(true).path("/").build();
        if let Some(seconds) = max_age {
            cookie.set_max_age(Duration::seconds(i64::try_from(seconds).unwrap_or(i64::MAX)));
        }
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
        let mut cookie = self.cookie(name, String::new(), Some(0));
        cookie.set_expires(OffsetDateTime::UNIX_EPOCH);
        cookie
    }
}
