//! Sessions without a server store: HttpOnly cookies with the access, ID and sealed refresh token.

mod cookies;
mod new_session;
mod sent;

pub(crate) use cookies::{ACCESS, Cookies, ID, REFRESH};
pub(crate) use new_session::{NewSession, Refresh, RefreshTokens, SessionValues};
pub(crate) use sent::SentCookies;
