//! The names, attributes and sizes of a session's cookies.

use std::borrow::Cow;

use rocket::http::{Cookie, SameSite as CookieSameSite};

use super::chunks::{self, HEAD_BYTES, MAX_CHUNKS};
use crate::config::{CookieSettings, SameSite};
use crate::http::{CookieAttributes, SentCookies};

pub(in crate::session) const ACCESS: &str = "cognito_access_token";
pub(super) const ID: &str = "cognito_id_token";
pub(super) const REFRESH: &str = "cognito_refresh_token";
/// The record of a session whose refresh token does not hold it.
pub(super) const SESSION: &str = "cognito_session";

/// The id of a session that lies in a store.
pub(in crate::session) const SID: &str = "cognito_sid";

/// Browsers silently drop a cookie whose name and value exceed 4096 bytes.
pub(super) const MAX_COOKIE_BYTES: usize = 4000;

/// How this app names and writes the cookies of a session.
pub(in crate::session) struct CookieCodec {
    attributes: CookieAttributes,
    /// Empty, or `-` and the setting `cookie_suffix`.
    suffix: String,
}

impl CookieCodec {
    pub(in crate::session) fn new(settings: &CookieSettings) -> Self {
        CookieCodec {
            attributes: CookieAttributes {
                secure: settings.are_secure,
                same_site: match settings.same_site {
                    SameSite::Lax => Some(CookieSameSite::Lax),
                    SameSite::Strict => Some(CookieSameSite::Strict),
                    SameSite::None => Some(CookieSameSite::None),
                    SameSite::Omit => None,
                },
                domain: settings.domain.clone(),
            },
            suffix: settings.suffix.as_ref().map(|suffix| format!("-{suffix}")).unwrap_or_default(),
        }
    }

    /// What the session cookie `name` is called in browsers.
    pub(in crate::session) fn name(&self, name: &str) -> String {
        self.chunk_name(name, 0)
    }

    /// Whether `name` is that of a session cookie or of a chunk that one may have.
    pub(in crate::session) fn is_name(&self, name: &str) -> bool {
        let Some(rest) = name.strip_prefix(self.attributes.prefix()) else { return false };
        let after = |base: &&str| rest.strip_prefix(base)?.strip_prefix(self.suffix.as_str());
        [ACCESS, ID, REFRESH, SESSION, SID].iter().find_map(after).is_some_and(chunks::is_index)
    }

    /// The value of the session cookie `name`, put together from its chunks: all of them or nothing.
    pub(in crate::session) fn read<'r>(&self, sent: SentCookies<'r>, name: &str) -> Option<Cow<'r, str>> {
        let first = sent.get(|sent| self.is_first(sent, name))?;
        let Some((count, first)) = chunks::first_of(first) else { return Some(first.into()) };
        let mut value = first.to_owned();
        for index in 1..count {
            let chunk = self.chunk_name(name, index);
            value.push_str(sent.get(|sent| sent == chunk)?);
        }
        Some(value.into())
    }

    /// Whether `sent` is the name of the session cookie `name`, or of its first chunk.
    fn is_first(&self, sent: &str, name: &str) -> bool {
        let rest = sent.strip_prefix(self.attributes.prefix()).and_then(|rest| rest.strip_prefix(name));
        rest.is_some_and(|suffix| suffix == self.suffix)
    }

    /// Cookies that hold `value` for `max_age` seconds, or until the browser's own session ends, and removals of chunks it no longer needs.
    /// `None` when it does not fit into eight cookies.
    pub(in crate::session) fn write(
        &self,
        sent: SentCookies<'_>,
        name: &str,
        value: &str,
        max_age: Option<u64>,
    ) -> Option<Vec<Cookie<'static>>> {
        if !self.fits(name, value.len()) {
            return None;
        }
        let chunks = chunks::split(value, self.room(name));
        let count = chunks.len();
        let cookie = |(index, chunk)| self.attributes.cookie(self.chunk_name(name, index), chunk, max_age);
        let mut cookies: Vec<_> = chunks.into_iter().enumerate().map(cookie).collect();
        cookies.extend(self.remove_chunks(sent, name, count));
        Some(cookies)
    }

    /// Whether eight cookies hold `bytes` bytes.
    pub(super) fn fits(&self, name: &str, bytes: usize) -> bool {
        bytes <= MAX_CHUNKS * self.room(name)
    }

    /// What one cookie holds.
    fn room(&self, name: &str) -> usize {
        MAX_COOKIE_BYTES.saturating_sub(self.chunk_name(name, 0).len() + "_7".len() + HEAD_BYTES)
    }

    /// Removals of the session cookie `name` and of all its chunks that the browser sent.
    pub(in crate::session) fn remove(&self, sent: SentCookies<'_>, name: &str) -> Vec<Cookie<'static>> {
        self.remove_chunks(sent, name, 0)
    }

    fn remove_chunks(&self, sent: SentCookies<'_>, name: &str, from: usize) -> Vec<Cookie<'static>> {
        // A callback comes without the Strict cookies that the browser has: what was not sent may be there. Without
        // the first chunk the others are ignored.
        let is_strict = self.attributes.same_site == Some(CookieSameSite::Strict);
        let unseen = |index| index == 0 && is_strict;
        let names = (from..MAX_CHUNKS).map(|index| (index, self.chunk_name(name, index)));
        let there = names.filter(|(index, name)| sent.has(|sent| sent == name) || unseen(*index));
        there.map(|(_, name)| self.attributes.removal(name)).collect()
    }

    /// Whether the browser sent anything of the session cookie `name`.
    pub(in crate::session) fn has(&self, sent: SentCookies<'_>, name: &str) -> bool {
        sent.has(|sent| self.is_first(sent, name))
    }

    /// Whether the browser sent two different cookies for the session cookie `name`.
    pub(in crate::session) fn is_in_doubt(&self, sent: SentCookies<'_>, name: &str) -> bool {
        sent.is_in_doubt(|sent| self.is_first(sent, name))
    }

    fn chunk_name(&self, name: &str, index: usize) -> String {
        let (prefix, suffix) = (self.attributes.prefix(), &self.suffix);
        match index {
            0 => format!("{prefix}{name}{suffix}"),
            _ => format!("{prefix}{name}{suffix}_{index}"),
        }
    }
}
