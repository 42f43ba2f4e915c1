//! The pool's JWKS: fetched at liftoff, on a schedule, and when a token names an unknown key.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::sync::Notify;

use super::source::{self, Fetched, NoKeys};
use super::state::{Found, MAX_STALE, State};
use crate::clock::Clock;
use crate::config::JwksSource;
use crate::error::Error;
use crate::http::HttpClient;
use crate::sync::{Follower, Lost};
use crate::telemetry::{Counts, Event, emit};
use crate::token::key_set::{Key, KeySet};

const REFRESH_EVERY: Duration = Duration::from_secs(3600);
const FIRST_RETRY: Duration = Duration::from_secs(1);
const LAST_RETRY: Duration = Duration::from_secs(15);

/// There are no keys to judge a token by: an outage, not the token's fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeysUnavailable;

/// The keys as they are at the moment.
pub(crate) struct KeysStatus {
    pub(crate) count: usize,
    /// How long ago they were fetched; none where they never were.
    pub(crate) age: Option<Duration>,
    /// Why the last attempt to fetch them failed, if it did.
    pub(crate) failure: Option<String>,
    /// Whether tokens are verified by them.
    pub(crate) are_usable: bool,
}

/// The cache of the pool's keys.
pub(crate) struct Jwks {
    source: JwksSource,
    http: HttpClient,
    counts: Arc<Counts>,
    refresh_every: Duration,
    state: Mutex<State>,
    /// Until when the present keys may be trusted, in milliseconds since `began_at`.
    trusted_until: AtomicU64,
    began_at: Instant,
    clock: Clock,
    /// Wakes the background task after a fetch that failed.
    failed: Notify,
}

impl Jwks {
    /// Keys have a clock of their own: where an app's clock is ahead, they are not older for that.
    pub(crate) fn new(source: JwksSource, http: HttpClient, counts: &Arc<Counts>) -> Arc<Self> {
        Jwks::with_clock(source, http, counts, Clock::default())
    }

    /// With a clock that tests may move forward.
    pub(crate) fn with_clock(
        source: JwksSource,
        http: HttpClient,
        counts: &Arc<Counts>,
        clock: Clock,
    ) -> Arc<Self> {
        let is_fixed = matches!(source, JwksSource::Inline(_));
        Arc::new(Jwks {
            source,
            http,
            counts: Arc::clone(counts),
            refresh_every: REFRESH_EVERY,
            state: Mutex::new(State { is_fixed, ..State::default() }),
            trusted_until: AtomicU64::new(0),
            began_at: clock.instant(),
            clock,
            failed: Notify::new(),
        })
    }

    /// Refuses keys that stand in the settings themselves and are of no use.
    pub(crate) fn check(source: &JwksSource) -> Result<(), Error> {
        match source {
            JwksSource::Inline(keys) => {
                KeySet::parse(keys.json.as_bytes()).map(drop).map_err(|problem| keys.refused(problem))
            }
            JwksSource::Url { .. } | JwksSource::File(_) => Ok(()),
        }
    }

    /// Whether the keys may be trusted still, as far as it goes by their age.
    pub(crate) fn is_trusted(&self) -> bool {
        self.milliseconds(self.clock.instant()) < self.trusted_until.load(Ordering::Acquire)
    }

    fn milliseconds(&self, now: Instant) -> u64 {
        u64::try_from(now.saturating_duration_since(self.began_at).as_millis()).unwrap_or(u64::MAX)
    }

    /// The keys as they were published, fetched when that is due: also to find out that there are some before a code
    /// or refresh token is spent.
    pub(crate) async fn document(self: &Arc<Self>) -> Result<Arc<Value>, KeysUnavailable> {
        self.refresh_if_overdue().await;
        let state = self.lock();
        let keys = state.keys.as_ref().filter(|_| state.is_usable(self.clock.instant()));
        keys.map(|keys| keys.document()).ok_or(KeysUnavailable)
    }

    /// Fetches the keys where no background task has done so in time.
    pub(crate) async fn refresh_if_overdue(self: &Arc<Self>) {
        let fetch = {
            let (mut state, now) = (self.lock(), self.clock.instant());
            if !state.is_overdue(self.refresh_every, now) {
                return;
            }
            let fetch = match state.fetch.follow() {
                Some(fetch) => fetch,
                None if state.is_rested(now) => self.start(&mut state, now),
                None => return,
            };
            // Nobody waits while the present keys serve, unless nobody has asked for them in time; in an outage not even
            // then.
            let serves = state.failure.is_some() || !state.is_old(self.refresh_every, now);
            if serves && state.is_usable(now) {
                return;
            }
            fetch
        };
        ended(fetch).await;
    }

    /// The key with this `kid`; `None` when the pool does not have it.
    pub(crate) async fn key(self: &Arc<Self>, kid: &str) -> Result<Option<Arc<Key>>, KeysUnavailable> {
        let fetch = {
            let (mut state, now) = (self.lock(), self.clock.instant());
            match state.find(kid, now) {
                Found::Key(key) => return Ok(Some(key)),
                // The background task is retrying; a request would only add to the load.
                Found::NoKeys => return Err(KeysUnavailable),
                Found::Unknown { last_attempt_failed } => match state.fetch.follow() {
                    Some(fetch) => fetch,
                    None if state.is_rested(now) => self.start(&mut state, now),
                    None if last_attempt_failed => return Err(KeysUnavailable),
                    None => return Ok(None),
                },
            }
        };
        ended(fetch).await;
        match self.lock().find(kid, self.clock.instant()) {
            Found::Key(key) => Ok(Some(key)),
            Found::Unknown { last_attempt_failed: false } => Ok(None),
            Found::Unknown { last_attempt_failed: true } | Found::NoKeys => Err(KeysUnavailable),
        }
    }

    /// For how long nobody asks for keys after a failure.
    pub(crate) fn rest(&self) -> Option<Duration> {
        let state = self.lock();
        state.failure.as_ref()?;
        state.retries_at?.checked_duration_since(self.clock.instant())
    }

    /// The keys as they are at the moment, for operators.
    pub(crate) fn status(&self) -> KeysStatus {
        let (state, now) = (self.lock(), self.clock.instant());
        KeysStatus {
            count: state.keys.as_ref().map_or(0, |keys| keys.len()),
            age: state.age(now),
            failure: state.failure.clone(),
            are_usable: state.is_usable(now),
        }
    }

    /// The key with this `kid`, if it is there.
    pub(crate) fn present_key(&self, kid: &str) -> Option<Arc<Key>> {
        match self.lock().find(kid, self.clock.instant()) {
            Found::Key(key) => Some(key),
            Found::Unknown { .. } | Found::NoKeys => None,
        }
    }

    /// Whether the key is there that the header of a token names.
    pub(crate) fn has_key_of(&self, header: &str) -> bool {
        let keys = {
            let state = self.lock();
            state.keys.clone().filter(|_| state.is_usable(self.clock.instant()))
        };
        keys.is_some_and(|keys| keys.is_named_by(header))
    }

    /// Fetches once, or waits for a fetch under way. The error says why there are no new keys.
    pub(crate) async fn refresh(self: &Arc<Self>) -> Result<(), String> {
        let fetch = {
            let mut state = self.lock();
            match state.fetch.follow() {
                Some(fetch) => fetch,
                None => self.start(&mut state, self.clock.instant()),
            }
        };
        ended(fetch).await;
        self.lock().failure.clone().map_or(Ok(()), Err)
    }

    /// Keeps the keys fresh until `stop` resolves: every hour or so, sooner after a failure; none that stand in the
    /// settings.
    pub(crate) async fn keep_fresh(self: Arc<Self>, stop: impl Future<Output = ()>) {
        if self.lock().is_fixed {
            return;
        }
        tokio::pin!(stop);
        let mut retry = FIRST_RETRY;
        let mut failed = self.lock().failure.is_some();
        loop {
            let pause =
                if failed { retry.mul_f64(rand::random_range(0.5..1.0)) } else { self.next_refresh() };
            if failed {
                self.lock().retries_at = self.clock.instant().checked_add(pause);
            }
            tokio::select! {
                () = &mut stop => return,
                () = self.failed.notified(), if !failed => {
                    // A failure may be over by now.
                    failed = self.lock().failure.is_some();
                    continue;
                }
                () = tokio::time::sleep(pause) => {}
            }
            let had_failed = std::mem::replace(&mut failed, self.refresh().await.is_err());
            retry = if had_failed && failed { (retry * 2).min(LAST_RETRY) } else { FIRST_RETRY };
        }
    }

    /// Starts a fetch.
    fn start(self: &Arc<Self>, state: &mut State, now: Instant) -> Follower<()> {
        state.attempted_at = Some(now);
        let jwks = Arc::clone(self);
        state.fetch.lead().spawn(|leader| async move {
            let fetched = source::fetch(&jwks.source, &jwks.http, &jwks.counts).await;
            jwks.take(fetched);
            leader.finish(());
        })
    }

    /// Puts new keys in the place of the present ones, and reports what has changed.
    fn take(&self, fetched: Fetched) {
        let (mut state, now) = (self.lock(), self.clock.instant());
        state.fetch.clear();
        match fetched {
            Ok((mut keys, max_age)) => {
                let is_news = state.failure.is_some() || state.keys.is_none();
                let (count, left_out) = (keys.len(), keys.left_out());
                let known = state.keys.as_ref().map_or(0, |keys| keys.left_out());
                if let Some(old) = &state.keys {
                    keys.succeed(old);
                }
                state.keys = Some(Arc::new(keys));
                let age = u64::try_from(MAX_STALE.as_millis()).unwrap_or(u64::MAX);
                let trusted_until = self.milliseconds(now).saturating_add(age);
                let trusted_until = if state.is_fixed { u64::MAX } else { trusted_until };
                self.trusted_until.store(trusted_until, Ordering::Release);
                state.fetched_at = Some(now);
                state.max_age = max_age;
                state.failure = None;
                // A log that is slow to be written holds nobody up.
                drop(state);
                if is_news {
                    emit(Event::KeysLoaded { count });
                }
                if left_out > known {
                    emit(Event::KeysLeftOut { count: left_out });
                }
            }
            Err(NoKeys { reason, is_refused }) => {
                let has_earlier_keys = state.is_usable(now);
                state.failure = Some(reason.clone());
                drop(state);
                let remedy = self.source.remedy().filter(|_| is_refused);
                let (source, remedy) = (&self.source, remedy.as_deref());
                emit(Event::KeysNotLoaded { source, reason: &reason, remedy, has_earlier_keys });
                self.failed.notify_one();
            }
        }
    }

    fn next_refresh(&self) -> Duration {
        self.lock().next_refresh(self.refresh_every)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits for a fetch to end, even without a result: the state says what came of it.
async fn ended(fetch: Follower<()>) {
    let (Ok(()) | Err(Lost)) = fetch.result().await;
}

#[cfg(test)]
mod tests;
