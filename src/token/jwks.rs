//! The pool's JWKS: fetched at liftoff, on a schedule, and when a token names an unknown key.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::sync::{Notify, watch};

use super::key_set::{Key, KeySet};
use super::verify::{Candidate, Expected, TokenError, VerifiedToken};
use crate::config::JwksSource;
use crate::error::Error;
use crate::http::Http;
use crate::report;

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
    in_flight: Option<watch::Receiver<()>>,
}

enum Found {
    Key(Arc<Key>),
    Unknown { last_attempt_failed: bool },
    NoKeys,
}

impl State {
    /// Whether there are keys that may be trusted still.
    fn is_usable(&self, now: Instant) -> bool {
        self.fetched_at.is_some_and(|at| now.saturating_duration_since(at) < MAX_STALE)
    }

    fn find(&self, kid: &str, now: Instant) -> Found {
        match &self.keys {
            Some(keys) if self.is_usable(now) => keys
                .get(kid)
                .map_or(Found::Unknown { last_attempt_failed: self.failure.is_some() }, Found::Key),
            _ => Found::NoKeys,
        }
    }

    /// A fetch under way. A closed channel is one whose task was lost.
    fn in_flight(&self) -> Option<watch::Receiver<()>> {
        self.in_flight.clone().filter(|waiting| waiting.has_changed().is_ok())
    }

    /// Whether the background task, if there is one, would have fetched by now.
    fn is_overdue(&self, refresh_every: Duration, now: Instant) -> bool {
        let overdue = due(refresh_every, self.max_age) * 6 / 5;
        self.fetched_at.is_none_or(|at| now.saturating_duration_since(at) >= overdue)
    }

    /// Whether an unknown key may cause a fetch now.
    fn is_rested(&self, now: Instant) -> bool {
        self.attempted_at.is_none_or(|at| now.saturating_duration_since(at) >= COOL_DOWN)
    }
}

impl Jwks {
    pub(crate) fn new(source: JwksSource, http: Http) -> Arc<Self> {
        let refresh_every = REFRESH_EVERY;
        Arc::new(Jwks { source, http, refresh_every, state: Mutex::default(), failed: Notify::new() })
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

    /// Judges a token completely: cheap checks, key, signature.
    pub(crate) async fn verify(
        self: &Arc<Self>,
        jwt: &str,
        expected: &Expected<'_>,
        now: u64,
    ) -> Result<Result<VerifiedToken, TokenError>, KeysUnavailable> {
        match Candidate::parse(jwt, expected, now) {
            Ok(candidate) => self.judge(candidate).await,
            Err(error) => Ok(Err(error)),
        }
    }

    /// As [`verify`](Self::verify), where no background task keeps the keys fresh: fetches them when that is due.
    pub(crate) async fn verify_on_demand(
        self: &Arc<Self>,
        jwt: &str,
        expected: &Expected<'_>,
        now: u64,
    ) -> Result<Result<VerifiedToken, TokenError>, KeysUnavailable> {
        match Candidate::parse(jwt, expected, now) {
            Ok(candidate) => {
                self.refresh_if_overdue().await;
                self.judge(candidate).await
            }
            // Nobody's nonsense causes a fetch.
            Err(error) => Ok(Err(error)),
        }
    }

    async fn judge(
        self: &Arc<Self>,
        candidate: Candidate<'_>,
    ) -> Result<Result<VerifiedToken, TokenError>, KeysUnavailable> {
        Ok(match self.key(candidate.kid()).await? {
            Some(key) => candidate.verify(&key),
            None => Err(TokenError::UnknownKey),
        })
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
    async fn refresh_if_overdue(self: &Arc<Self>) {
        let waiting = {
            let (mut state, now) = (self.lock(), Instant::now());
            if !state.is_overdue(self.refresh_every, now) {
                return;
            }
            let waiting = match state.in_flight() {
                Some(in_flight) => in_flight,
                None if state.is_rested(now) => self.start(&mut state),
                None => return,
            };
            // In an outage nobody waits while earlier keys serve.
            if state.failure.is_some() && state.is_usable(now) {
                return;
            }
            waiting
        };
        finished(waiting).await;
    }

    /// The key with this `kid`; `None` when the pool does not have it.
    async fn key(self: &Arc<Self>, kid: &str) -> Result<Option<Arc<Key>>, KeysUnavailable> {
        let waiting = {
            let mut state = self.lock();
            match state.find(kid, Instant::now()) {
                Found::Key(key) => return Ok(Some(key)),
                // The background task is retrying; a request would only add to the load.
                Found::NoKeys => return Err(KeysUnavailable),
                Found::Unknown { last_attempt_failed } => match state.in_flight() {
                    Some(in_flight) => in_flight,
                    None if state.is_rested(Instant::now()) => self.start(&mut state),
                    None if last_attempt_failed => return Err(KeysUnavailable),
                    None => return Ok(None),
                },
            }
        };
        finished(waiting).await;
        match self.lock().find(kid, Instant::now()) {
            Found::Key(key) => Ok(Some(key)),
            Found::Unknown { last_attempt_failed: false } => Ok(None),
            Found::Unknown { last_attempt_failed: true } | Found::NoKeys => Err(KeysUnavailable),
        }
    }

    /// Fetches once, or waits for a fetch under way. The error says why there are no new keys.
    pub(crate) async fn refresh(self: &Arc<Self>) -> Result<(), String> {
        let waiting = {
            let mut state = self.lock();
            match state.in_flight() {
                Some(in_flight) => in_flight,
                None => self.start(&mut state),
            }
        };
        finished(waiting).await;
        self.lock().failure.clone().map_or(Ok(()), Err)
    }

    /// Keeps the keys fresh until `stop` resolves: every hour or so, sooner after a failure.
    pub(crate) async fn keep_fresh(self: Arc<Self>, stop: impl Future<Output = ()>) {
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

    /// Starts a fetch in a task of its own: a visitor who goes away does not end it for the others.
    fn start(self: &Arc<Self>, state: &mut State) -> watch::Receiver<()> {
        let (done, waiting) = watch::channel(());
        state.in_flight = Some(waiting.clone());
        state.attempted_at = Some(Instant::now());
        let jwks = Arc::clone(self);
        tokio::spawn(async move {
            let result = jwks.fetch().await;
            let mut state = jwks.lock();
            let usable = state.is_usable(Instant::now());
            match result {
                Ok((keys, max_age)) => {
                    if state.failure.is_some() || state.keys.is_none() {
                        report::keys_loaded(keys.len());
                    }
                    let known = state.keys.as_ref().map_or(0, |keys| keys.left_out());
                    if keys.left_out() > known {
                        report::keys_left_out(keys.left_out());
                    }
                    state.keys = Some(Arc::new(keys));
                    state.fetched_at = Some(Instant::now());
                    state.max_age = max_age;
                    state.failure = None;
                }
                Err(reason) => {
                    report::keys_not_loaded(&jwks.source, &reason, usable);
                    state.failure = Some(reason);
                    jwks.failed.notify_one();
                }
            }
            state.in_flight = None;
            drop(done);
        });
        waiting
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

/// Waits for a fetch to end: its task drops the sender, however it ends.
async fn finished(mut waiting: watch::Receiver<()>) {
    while waiting.changed().await.is_ok() {}
}

/// Within 10 % of the time due, so that many instances do not ask at the same moment.
fn next_refresh(refresh_every: Duration, max_age: Option<Duration>) -> Duration {
    due(refresh_every, max_age).mul_f64(rand::random_range(0.9..1.1))
}

fn due(refresh_every: Duration, max_age: Option<Duration>) -> Duration {
    max_age.map_or(refresh_every, |age| age.max(REFRESH_AT_SOONEST).min(refresh_every))
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[test]
    fn keys_are_kept_for_a_day_and_unknown_ones_ask_again_after_ten_seconds() {
        let start = Instant::now();
        let later = |seconds| start + Duration::from_secs(seconds);
        let keys = KeySet::parse(include_bytes!("../../tests/data/jwks.json")).unwrap();
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

    #[test]
    fn the_schedule_heeds_cache_control_from_five_minutes_to_an_hour() {
        for (max_age, due) in [(None, 3600), (Some(0), 300), (Some(900), 900), (Some(86_400), 3600)] {
            for _ in 0..1_000 {
                let next = next_refresh(REFRESH_EVERY, max_age.map(Duration::from_secs)).as_secs_f64();
                assert!((0.9..1.1).contains(&(next / f64::from(due))), "{max_age:?}: {next}");
            }
        }
    }

    /// Without a background task.
    #[tokio::test]
    async fn on_demand_keys_are_fetched_anew_when_overdue_and_nobody_waits_in_an_outage() {
        let start = Instant::now();
        let state = State { fetched_at: Some(start), ..State::default() };
        let later = |seconds| start + Duration::from_secs(seconds);
        assert!(State::default().is_overdue(REFRESH_EVERY, start));
        for (max_age, overdue) in [(None, 4320), (Some(0), 360), (Some(86_400), 4320)] {
            let state = State { max_age: max_age.map(Duration::from_secs), ..state.clone() };
            assert!(!state.is_overdue(REFRESH_EVERY, later(overdue - 1)), "{max_age:?}");
            assert!(state.is_overdue(REFRESH_EVERY, later(overdue)), "{max_age:?}");
        }

        let name = format!("rocket_cognito-overdue-{}.json", std::process::id());
        let path = std::env::temp_dir().join(name);
        let whole = include_str!("../../tests/data/jwks.json");
        std::fs::write(&path, whole.replace("second", "another")).unwrap();
        let jwks = Jwks::new(JwksSource::File(path.clone()), Http::for_urls([], None).unwrap());
        let has = async |kid: &str| jwks.document().await.map(|keys| keys.to_string().contains(kid));
        // As if an hour and a half had passed, or more than a day.
        let age = |minutes: u64| {
            let mut state = jwks.lock();
            let at = Instant::now().checked_sub(Duration::from_secs(60 * minutes)).unwrap();
            (state.fetched_at, state.attempted_at) = (Some(at), Some(at));
        };
        assert_eq!(has("another").await, Ok(true));
        std::fs::write(&path, whole).unwrap();
        age(60);
        assert_eq!(has("second").await, Ok(false), "not overdue");
        age(90);
        assert_eq!(has("second").await, Ok(true), "whoever comes first waits for the new keys");

        std::fs::remove_file(&path).unwrap();
        age(90);
        assert_eq!(has("second").await, Ok(true), "earlier keys serve");
        assert!(jwks.lock().failure.is_some());
        jwks.lock().attempted_at = None;
        let (held, waiting) = watch::channel(());
        jwks.lock().in_flight = Some(waiting);
        assert_eq!(has("second").await, Ok(true), "though a fetch is under way that never ends");
        drop(held);
        age(24 * 60);
        assert_eq!(has("second").await, Err(KeysUnavailable));
        std::fs::write(&path, whole).unwrap();
        assert_eq!(has("second").await, Err(KeysUnavailable), "the last attempt was just now");
        age(24 * 60);
        assert_eq!(has("second").await, Ok(true));
        std::fs::remove_file(&path).unwrap();
    }

    #[tokio::test]
    async fn the_next_fetch_is_when_the_last_answer_says() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/jwks.json", listener.local_addr().unwrap());
        let answering = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let body = include_str!("../../tests/data/jwks.json");
            let head = format!(
                "HTTP/1.1 200 OK\r\nCache-Control: public, max-age=600\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            let mut request = [0; 4096];
            assert!(stream.read(&mut request).await.unwrap() > 0);
            stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
        });
        let jwks = Jwks::new(JwksSource::Url(url), Http::for_urls([], None).unwrap());
        assert!((3240.0..3960.0).contains(&jwks.next_refresh().as_secs_f64()), "hourly");
        assert_eq!(jwks.refresh().await, Ok(()));
        assert!((540.0..660.0).contains(&jwks.next_refresh().as_secs_f64()), "in ten minutes");
        answering.await.unwrap();
    }

    #[tokio::test]
    async fn keys_are_fetched_anew_on_schedule_and_soon_after_a_failure() {
        let name = format!("rocket_cognito-schedule-{}.json", std::process::id());
        let path = std::env::temp_dir().join(name);
        let whole = include_str!("../../tests/data/jwks.json");
        std::fs::write(&path, whole.replace("second", "another")).unwrap();
        let jwks = Arc::new(Jwks {
            source: JwksSource::File(path.clone()),
            http: Http::for_urls([], None).unwrap(),
            refresh_every: Duration::from_millis(20),
            state: Mutex::default(),
            failed: Notify::new(),
        });
        assert_eq!(jwks.refresh().await, Ok(()));
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let keeping = tokio::spawn(Arc::clone(&jwks).keep_fresh(async { drop(stopped.await) }));
        let has = |kid: &'static str| {
            let jwks = Arc::clone(&jwks);
            async move {
                while !matches!(jwks.lock().find(kid, Instant::now()), Found::Key(_)) {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            }
        };
        let soon = |wait| tokio::time::timeout(Duration::from_secs(30), wait);
        soon(has("another")).await.unwrap();

        std::fs::write(&path, "nonsense").unwrap();
        let failure = async {
            while jwks.lock().failure.is_none() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), failure).await.unwrap();
        assert!(matches!(jwks.lock().find("another", Instant::now()), Found::Key(_)));

        std::fs::write(&path, whole).unwrap();
        soon(has("second")).await.unwrap();
        drop(stop);
        keeping.await.unwrap();
        std::fs::remove_file(&path).unwrap();
    }
}
