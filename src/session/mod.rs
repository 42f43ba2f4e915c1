//! Sessions without a server store: HttpOnly cookies with the access, ID and sealed refresh token.

mod cookies;
mod new_session;
mod record;
mod renewals;
mod sent;

pub(crate) use cookies::{ACCESS, Cookies, ID, REFRESH, SESSION};
pub(crate) use new_session::{IssuedToken, NewSession, SessionValues, removals};
pub(crate) use record::{Record, Records};
pub(crate) use renewals::{Finished, Outcome, Renewals, Since, Turn};
pub(crate) use sent::SentCookies;
