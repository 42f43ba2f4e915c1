//! The names, attributes and sizes of our cookies.

use std::borrow::Cow;

use rocket::Request;
use rocket::http::{Cookie, SameSite as CookieSameSite};
use rocket::time::{Duration, OffsetDateTime};

use super::sent::SentCookies;
use crate::config::{SameSite, Settings};
use crate::sign_in::StateHash;

pub(crate) const ACCESS: &str = "cognito_access_token";
pub(crate) const ID: &str = "cognito_id_token";
pub(crate) const REFRESH: &str = "cognito_refresh_token";
/// The record of a session whose refresh token does not hold it.
pub(crate) const SESSION: &str = "cognito_session";
const LOGIN: &str = "cognito_login";
/// Of all these names.
const BEGINNING: &str = "cognito_";
const HOST_PREFIX: &str = "__Host-Http-";

/// Browsers silently drop a cookie whose name and value exceed 4096 bytes.
const MAX_COOKIE_BYTES: usize = 4000;
/// Longer values are split into at most this many cookies.
const MAX_CHUNKS: usize = 8;
/// Login cookies beyond this many are not looked at.
const MAX_LOGINS: usize = 128;
/// Stands between the number of chunks and the first one; no token contains it.
const CHUNK_MARK: char = '~';

/// How this app names and writes its cookies.
#[derive(Debug, Clone)]
pub(crate) struct Cookies {
    prefix: &'static str,
    /// Empty, or `-` and the setting `cookie_suffix`.
    suffix: String,
    secure: bool,
    same_site: Option<CookieSameSite>,
    domain: Option<String>,
}

impl Cookies {
    pub(crate) fn new(settings: &Settings) -> Self {
        let secure = settings.redirect_url.starts_with("https:");
        Cookies {
            prefix: if secure && settings.cookie_domain.is_none() { HOST_PREFIX } else { "" },
            suffix: settings.cookie_suffix.as_ref().map(|suffix| format!("-{suffix}")).unwrap_or_default(),
            secure,
            same_site: match settings.cookie_samesite {
                SameSite::Lax => Some(CookieSameSite::Lax),
                SameSite::Strict => Some(CookieSameSite::Strict),
                SameSite::None => Some(CookieSameSite::None),
                SameSite::Omit => None,
            },
            domain: settings.cookie_domain.clone(),
        }
    }

    /// Our cookies in `request`.
    pub(crate) fn sent<'r>(&self, request: &'r Request<'_>) -> SentCookies<'r> {
        let mut logins = 0;
        let may_be = |pair: &str| pair.strip_prefix(HOST_PREFIX).unwrap_or(pair).starts_with(BEGINNING);
        SentCookies::of(request, may_be, |name| {
            let login = self.is_login(name);
            logins += usize::from(login);
            self.is_session(name) || (login && logins <= MAX_LOGINS)
        })
    }

    /// Whether `name` is that of a session cookie or of a chunk that one may have.
    fn is_session(&self, name: &str) -> bool {
        let Some(rest) = name.strip_prefix(self.prefix) else { return false };
        let after = |base: &&str| rest.strip_prefix(base)?.strip_prefix(self.suffix.as_str());
        [ACCESS, ID, REFRESH, SESSION].iter().find_map(after).is_some_and(is_chunk_index)
    }

    /// The value of the session cookie `name`, put together from its chunks: all of them or nothing.
    pub(crate) fn read<'s>(&self, sent: &'s SentCookies<'_>, name: &str) -> Option<Cow<'s, str>> {
        let first = sent.get(|sent| self.is_first(sent, name))?;
        let Some((count, first)) = chunks(first) else { return Some(first.into()) };
        let mut value = first.to_owned();
        for index in 1..count {
            let chunk = self.chunk_name(name, index);
            value.push_str(sent.get(|sent| sent == chunk)?);
        }
        Some(value.into())
    }

    /// Whether `sent` is the name of the session cookie `name`, or of its first chunk.
    fn is_first(&self, sent: &str, name: &str) -> bool {
        let rest = sent.strip_prefix(self.prefix).and_then(|rest| rest.strip_prefix(name));
        rest.is_some_and(|suffix| suffix == self.suffix)
    }

    /// Cookies that hold `value` for `max_age` seconds, and removals of chunks it no longer needs.
    /// `None` when it does not fit into eight cookies.
    pub(crate) fn write(
        &self,
        sent: &SentCookies<'_>,
        name: &str,
        value: &str,
        max_age: u64,
    ) -> Option<Vec<Cookie<'static>>> {
        if !self.fit(name, value.len()) {
            return None;
        }
        let chunks: Vec<&str> = split(value, self.room(name));
        let count = chunks.len();
        let mut cookies: Vec<_> = chunks
            .into_iter()
            .enumerate()
            .map(|(index, chunk)| {
                let value = match (index, count) {
                    (0, 2..) => format!("{count}{CHUNK_MARK}{chunk}"),
                    _ => chunk.to_owned(),
                };
                self.cookie(self.chunk_name(name, index), value, max_age, self.same_site)
            })
            .collect();
        cookies.extend(self.remove_chunks(sent, name, count));
        Some(cookies)
    }

    /// Whether eight cookies hold `bytes` bytes.
    pub(crate) fn fit(&self, name: &str, bytes: usize) -> bool {
        bytes <= MAX_CHUNKS * self.room(name)
    }

    /// What one cookie holds.
    fn room(&self, name: &str) -> usize {
        MAX_COOKIE_BYTES.saturating_sub(self.chunk_name(name, 0).len() + "_7".len() + "8~".len())
    }

    /// Removals of the session cookie `name` and of all its chunks that the browser sent.
    pub(crate) fn remove(&self, sent: &SentCookies<'_>, name: &str) -> Vec<Cookie<'static>> {
        self.remove_chunks(sent, name, 0)
    }

    fn remove_chunks(&self, sent: &SentCookies<'_>, name: &str, from: usize) -> Vec<Cookie<'static>> {
        // A callback comes without the Strict cookies that the browser has: what was not sent may be there. Without
        // the first chunk the others count for nothing.
        let unseen = |index| index == 0 && self.same_site == Some(CookieSameSite::Strict);
        let names = (from..MAX_CHUNKS).map(|index| (index, self.chunk_name(name, index)));
        let there = names.filter(|(index, name)| sent.has(|sent| sent == name) || unseen(*index));
        there.map(|(_, name)| self.removal(name, self.same_site)).collect()
    }

    /// Whether the browser sent anything of the session cookie `name`.
    pub(crate) fn has(&self, sent: &SentCookies<'_>, name: &str) -> bool {
        sent.has(|sent| self.is_first(sent, name))
    }

    /// Whether the browser sent two different cookies for the session cookie `name`.
    pub(crate) fn is_in_doubt(&self, sent: &SentCookies<'_>, name: &str) -> bool {
        sent.is_in_doubt(|sent| self.is_first(sent, name))
    }

    /// The cookie of one login attempt. Always `Lax`, since the callback is a cross-site navigation, and of
    /// this host alone, whatever `cookie_domain` says.
    pub(crate) fn login(&self, attempt: &StateHash, sealed: String, max_age: u64) -> Cookie<'static> {
        self.host_cookie(self.login_name(attempt), sealed, max_age, Some(CookieSameSite::Lax))
    }

    pub(crate) fn login_name(&self, attempt: &StateHash) -> String {
        format!("{}{LOGIN}{}_{}", self.host_prefix(), self.suffix, attempt.short())
    }

    fn is_login(&self, name: &str) -> bool {
        let rest = name.strip_prefix(self.host_prefix()).and_then(|rest| rest.strip_prefix(LOGIN));
        let rest = rest.and_then(|rest| rest.strip_prefix(self.suffix.as_str())?.strip_prefix('_'));
        rest.is_some_and(StateHash::is_short)
    }

    /// The sealed login attempt in the cookie `name`.
    pub(crate) fn read_login<'s>(&self, sent: &'s SentCookies<'_>, attempt: &StateHash) -> Option<&'s str> {
        let name = self.login_name(attempt);
        sent.get(|sent| sent == name)
    }

    /// The login attempts that the browser sent: names, and sealed values that are not in doubt.
    pub(crate) fn logins<'s>(
        &self,
        sent: &'s SentCookies<'_>,
    ) -> impl Iterator<Item = (&'s str, Option<&'s str>)> {
        sent.iter().filter(|(name, _)| self.is_login(name))
    }

    pub(crate) fn remove_login(&self, name: String) -> Cookie<'static> {
        expired(self.host_cookie(name, String::new(), 0, Some(CookieSameSite::Lax)))
    }

    /// New browsers insist on HttpOnly for this prefix, older ones treat it as `__Host-`.
    fn host_prefix(&self) -> &'static str {
        if self.secure { HOST_PREFIX } else { "" }
    }

    fn chunk_name(&self, name: &str, index: usize) -> String {
        match index {
            0 => format!("{}{name}{}", self.prefix, self.suffix),
            _ => format!("{}{name}{}_{index}", self.prefix, self.suffix),
        }
    }

    fn cookie(
        &self,
        name: String,
        value: String,
        max_age: u64,
        same_site: Option<CookieSameSite>,
    ) -> Cookie<'static> {
        let mut cookie = self.host_cookie(name, value, max_age, same_site);
        if let Some(domain) = &self.domain {
            cookie.set_domain(domain.clone());
        }
        cookie
    }

    fn host_cookie(
        &self,
        name: String,
        value: String,
        max_age: u64,
        same_site: Option<CookieSameSite>,
    ) -> Cookie<'static> {
        let seconds = i64::try_from(max_age).unwrap_or(i64::MAX);
        let mut cookie = Cookie::build((name, value)).http_only(true).path("/").build();
        cookie.set_max_age(Duration::seconds(seconds));
        cookie.set_same_site(same_site);
        if self.secure {
            cookie.set_secure(true);
        }
        cookie
    }

    fn removal(&self, name: String, same_site: Option<CookieSameSite>) -> Cookie<'static> {
        expired(self.cookie(name, String::new(), 0, same_site))
    }
}

/// A removal has the attributes of the cookie: without `Secure`, browsers ignore it for `__Host-`.
fn expired(mut cookie: Cookie<'static>) -> Cookie<'static> {
    cookie.set_expires(OffsetDateTime::UNIX_EPOCH);
    cookie
}

/// How many chunks there are, and what is in the first one; `None` for a value that is not split.
fn chunks(first: &str) -> Option<(usize, &str)> {
    let (count, first) = first.split_at_checked(1)?;
    let first = first.strip_prefix(CHUNK_MARK)?;
    let count = count.parse().ok().filter(|count| (2..=MAX_CHUNKS).contains(count))?;
    Some((count, first))
}

/// Whether `rest`, what follows a session cookie's name, is that of the cookie itself or of one of its chunks.
fn is_chunk_index(rest: &str) -> bool {
    let index = || rest.strip_prefix('_').filter(|index| index.len() == 1)?.parse::<usize>().ok();
    rest.is_empty() || index().is_some_and(|index| (1..MAX_CHUNKS).contains(&index))
}

/// Cuts ASCII text into pieces of at most `room` bytes; tokens and sealed values are ASCII.
fn split(value: &str, room: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = value;
    while let Some((piece, after)) = rest.split_at_checked(room) {
        pieces.push(piece);
        rest = after;
    }
    if !rest.is_empty() || pieces.is_empty() {
        pieces.push(rest);
    }
    pieces
}
