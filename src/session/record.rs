//! What is known of a session beside its access and ID token.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rocket::http::Cookie;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::cookies::SentCookies;
use super::cookies::{Cookies, REFRESH, SESSION};
use crate::config::Settings;
use crate::crypto::{Sealer, base64url, same};

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
    pub(crate) fn open(&self, cookies: &Cookies, sent: &SentCookies<'_>, now: u64) -> Option<Record> {
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
                record.refresh_token = Some(token.into_owned());
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
        sent: &SentCookies<'_>,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::Secret;

    fn records() -> Records {
        let keys = [Secret::new("a-key/of.thirty-two=bytes+or_more")];
        Records {
            with_token: Sealer::new(&keys, "refresh").unwrap(),
            without_token: Sealer::new(&keys, "session").unwrap(),
            issuer: "https://pool.example".into(),
            client_id: "shop".into(),
            keeps_refresh_tokens: true,
            encrypts_refresh_tokens: true,
            limits_sessions: false,
            cookie_age: 86_400,
            max_idle: Some(600),
            max_age: 1500,
        }
    }

    /// S5, K19.
    #[test]
    fn a_session_ends_when_it_is_idle_or_old_whichever_comes_first() {
        let records = records();
        let record = records.begin("sub", Some("token"), 1_000, 1_000);
        assert_eq!(
            [1_000, 1_599, 1_600, u64::MAX].map(|now| records.remaining(&record, now)),
            [600, 1, 0, 0]
        );
        let record = record.seen(1_550);
        assert_eq!([1_550, 2_149, 2_150].map(|now| records.remaining(&record, now)), [600, 1, 0]);
        let record = record.renewed(None, 2_100, 2_100);
        assert_eq!([2_100, 2_499, 2_500].map(|now| records.remaining(&record, now)), [400, 1, 0]);
        assert!(!records.is_over(&record, 2_499) && records.is_over(&record, 2_500));
        // A clock that was set back.
        assert_eq!(records.remaining(&record, 0), 2_500);
    }

    /// S5.
    #[test]
    fn a_user_is_noted_a_quarter_of_the_idle_time_later_and_not_without_a_limit() {
        let records = records();
        let record = records.begin("sub", None, 1_000, 1_000);
        assert_eq!(
            [900, 1_150, 1_151].map(|now| records.is_worth_noting(&record, now)),
            [false, false, true]
        );
        let unlimited = Records { max_idle: None, ..records };
        assert!(!unlimited.is_worth_noting(&record, u64::MAX));
    }

    /// F4, F5.
    #[test]
    fn a_renewal_counts_on_and_takes_a_new_refresh_token_where_there_is_one() {
        let record = records().begin("sub", Some("first"), 1_000, 1_000);
        let renewed = record.renewed(None, 1_300, 1_310).renewed(Some("second"), 1_600, 1_610);
        assert_eq!((record.refresh_token(), renewed.refresh_token()), (Some("first"), Some("second")));
        assert_eq!((renewed.generation, renewed.issued_at, renewed.seen_at), (2, 1_600, 1_610));
        assert_eq!((&renewed.session_id, renewed.created_at), (&record.session_id, 1_000));
        assert_eq!(record.renewed(None, 1_300, 1_310).refresh_token(), Some("first"));
    }

    /// S1: 256 bits, and never the same.
    #[test]
    fn every_session_has_its_own_long_name() {
        let records = records();
        let names: Vec<_> = (0..100).map(|_| records.begin("sub", None, 0, 0).session_id.clone()).collect();
        assert!(names.iter().all(|name| name.len() == 43));
        assert_eq!(names.iter().collect::<std::collections::BTreeSet<_>>().len(), 100);
    }

    #[test]
    fn a_refresh_token_is_sealed_kept_beside_its_record_or_not_kept() {
        let token = "a.refresh.token";
        let shown = |records: &Records| {
            let sealed = records.sealed(&records.begin("sub", Some(token), 0, 0), 0).unwrap();
            (sealed.refresh.as_deref() == Some(token), sealed.refresh.is_some(), sealed.session.is_some())
        };
        assert_eq!(shown(&records()), (false, true, false));
        assert_eq!(shown(&Records { encrypts_refresh_tokens: false, ..records() }), (true, true, true));
        let off = || Records { keeps_refresh_tokens: false, ..records() };
        assert_eq!(shown(&off()), (false, false, false));
        assert_eq!(shown(&Records { limits_sessions: true, ..off() }), (false, false, true));
        let record = records().begin("sub", Some(&"x".repeat(MAX_RECORD_BYTES)), 0, 0);
        assert!(!records().fits(&record, 0));
    }
}
