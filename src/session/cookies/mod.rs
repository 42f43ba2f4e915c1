//! Sessions that lie in the browser's cookies, tokens and all.

mod chunks;
mod cookie_codec;
mod cookie_sessions;
mod cookie_store;

pub(super) use self::cookie_codec::{ACCESS, CookieCodec, SID};
pub(super) use self::cookie_sessions::CookieSessions;
