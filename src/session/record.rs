//! What is known of a session beside its access and ID token.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rocket::http::Cookie;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::cookies::{Cookies, REFRESH, SESSION};
use super::sent::SentCookies;
use crate::config::Settings;
use crate::constant_time::same;
use crate::random::base64url;
use crate::seal::Sealer;

/// What a sealed record may take of the room for cookies; with Cognito's refresh tokens it takes 2.8 kB.
const MAX_RECORD_BYTES: usize = 8 * 1024;

/// Whose session it is, since when, and the refresh token. It lies sealed in a cookie, bound to pool and client.
#[derive(Clone, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
pub(crate) struct Record {
    issuer: String,
    client_id: String,
    pub(crate) sub: String,
    pub(crate) session_id: String,
    /// When the user signed in.
    pub(crate) created_at: u64,
    /// When the user last asked for anything, give or take a quarter of the time allowed between two requests.
    pub(crate) seen_at: u64,
    /// How often the tokens have been renewed.
    pub(crate) generation: u32,
    /// When the pool issued the present tokens.
    pub(crate) issued_at: u64,
    refresh_token: Option<String>,
    /// Of the refresh token that lies in a cookie of its own.
    refresh_token_digest: Option<String>,
}

impl Record {
    pub(crate) fn refresh_token(&self) -> Option<&str> {
        self.refresh_token.as_deref()
    }

    /// The same session with tokens issued at `issued_at`, and another refresh token if the pool sent one (RFC 6749
    /// section 6).
    pub(crate) fn renewed(&self, refresh_token: Option<&str>, issued_at: u64, now: u64) -> Self {
        let mut record = self.clone();
        record.generation = record.generation.saturating_add(1);
        record.issued_at = issued_at;
        record.seen_at = now;
        if let Some(token) = refresh_token {
            record.refresh_token.zeroize();
            record.refresh_token = Some(token.to_owned());
        }
        record
    }

    /// The same session, seen `now`.
    pub(crate) fn seen(&self, now: u64) -> Self {
        let mut record = self.clone();
        record.seen_at = now;
        record
    }
}

/// Which records and refresh tokens lie in which cookies, for how long.
pub(crate) struct Records {
    /// Of the record that holds the refresh token.
    with_token: Sealer,
    /// Of the record beside it, or without any.
    without_token: Sealer,
    issuer: String,
    client_id: String,
    keeps_refresh_tokens: bool,
    encrypts_refresh_tokens: bool,
    limits_sessions: bool,
    cookie_age: u64,
    max_idle: Option<u64>,
    max_age: u64,
}

impl Records {
    pub(crate) fn new(settings: &Settings) -> Option<Self> {
        Some(Records {
            with_token: Sealer::new(&settings.secret_keys, "refresh")?,
            without_token: Sealer::new(&settings.secret_keys, "session")?,
            issuer: settings.issuers.first()?.clone(),
            client_id: settings.client_id.clone(),
            keeps_refresh_tokens: settings.refresh_flow_enabled,
            encrypts_refresh_tokens: settings.refresh_cookie_encrypted,
            limits_sessions: settings.limits_sessions,
            cookie_age: settings.refresh_cookie_age_seconds,
            max_idle: settings.session_idle_seconds,
            max_age: settings.session_max_seconds,
        })
    }

    /// The record of a session of `sub` that begins now. A refresh token that is not kept stays outside.
    pub(crate) fn begin(&self, sub: &str, refresh_token: Option<&str>, issued_at: u64, now: u64) -> Record {
        Record {
            issuer: self.issuer.clone(),
            client_id: self.client_id.clone(),
            sub: sub.to_owned(),
            session_id: base64url::<32>(),
            created_at: now,
            seen_at: now,
            generation: 0,
            issued_at,
            refresh_token: refresh_token.filter(|_| self.keeps_refresh_tokens).map(str::to_owned),
            refresh_token_digest: None,
        }
    }

    /// The record that the browser sent, if this client of this pool sealed it within the cookie's lifetime. Whether
    /// the session [has ended](Self::is_over) is another question.
    pub(crate) fn open(&self, cookies: &Cookies, sent: &SentCookies, now: u64) -> Option<Record> {
        let beside =
            cookies.read(sent, SESSION).and_then(|sealed| self.unseal(&self.without_token, &sealed, now));
        let token = cookies.read(sent, REFRESH);
        let record = match beside {
            Some(record) if record.refresh_token_digest.is_none() => record,
            Some(mut record) => {
                let token = token.filter(|token| {
                    record.refresh_token_digest.as_ref().is_some_and(|it| same(it, &digest(token)))
                })?;
                record.refresh_token_digest = None;
                record.refresh_token = Some(token);
                record
            }
            None => self.unseal(&self.with_token, &token?, now)?,
        };
        (record.issuer == self.issuer && record.client_id == self.client_id).then_some(record)
    }

    fn unseal(&self, sealer: &Sealer, sealed: &str, now: u64) -> Option<Record> {
        sealer.open(sealed, self.cookie_age, now).ok()
    }

    /// Whether this session has lasted or been idle for too long.
    pub(crate) fn is_over(&self, record: &Record, now: u64) -> bool {
        self.remaining(record, now) == 0
    }

    /// Whether the record is to be written again for the sake of `seen_at`: not with each request.
    pub(crate) fn is_worth_noting(&self, record: &Record, now: u64) -> bool {
        self.max_idle.is_some_and(|idle| now.saturating_sub(record.seen_at) > idle / 4)
    }

    /// Seconds until the session is over, even if nobody signs out.
    pub(crate) fn remaining(&self, record: &Record, now: u64) -> u64 {
        let until = |since: u64, limit: u64| since.saturating_add(limit).saturating_sub(now);
        let idle = self.max_idle.map_or(u64::MAX, |idle| until(record.seen_at, idle));
        until(record.created_at, self.max_age).min(idle)
    }

    /// Whether this session's record fits into cookies.
    pub(crate) fn fits(&self, record: &Record, now: u64) -> bool {
        self.sealed(record, now).is_some()
    }

    /// The cookies that hold the record, and removals of what an earlier form of it has left. `None` when it does not
    /// fit.
    pub(crate) fn write(
        &self,
        cookies: &Cookies,
        sent: &SentCookies,
        record: &Record,
        now: u64,
    ) -> Option<Vec<Cookie<'static>>> {
        let age = self.cookie_age.min(self.remaining(record, now));
        let sealed = self.sealed(record, now)?;
        let mut all = Vec::new();
        for (name, value) in [(REFRESH, sealed.refresh), (SESSION, sealed.session)] {
            all.extend(match value {
                Some(value) => cookies.write(sent, name, &value, age)?,
                None => cookies.remove(sent, name),
            });
        }
        Some(all)
    }

    fn sealed(&self, record: &Record, now: u64) -> Option<Sealed> {
        let fits = |text: &String| text.len() <= MAX_RECORD_BYTES;
        let seal = |sealer: &Sealer, record: &Record| sealer.seal(record, now).filter(fits);
        Some(match record.refresh_token() {
            Some(_) if self.encrypts_refresh_tokens => {
                Sealed { refresh: Some(seal(&self.with_token, record)?), session: None }
            }
            Some(token) => {
                let mut beside = record.clone();
                beside.refresh_token.zeroize();
                beside.refresh_token = None;
                beside.refresh_token_digest = Some(digest(token));
                let token = Some(token.to_owned()).filter(fits)?;
                Sealed { refresh: Some(token), session: Some(seal(&self.without_token, &beside)?) }
            }
            None if self.limits_sessions => {
                Sealed { refresh: None, session: Some(seal(&self.without_token, record)?) }
            }
            None => Sealed { refresh: None, session: None },
        })
    }
}

/// The values of the cookies that hold a record.
struct Sealed {
    refresh: Option<String>,
    session: Option<String>,
}

fn digest(token: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(token.as_bytes()))
}
