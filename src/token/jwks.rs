//! The pool's JWKS: fetched at liftoff, on a schedule, and when a token names an unknown key.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::sync::Notify;

use super::key_set::{Key, KeySet};
use crate::config::JwksSource;
use crate::error::Error;
use crate::http::Http;
use crate::sync::{Follower, Lost, SingleFlight};
use crate::telemetry::Event;

const DEADLINE: Duration = Duration::from_secs(5);
const MAX_BYTES: usize = 256 * 1024;
/// Unknown keys cause at most one fetch in this time, whoever asks and however often.
const COOL_DOWN: Duration = Duration::from_secs(10);
const REFRESH_EVERY: Duration = Duration::from_secs(3600);
/// The soonest that an answer's `Cache-Control` may ask for. A longer time than `REFRESH_EVERY` is not taken: a key
/// that the pool removes is to be gone within the hour.
const REFRESH_AT_SOONEST: Duration = Duration::from_secs(5 * 60);
/// Keys that could not be refreshed for this long are no longer trusted.
const MAX_STALE: Duration = Duration::from_secs(24 * 3600);
const FIRST_RETRY: Duration = Duration::from_secs(1);
const LAST_RETRY: Duration = Duration::from_secs(15);

/// There are no keys to judge a token by: an outage, not the token's fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeysUnavailable;

/// The cache of the pool's keys.
pub(crate) struct Jwks {
    source: JwksSource,
    http: Http,
    refresh_every: Duration,
    state: Mutex<State>,
    /// Until when the present keys may be trusted, in milliseconds since `began_at`.
    trusted_until: AtomicU64,
    began_at: Instant,
    /// Wakes the background task after a fetch that failed.
    failed: Notify,
}

#[derive(Default)]
#[cfg_attr(test, derive(Clone))]
struct State {
    keys: Option<Arc<KeySet>>,
    fetched_at: Option<Instant>,
    attempted_at: Option<Instant>,
    /// Why the last attempt failed, if it did.
    failure: Option<String>,
    /// How long the last answer says that it is fresh.
    max_age: Option<Duration>,
    fetch: SingleFlight<()>,
    /// Keys in the settings themselves neither age nor change: they are read once.
    is_fixed: bool,
}

enum Found {
    Key(Arc<Key>),
    Unknown { last_attempt_failed: bool },
    NoKeys,
}

impl State {
    /// Whether there are keys that may be trusted still.
    fn is_usable(&self, now: Instant) -> bool {
        self.age(now).is_some_and(|age| age < MAX_STALE)
    }

    fn age(&self, now: Instant) -> Option<Duration> {
        self.fetched_at
            .map(|at| if self.is_fixed { Duration::ZERO } else { now.saturating_duration_since(at) })
    }

    fn find(&self, kid: &str, now: Instant) -> Found {
        match &self.keys {
            Some(keys) if self.is_usable(now) => keys
                .get(kid)
                .map_or(Found::Unknown { last_attempt_failed: self.failure.is_some() }, Found::Key),
            _ => Found::NoKeys,
        }
    }

    /// Whether the background task, if there is one, would have fetched by now.
    fn is_overdue(&self, refresh_every: Duration, now: Instant) -> bool {
        self.age(now).is_none_or(|age| age >= due(refresh_every, self.max_age) * 11 / 10)
    }

    /// Whether so much time has passed since that a key which the pool has removed would count for too long.
    fn is_old(&self, refresh_every: Duration, now: Instant) -> bool {
        self.age(now).is_none_or(|age| age >= due(refresh_every, self.max_age) * 6 / 5)
    }

    /// Whether an unknown key may cause a fetch now.
    fn is_rested(&self, now: Instant) -> bool {
        let is_over = |at| !self.is_fixed && now.saturating_duration_since(at) >= COOL_DOWN;
        self.attempted_at.is_none_or(is_over)
    }
}

impl Jwks {
    pub(crate) fn new(source: JwksSource, http: Http) -> Arc<Self> {
        let is_fixed = matches!(source, JwksSource::Inline(_));
        Arc::new(Jwks {
            source,
            http,
            refresh_every: REFRESH_EVERY,
            state: Mutex::new(State { is_fixed, ..State::default() }),
            trusted_until: AtomicU64::new(0),
            began_at: Instant::now(),
            failed: Notify::new(),
        })
    }

    /// Refuses keys that stand in the settings themselves and are of no use.
    pub(crate) fn check(source: &JwksSource) -> Result<(), Error> {
        match source {
            JwksSource::Inline(keys) => {
                KeySet::parse(keys.json.as_bytes()).map(drop).map_err(|problem| keys.refused(problem))
            }
            JwksSource::Url(_) | JwksSource::File(_) => Ok(()),
        }
    }

    /// Whether the keys may be trusted still, as far as it goes by their age.
    pub(super) fn is_trusted(&self) -> bool {
        self.milliseconds() < self.trusted_until.load(Ordering::Acquire)
    }

    fn milliseconds(&self) -> u64 {
        u64::try_from(self.began_at.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// The keys as they were published, fetched when that is due: also to find out that there are some before a code
    /// or refresh token is spent.
    pub(crate) async fn document(self: &Arc<Self>) -> Result<Arc<Value>, KeysUnavailable> {
        self.refresh_if_overdue().await;
        let state = self.lock();
        let keys = state.keys.as_ref().filter(|_| state.is_usable(Instant::now()));
        keys.map(|keys| keys.document()).ok_or(KeysUnavailable)
    }

    /// Fetches the keys where no background task has done so in time.
    pub(super) async fn refresh_if_overdue(self: &Arc<Self>) {
        let fetch = {
            let (mut state, now) = (self.lock(), Instant::now());
            if !state.is_overdue(self.refresh_every, now) {
                return;
            }
            let fetch = match state.fetch.follow() {
                Some(fetch) => fetch,
                None if state.is_rested(now) => self.start(&mut state),
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
    pub(super) async fn key(self: &Arc<Self>, kid: &str) -> Result<Option<Arc<Key>>, KeysUnavailable> {
        let fetch = {
            let mut state = self.lock();
            match state.find(kid, Instant::now()) {
                Found::Key(key) => return Ok(Some(key)),
                // The background task is retrying; a request would only add to the load.
                Found::NoKeys => return Err(KeysUnavailable),
                Found::Unknown { last_attempt_failed } => match state.fetch.follow() {
                    Some(fetch) => fetch,
                    None if state.is_rested(Instant::now()) => self.start(&mut state),
                    None if last_attempt_failed => return Err(KeysUnavailable),
                    None => return Ok(None),
                },
            }
        };
        ended(fetch).await;
        match self.lock().find(kid, Instant::now()) {
            Found::Key(key) => Ok(Some(key)),
            Found::Unknown { last_attempt_failed: false } => Ok(None),
            Found::Unknown { last_attempt_failed: true } | Found::NoKeys => Err(KeysUnavailable),
        }
    }

    /// The key with this `kid`, if it is there.
    pub(super) fn present_key(&self, kid: &str) -> Option<Arc<Key>> {
        match self.lock().find(kid, Instant::now()) {
            Found::Key(key) => Some(key),
            Found::Unknown { .. } | Found::NoKeys => None,
        }
    }

    /// Whether the key is there that the header of a token names.
    pub(super) fn has_key_of(&self, header: &str) -> bool {
        let keys = {
            let state = self.lock();
            state.keys.clone().filter(|_| state.is_usable(Instant::now()))
        };
        keys.is_some_and(|keys| keys.is_named_by(header))
    }

    /// Fetches once, or waits for a fetch under way. The error says why there are no new keys.
    pub(crate) async fn refresh(self: &Arc<Self>) -> Result<(), String> {
        let fetch = {
            let mut state = self.lock();
            match state.fetch.follow() {
                Some(fetch) => fetch,
                None => self.start(&mut state),
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
    fn start(self: &Arc<Self>, state: &mut State) -> Follower<()> {
        state.attempted_at = Some(Instant::now());
        let jwks = Arc::clone(self);
        state.fetch.lead().spawn(|leader| async move {
            let result = jwks.fetch().await;
            jwks.take(result);
            leader.finish(());
        })
    }

    /// Has new keys take the place of the present ones, and tells what has changed.
    fn take(&self, fetched: Result<(KeySet, Option<Duration>), String>) {
        let mut state = self.lock();
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
                let trusted_until = self.milliseconds().saturating_add(age);
                let trusted_until = if state.is_fixed { u64::MAX } else { trusted_until };
                self.trusted_until.store(trusted_until, Ordering::Release);
                state.fetched_at = Some(Instant::now());
                state.max_age = max_age;
                state.failure = None;
                // A log that is slow to be written holds nobody up.
                drop(state);
                if is_news {
                    Event::KeysLoaded { count }.emit();
                }
                if left_out > known {
                    Event::KeysLeftOut { count: left_out }.emit();
                }
            }
            Err(reason) => {
                let usable = state.is_usable(Instant::now());
                state.failure = Some(reason.clone());
                drop(state);
                Event::KeysNotLoaded { source: &self.source, reason: &reason, has_earlier_keys: usable }
                    .emit();
                self.failed.notify_one();
            }
        }
    }

    async fn fetch(&self) -> Result<(KeySet, Option<Duration>), String> {
        let (body, max_age) = match &self.source {
            JwksSource::Url(url) => {
                let answer =
                    self.http.get(url, None, DEADLINE, MAX_BYTES).await.map_err(|e| e.to_string())?;
                if answer.status != 200 {
                    return Err(format!("it answered with status {}", answer.status));
                }
                (answer.body, answer.max_age)
            }
            JwksSource::File(path) => (read_file(path).await?, None),
            JwksSource::Inline(keys) => (keys.json.as_bytes().to_vec(), None),
        };
        KeySet::parse(&body).map(|keys| (keys, max_age)).map_err(|error| error.to_string())
    }

    /// As if the last fetch were so much longer ago.
    #[cfg(test)]
    pub(super) fn grow_old(&self, by: Duration) {
        let mut state = self.lock();
        state.fetched_at = state.fetched_at.and_then(|at| at.checked_sub(by));
        let milliseconds = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        self.trusted_until.fetch_sub(milliseconds, Ordering::AcqRel);
    }

    fn next_refresh(&self) -> Duration {
        next_refresh(self.refresh_every, self.lock().max_age)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn read_file(path: &Path) -> Result<Vec<u8>, String> {
    let metadata = tokio::fs::metadata(path).await.map_err(|error| error.to_string())?;
    if metadata.len() > MAX_BYTES as u64 {
        return Err("it is larger than 256 KiB".to_owned());
    }
    tokio::fs::read(path).await.map_err(|error| error.to_string())
}

/// Waits for a fetch to end, even without a result: the state says what came of it.
async fn ended(fetch: Follower<()>) {
    let (Ok(()) | Err(Lost)) = fetch.result().await;
}

/// Within 10 % of the time due, so that many instances do not ask at the same moment.
fn next_refresh(refresh_every: Duration, max_age: Option<Duration>) -> Duration {
    due(refresh_every, max_age).mul_f64(rand::random_range(0.9..1.1))
}

fn due(refresh_every: Duration, max_age: Option<Duration>) -> Duration {
    max_age.map_or(refresh_every, |age| age.max(REFRESH_AT_SOONEST).min(refresh_every))
}

#[cfg(test)]
mod tests;
