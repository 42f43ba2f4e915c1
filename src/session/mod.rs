//! A session's life: how it begins, is renewed and ends.

mod change;
mod cookies;
mod issued_session;
mod new_session;
mod record;
mod refresh;
mod refresh_coordinator;

pub(crate) use self::change::SessionChange;
pub(crate) use self::cookies::{ACCESS, Cookies, ID, REFRESH, SESSION, SentCookies};
pub(crate) use self::issued_session::SignedIn;
#[cfg(test)]
pub(crate) use self::new_session::NewSession;
pub(crate) use self::new_session::SessionValues;
pub(crate) use self::record::{Record, Records};
pub(crate) use self::refresh::{Wish, renew};
#[cfg(test)]
pub(crate) use self::refresh_coordinator::{Finished, Turn};
pub(crate) use self::refresh_coordinator::{Outcome, Renewals, Since};
