//! Where sessions are kept: in the browser's cookies.

mod chunks;
mod cookie;
mod cookie_codec;

pub(crate) use self::cookie::CookieStore;
