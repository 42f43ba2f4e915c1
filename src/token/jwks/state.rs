//! The keys as they are, how old they are, and when others are due. The time is an argument.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::sync::SingleFlight;
use crate::token::key_set::{Key, KeySet};

/// Unknown keys cause at most one fetch in this time, whoever asks and however often.
const COOL_DOWN: Duration = Duration::from_secs(10);
/// The soonest that an answer's `Cache-Control` may ask for. A longer time than without one is not taken: a key
/// that the pool removes is to be gone within the hour.
const REFRESH_AT_SOONEST: Duration = Duration::from_secs(5 * 60);
/// Keys that could not be refreshed for this long are no longer trusted.
pub(super) const MAX_STALE: Duration = Duration::from_secs(24 * 3600);

/// What is known of the keys.
#[derive(Default)]
#[cfg_attr(test, derive(Clone))]
pub(super) struct State {
    pub(super) keys: Option<Arc<KeySet>>,
    pub(super) fetched_at: Option<Instant>,
    pub(super) attempted_at: Option<Instant>,
    /// Why the last attempt failed, if it did.
    pub(super) failure: Option<String>,
    /// When the background task tries again after a failure.
    pub(super) retries_at: Option<Instant>,
    /// How long the last answer says that it is fresh.
    pub(super) max_age: Option<Duration>,
    pub(super) fetch: SingleFlight<()>,
    /// Keys in the settings themselves neither age nor change: they are read once.
    pub(super) is_fixed: bool,
}

pub(super) enum Found {
    Key(Arc<Key>),
    Unknown { last_attempt_failed: bool },
    NoKeys,
}

impl State {
    /// Whether there are keys that may be trusted still.
    pub(super) fn is_usable(&self, now: Instant) -> bool {
        self.age(now).is_some_and(|age| age < MAX_STALE)
    }

    pub(super) fn age(&self, now: Instant) -> Option<Duration> {
        self.fetched_at
            .map(|at| if self.is_fixed { Duration::ZERO } else { now.saturating_duration_since(at) })
    }

    pub(super) fn find(&self, kid: &str, now: Instant) -> Found {
        match &self.keys {
            Some(keys) if self.is_usable(now) => keys
                .get(kid)
                .map_or(Found::Unknown { last_attempt_failed: self.failure.is_some() }, Found::Key),
            _ => Found::NoKeys,
        }
    }

    /// Whether the background task, if there is one, would have fetched by now.
    pub(super) fn is_overdue(&self, refresh_every: Duration, now: Instant) -> bool {
        self.age(now).is_none_or(|age| age >= self.due(refresh_every) * 11 / 10)
    }

    /// Whether so much time has passed since that a key which the pool has removed would count for too long.
    pub(super) fn is_old(&self, refresh_every: Duration, now: Instant) -> bool {
        self.age(now).is_none_or(|age| age >= self.due(refresh_every) * 6 / 5)
    }

    /// Whether an unknown key may cause a fetch now.
    pub(super) fn is_rested(&self, now: Instant) -> bool {
        let is_over = |at| !self.is_fixed && now.saturating_duration_since(at) >= COOL_DOWN;
        self.attempted_at.is_none_or(is_over)
    }

    /// Within 10 % of the time due, so that many instances do not ask at the same moment.
    pub(super) fn next_refresh(&self, refresh_every: Duration) -> Duration {
        self.due(refresh_every).mul_f64(rand::random_range(0.9..1.1))
    }

    fn due(&self, refresh_every: Duration) -> Duration {
        self.max_age.map_or(refresh_every, |age| age.max(REFRESH_AT_SOONEST).min(refresh_every))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    #[test]
    fn keys_are_kept_for_a_day_and_unknown_ones_ask_again_after_ten_seconds() {
        let start = Instant::now();
        let later = |seconds| start + Duration::from_secs(seconds);
        let keys = KeySet::parse(include_bytes!("../../../tests/data/jwks.json")).unwrap();
        let state = State {
            keys: Some(Arc::new(keys)),
            fetched_at: Some(start),
            attempted_at: Some(start),
            ..State::default()
        };
        assert!(matches!(state.find("first", later(86_399)), Found::Key(_)));
        assert!(matches!(state.find("third", later(86_399)), Found::Unknown { .. }));
        assert!(matches!(state.find("first", later(86_400)), Found::NoKeys));
        assert!(!state.is_rested(later(9)));
        assert!(state.is_rested(later(10)));
    }

    /// They are part of the settings, which last as long as the process.
    #[test]
    fn keys_in_the_settings_never_age_and_are_read_once() {
        let start = Instant::now();
        let keys = KeySet::parse(include_bytes!("../../../tests/data/jwks.json")).unwrap();
        let unread = State { is_fixed: true, ..State::default() };
        assert!(unread.is_overdue(HOUR, start) && unread.is_rested(start));
        let state = State {
            keys: Some(Arc::new(keys)),
            fetched_at: Some(start),
            attempted_at: Some(start),
            ..unread
        };
        let in_a_year = start + Duration::from_secs(365 * 24 * 3600);
        assert!(matches!(state.find("first", in_a_year), Found::Key(_)));
        assert!(matches!(state.find("third", in_a_year), Found::Unknown { last_attempt_failed: false }));
        assert!(!state.is_overdue(HOUR, in_a_year) && !state.is_rested(in_a_year));
    }

    #[test]
    fn the_schedule_heeds_cache_control_from_five_minutes_to_an_hour() {
        for (max_age, due) in [(None, 3600), (Some(0), 300), (Some(900), 900), (Some(86_400), 3600)] {
            let state = State { max_age: max_age.map(Duration::from_secs), ..State::default() };
            for _ in 0..1_000 {
                let next = state.next_refresh(HOUR).as_secs_f64();
                assert!((0.9..1.1).contains(&(next / f64::from(due))), "{max_age:?}: {next}");
            }
        }
    }

    #[test]
    fn keys_are_overdue_some_time_after_they_were_to_be_fetched() {
        let start = Instant::now();
        let state = State { fetched_at: Some(start), ..State::default() };
        let later = |seconds| start + Duration::from_secs(seconds);
        assert!(State::default().is_overdue(HOUR, start));
        for (max_age, overdue) in [(None, 3960), (Some(0), 330), (Some(86_400), 3960)] {
            let state = State { max_age: max_age.map(Duration::from_secs), ..state.clone() };
            assert!(!state.is_overdue(HOUR, later(overdue - 1)), "{max_age:?}");
            assert!(state.is_overdue(HOUR, later(overdue)), "{max_age:?}");
        }
    }
}
