//! How long sessions last, and when they are refreshed. Pure: the time is an argument.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use super::record::SessionRecord;
use crate::clock::UnixSeconds;
use crate::config::{CookieSettings, SessionSettings};

/// The limits of the settings.
pub(crate) struct Lifetime {
    /// How long a session may last without a request, in seconds.
    max_idle: Option<u64>,
    /// How long a session may last, in seconds.
    max_age: u64,
    /// How long the access token is kept, in seconds.
    access_age: u64,
    /// How long before its end an access token is refreshed, in seconds.
    refresh_ahead: u64,
    /// How long a refresh token is kept after its user was last seen, in seconds.
    refresh_token_age: u64,
}

/// How often it is noted that a user of a stored session has been seen, where no limit asks for it.
const NOTED_EVERY: Duration = Duration::from_secs(300);

impl Lifetime {
    pub(crate) fn new(session: &SessionSettings, cookies: &CookieSettings) -> Self {
        Lifetime {
            max_idle: session.idle_seconds,
            max_age: session.max_seconds,
            access_age: cookies.age_seconds,
            refresh_ahead: session.refresh_ahead_seconds,
            refresh_token_age: session.refresh_cookie_age_seconds,
        }
    }

    /// Whether this session has lasted or been idle for too long.
    pub(crate) fn is_over(&self, record: &SessionRecord, now: UnixSeconds) -> bool {
        self.is_over_since(record.created_at, record.seen_at, now)
    }

    /// Whether a session that began and was last seen then has lasted or been idle for too long.
    pub(crate) fn is_over_since(
        &self,
        created_at: UnixSeconds,
        seen_at: UnixSeconds,
        now: UnixSeconds,
    ) -> bool {
        self.remaining_since(created_at, seen_at, now) == 0
    }

    /// Whether the record is to be written again for the sake of `seen_at`: not with each request.
    pub(crate) fn is_worth_noting(&self, record: &SessionRecord, now: UnixSeconds) -> bool {
        self.max_idle.is_some_and(|idle| now.since(record.seen_at) > idle / 4)
    }

    /// Seconds until the session is over, even if nobody signs out.
    pub(crate) fn remaining(&self, record: &SessionRecord, now: UnixSeconds) -> u64 {
        self.remaining_since(record.created_at, record.seen_at, now)
    }

    fn remaining_since(&self, created_at: UnixSeconds, seen_at: UnixSeconds, now: UnixSeconds) -> u64 {
        let until = |since: UnixSeconds, limit| since.plus(limit).since(now);
        let idle = self.max_idle.map_or(u64::MAX, |idle| until(seen_at, idle));
        until(created_at, self.max_age).min(idle)
    }

    /// Seconds until the session is as old as it may be, however busy it is.
    pub(crate) fn longest(&self, record: &SessionRecord, now: UnixSeconds) -> u64 {
        record.created_at.plus(self.max_age).since(now)
    }

    /// For how long a store keeps a session that is seen `now`: no longer than its access token is valid, where that
    /// cannot be refreshed.
    pub(crate) fn kept_for(
        &self,
        record: &SessionRecord,
        expires_at: UnixSeconds,
        now: UnixSeconds,
    ) -> Duration {
        let limits = self.remaining(&record.seen(now), now).min(self.refresh_token_age);
        let can_be_refreshed = record.refresh_token().is_some();
        Duration::from_secs(if can_be_refreshed { limits } else { limits.min(expires_at.since(now)) })
    }

    /// Whether a store is to note that the user of a session has been seen, who was last seen so long ago.
    pub(crate) fn is_worth_touching(&self, unseen_for: Duration) -> bool {
        let limit = self.max_idle.unwrap_or(u64::MAX).min(self.refresh_token_age);
        unseen_for >= NOTED_EVERY.min(Duration::from_secs(limit) / 4)
    }

    /// For how many seconds a token of this session is kept.
    pub(crate) fn token_age(&self, record: &SessionRecord, expires_at: UnixSeconds, now: UnixSeconds) -> u64 {
        self.access_age.min(self.remaining(record, now)).min(expires_at.since(now))
    }

    /// When a token that lies in a cookie expires, or its cookie goes.
    pub(crate) fn ends_in_cookie(&self, issued_at: UnixSeconds, expires_at: UnixSeconds) -> UnixSeconds {
        expires_at.min(issued_at.plus(self.access_age))
    }

    /// Whether a token is to be refreshed: some time before it `ends_at`, and for each at another time, so that not all
    /// sessions of a morning come at once.
    pub(crate) fn is_due(
        &self,
        token: &str,
        issued_at: UnixSeconds,
        ends_at: UnixSeconds,
        now: UnixSeconds,
    ) -> bool {
        let lifetime = ends_at.since(issued_at);
        let ahead = self.refresh_ahead.min(lifetime / 3);
        let mut hasher = DefaultHasher::new();
        // The end of a signature is as good as all of it.
        token.get(token.len().saturating_sub(32)..).hash(&mut hasher);
        // From two thirds to four thirds.
        let ahead = ahead.saturating_mul(200 + hasher.finish() % 201) / 300;
        now.plus(ahead) >= ends_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lifetime() -> Lifetime {
        Lifetime {
            max_idle: Some(600),
            max_age: 1500,
            access_age: 1800,
            refresh_ahead: 90,
            refresh_token_age: 2_000,
        }
    }

    fn record() -> SessionRecord {
        let (start, token) = (UnixSeconds(1_000), "token".to_owned().into());
        SessionRecord::begin("https://pool.example", "shop", "sub", Some(&token), start, start)
    }

    /// S5, K19.
    #[test]
    fn a_session_ends_when_it_is_idle_or_old_whichever_comes_first() {
        let (lifetime, record) = (lifetime(), record());
        let remaining = |record: &SessionRecord, now| lifetime.remaining(record, UnixSeconds(now));
        assert_eq!([1_000, 1_599, 1_600, u64::MAX].map(|now| remaining(&record, now)), [600, 1, 0, 0]);
        let record = record.seen(UnixSeconds(1_550));
        assert_eq!([1_550, 2_149, 2_150].map(|now| remaining(&record, now)), [600, 1, 0]);
        let record = record.refreshed(None, UnixSeconds(2_100), UnixSeconds(2_100));
        assert_eq!([2_100, 2_499, 2_500].map(|now| remaining(&record, now)), [400, 1, 0]);
        assert_eq!([2_499, 2_500].map(|now| lifetime.is_over(&record, UnixSeconds(now))), [false, true]);
        // A clock that was set back.
        assert_eq!(remaining(&record, 0), 2_500);
    }

    /// S5.
    #[test]
    fn a_user_is_noted_a_quarter_of_the_idle_time_later_and_not_without_a_limit() {
        let record = record();
        assert_eq!(
            [900, 1_150, 1_151].map(|now| lifetime().is_worth_noting(&record, UnixSeconds(now))),
            [false, false, true]
        );
        let unlimited = Lifetime { max_idle: None, ..lifetime() };
        assert!(!unlimited.is_worth_noting(&record, UnixSeconds::NEVER));
    }
}
