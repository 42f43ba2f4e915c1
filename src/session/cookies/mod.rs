//! The cookies of a session: names, attributes, sizes, and what a browser sent.

mod codec;
mod sent;

pub(crate) use self::codec::{ACCESS, Cookies, ID, REFRESH, SESSION};
pub(crate) use self::sent::SentCookies;
