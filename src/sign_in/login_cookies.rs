//! The cookies of login attempts: one for each, named after its state.

use rocket::http::{Cookie, SameSite};

use super::attempt::{Attempt, COOKIE_AGE};
use super::attempt_sealer::AttemptSealer;
use super::state_hash::StateHash;
use crate::clock::UnixSeconds;
use crate::config::CookieSettings;
use crate::http::{CookieAttributes, SentCookies};

const LOGIN: &str = "cognito_login";
/// How many sign-ins one browser may have under way; beyond it the oldest gives way.
const MAX_ATTEMPTS: usize = 12;
/// What their cookies may take together of what proxies allow for a header line.
const MAX_ATTEMPTS_BYTES: usize = 7_000;
/// A flood of login cookies is cleared over several answers, rather than by one of megabytes.
const MAX_REMOVALS: usize = 16;

/// How this app names and writes login cookies. They are always `Lax`, since the callback is a cross-site navigation,
/// and of this host alone, whatever `cookie_domain` says.
pub(crate) struct LoginCookies {
    attributes: CookieAttributes,
    /// Empty, or `-` and the setting `cookie_suffix`.
    suffix: String,
}

impl LoginCookies {
    pub(super) fn new(settings: &CookieSettings) -> Self {
        LoginCookies {
            attributes: CookieAttributes {
                secure: settings.are_secure,
                same_site: Some(SameSite::Lax),
                domain: None,
            },
            suffix: settings.suffix.as_ref().map(|suffix| format!("-{suffix}")).unwrap_or_default(),
        }
    }

    /// Whether `name` is that of a login cookie.
    pub(crate) fn is_name(&self, name: &str) -> bool {
        let rest = name.strip_prefix(self.attributes.prefix()).and_then(|rest| rest.strip_prefix(LOGIN));
        let rest = rest.and_then(|rest| rest.strip_prefix(self.suffix.as_str())?.strip_prefix('_'));
        rest.is_some_and(StateHash::is_short)
    }

    fn name(&self, attempt: &StateHash) -> String {
        format!("{}{LOGIN}{}_{}", self.attributes.prefix(), self.suffix, attempt.short())
    }

    /// The sealed attempt that the browser sent.
    pub(crate) fn read<'r>(&self, sent: SentCookies<'r>, attempt: &StateHash) -> Option<&'r str> {
        let name = self.name(attempt);
        sent.get(|sent| sent == name)
    }

    /// Names and sealed values of all attempts that the browser sent; no value where that is in doubt.
    pub(crate) fn all<'r>(&self, sent: SentCookies<'r>) -> impl Iterator<Item = (&'r str, Option<&'r str>)> {
        sent.into_iter().filter(|(name, _)| self.is_name(name))
    }

    /// The attempts that the browser has begun within the last hour.
    pub(super) fn attempts(
        &self,
        sent: SentCookies<'_>,
        sealer: &AttemptSealer,
        now: UnixSeconds,
    ) -> Vec<Attempt> {
        let sealed = self.all(sent).filter_map(|(_, sealed)| sealed);
        sealed.filter_map(|sealed| sealer.open(sealed, now).ok()).collect()
    }

    /// The cookie of one attempt, behind the removals of those that must make room for it.
    pub(super) fn write(
        &self,
        sent: SentCookies<'_>,
        sealer: &AttemptSealer,
        attempt: &Attempt,
        sealed: String,
        now: UnixSeconds,
    ) -> Vec<Cookie<'static>> {
        let surplus = surplus(self.all(sent).collect(), sealer, 1, sealed.len(), now);
        let mut cookies: Vec<_> = surplus.into_iter().map(|name| self.attributes.removal(name)).collect();
        let name = self.name(&attempt.state_hash());
        cookies.push(self.attributes.cookie(name, sealed, Some(COOKIE_AGE)));
        cookies
    }

    /// Removals of attempts beyond those that a browser may have, when the one that is `spent` has gone: tabs that are
    /// opened at once know nothing of each other.
    pub(super) fn trim(
        &self,
        sent: SentCookies<'_>,
        sealer: &AttemptSealer,
        spent: &Attempt,
        now: UnixSeconds,
    ) -> Vec<Cookie<'static>> {
        let spent = self.name(&spent.state_hash());
        let others = self.all(sent).filter(|(name, _)| *name != spent).collect();
        let surplus = surplus(others, sealer, 0, 0, now);
        surplus.into_iter().map(|name| self.attributes.removal(name)).collect()
    }

    /// The removal of one attempt's cookie.
    pub(super) fn remove(&self, attempt: &StateHash) -> Cookie<'static> {
        self.attributes.removal(self.name(attempt))
    }
}

/// The names of those of `all` that must go to make room for `more` of `bytes` bytes: unreadable ones, then the oldest.
fn surplus(
    all: Vec<(&str, Option<&str>)>,
    sealer: &AttemptSealer,
    more: usize,
    bytes: usize,
    now: UnixSeconds,
) -> Vec<String> {
    let taken: usize = all.iter().map(|(_, sealed)| sealed.map_or(0, str::len)).sum();
    if all.len() + more <= MAX_ATTEMPTS && taken + bytes <= MAX_ATTEMPTS_BYTES {
        return Vec::new();
    }
    let started_at = |sealed: Option<&str>| {
        let attempt = sealed.and_then(|sealed| sealer.open(sealed, now).ok());
        attempt.map(|attempt| attempt.started_at)
    };
    let attempt = |(name, sealed): (&str, Option<&str>)| {
        (started_at(sealed), name.to_owned(), sealed.map_or(0, str::len))
    };
    let mut attempts: Vec<_> = all.into_iter().map(attempt).collect();
    attempts.sort_by(|one, other| other.cmp(one));
    let mut room = MAX_ATTEMPTS_BYTES.saturating_sub(bytes);
    let fits = attempts.iter().take(MAX_ATTEMPTS.saturating_sub(more)).take_while(|(_, _, bytes)| {
        let left = room.checked_sub(*bytes);
        room = left.unwrap_or_default();
        left.is_some()
    });
    let kept = fits.count();
    let surplus = attempts.into_iter().skip(kept).map(|(_, name, _)| name);
    // The oldest first.
    surplus.collect::<Vec<_>>().into_iter().rev().take(MAX_REMOVALS).collect()
}
