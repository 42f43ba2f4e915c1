//! A session as the pool has just made or renewed it.

use std::borrow::Cow;

use rocket::http::Cookie;
use zeroize::Zeroizing;

use super::cookies::SentCookies;
use super::cookies::{ACCESS, Cookies, ID, REFRESH, SESSION};
use super::record::{Record, Records};
use crate::crypto::same;
use crate::telemetry::report;

/// What proxies and servers commonly allow for all request headers together.
const MAX_SESSION_BYTES: usize = 32 * 1024;

/// A verified token, and when it expires.
pub(crate) struct IssuedToken {
    pub(crate) token: Zeroizing<String>,
    pub(crate) issued_at: u64,
    pub(crate) expires_at: u64,
}

/// The tokens of one sign-in or renewal, and the record of their session.
pub(crate) struct NewSession {
    /// `None`: new tokens could not be used, and those that the browser has stay.
    pub(crate) access: Option<IssuedToken>,
    pub(crate) id: Option<IssuedToken>,
    pub(crate) record: Record,
}

impl NewSession {
    /// Whether any of these values of session cookies is of this session.
    pub(crate) fn has_any(&self, values: &SessionValues) -> bool {
        let same_token = |theirs: &Option<String>, ours: &Option<IssuedToken>| {
            theirs.as_ref().zip(ours.as_ref()).is_some_and(|(theirs, ours)| same(theirs, &ours.token))
        };
        same_token(&values.access, &self.access)
            || same_token(&values.id, &self.id)
            || values.session_id.as_ref().is_some_and(|it| same(it, &self.record.session_id))
    }

    /// Whether cookies can hold it; they need not hold the ID token.
    pub(crate) fn fits(&self, cookies: &Cookies, records: &Records, now: u64) -> bool {
        let access = self.access.as_ref().is_none_or(|access| cookies.fit(ACCESS, access.token.len()));
        access && records.fits(&self.record, now)
    }

    /// What this session takes of the memory that holds it: the user has the tokens once more, and what is in them.
    pub(crate) fn bytes(&self) -> usize {
        let tokens = [&self.access, &self.id].into_iter().flatten().map(|issued| issued.token.len());
        3 * tokens.sum::<usize>() + self.record.refresh_token().map_or(0, str::len)
    }

    /// All cookies of this session; whatever an earlier session left is overwritten or removed.
    /// `None` when the access token or the record does not fit.
    pub(crate) fn cookies(
        &self,
        cookies: &Cookies,
        records: &Records,
        sent: &SentCookies<'_>,
        cookie_age: u64,
        now: u64,
    ) -> Option<Vec<Cookie<'static>>> {
        let mut all = records.write(cookies, sent, &self.record, now)?;
        let Some(access) = &self.access else { return Some(all) };
        let remaining = records.remaining(&self.record, now);
        let age = |issued: &IssuedToken| cookie_age.min(remaining).min(issued.expires_at.saturating_sub(now));
        all.splice(0..0, cookies.write(sent, ACCESS, &access.token, age(access))?);
        let Some(id) = &self.id else {
            all.extend(cookies.remove(sent, ID));
            return Some(all);
        };
        let total: usize = all.iter().map(|cookie| cookie.name().len() + cookie.value().len()).sum();
        let written = cookies
            .write(sent, ID, &id.token, age(id))
            .filter(|_| total + id.token.len() <= MAX_SESSION_BYTES);
        all.extend(written.unwrap_or_else(|| {
            report::id_token_too_large(id.token.len());
            cookies.remove(sent, ID)
        }));
        Some(all)
    }
}

/// Removals of everything that the browser has of a session.
pub(crate) fn removals(cookies: &Cookies, sent: &SentCookies<'_>) -> Vec<Cookie<'static>> {
    [ACCESS, ID, REFRESH, SESSION].iter().flat_map(|name| cookies.remove(sent, name)).collect()
}

/// What a browser sent as its session.
pub(crate) struct SessionValues {
    access: Option<String>,
    id: Option<String>,
    session_id: Option<String>,
}

impl SessionValues {
    /// `None` when the browser sent nothing of a session.
    pub(crate) fn of(cookies: &Cookies, sent: &SentCookies<'_>, record: Option<&Record>) -> Option<Self> {
        let [access, id] = [ACCESS, ID].map(|name| cookies.read(sent, name).map(Cow::into_owned));
        let session_id = record.map(|record| record.session_id.clone());
        let any = access.is_some() || id.is_some() || session_id.is_some();
        any.then_some(SessionValues { access, id, session_id })
    }
}
