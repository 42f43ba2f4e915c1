//! Sessions without a server store: HttpOnly cookies with the access, ID and sealed refresh token.

mod cookies;
mod new_session;

pub(crate) use cookies::{ACCESS, Cookies, ID, REFRESH};
pub(crate) use new_session::{NewSession, RefreshTokens};
